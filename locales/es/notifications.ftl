# Lo que se comunica a las cuentas en la tienda y por correo: de cada clase un título y un texto.

gone-product = un producto que ya no existe
order-paid-title = El pedido { $number } está pagado
order-paid-body = { $gifts ->
        [0] Gracias. Lo que ha comprado está en su biblioteca; el recibo llega por correo.
       *[other] Gracias. Su regalo se enviará en su momento; el recibo llega por correo.
    }
order-refunded-title = Reembolso del pedido { $number }
order-refunded-body = Se le devuelven { $amount } del pedido { $number }.
download-ready-title = { $released ->
        [0] { $product } es suyo
       *[other] { $product } ya está aquí
    }
download-ready-body = { $released ->
        [0] { $product } está en su biblioteca.
       *[other] { $product } se ha publicado y se puede descargar desde su biblioteca.
    }
gift-received-title = Le han regalado algo
gift-received-body = Le espera un regalo. Canjéelo con el enlace que se le envió por correo.
gift-claimed-title = Su regalo se ha canjeado
gift-claimed-body = Lo que regaló ya está en la biblioteca de alguien.
build-released-title = { $product }: versión { $version }
build-released-body = La versión { $version } de { $product } se puede descargar desde su biblioteca.
wishlist-price-drop-title = { $product } cuesta menos
wishlist-price-drop-body = { $product }, de su lista de deseos, cuesta ahora { $amount } en lugar de { $before }.
wishlist-release-title = { $product } ya está aquí
wishlist-release-body = { $product }, de su lista de deseos, ya está disponible.
wishlist-sale-ending-title = Último día de la oferta de { $product }
wishlist-sale-ending-body = { $product }, de su lista de deseos, cuesta menos hasta el { $at }.
review-answered-title = Respuesta a su reseña de { $product }
review-answered-body = La editorial ha respondido a lo que escribió sobre { $product }.
new-device-title = Un nuevo inicio de sesión en su cuenta
new-device-body = Alguien ha iniciado sesión en su cuenta con un dispositivo que no se había usado antes. Si no ha sido usted, cambie su contraseña de inmediato.
password-changed-title = Se ha cambiado su contraseña
password-changed-body = Se ha cambiado la contraseña de su cuenta. Si no ha sido usted, pida un enlace con «contraseña olvidada» y elija una nueva.
email-changed-title = Se ha cambiado su dirección
email-changed-body = Su cuenta tiene otra dirección de correo. Si no ha sido usted, diríjase de inmediato a nuestro servicio de ayuda.
second-factor-added-title = Se ha configurado un segundo factor
second-factor-added-body = Iniciar sesión en su cuenta pide desde ahora un segundo factor. Si no ha sido usted, cambie su contraseña de inmediato.
second-factor-removed-title = Se ha quitado su segundo factor
second-factor-removed-body = Iniciar sesión en su cuenta ya no pide un segundo factor. Si no ha sido usted, cambie su contraseña de inmediato.
recovery-code-used-title = Se ha usado un código de recuperación
recovery-code-used-body = Alguien ha iniciado sesión en su cuenta con un código de recuperación. Si no ha sido usted, cambie su contraseña de inmediato.
passkey-added-title = Se ha añadido una llave de acceso
passkey-added-body = Una nueva llave de acceso abre su cuenta. Si no ha sido usted, quítela y cambie su contraseña de inmediato.
passkey-removed-title = Se ha quitado una llave de acceso
passkey-removed-body = Una llave de acceso ya no abre su cuenta. Si no ha sido usted, cambie su contraseña de inmediato.
api-key-created-title = Se ha creado una clave de API
api-key-created-body = Una nueva clave de API puede actuar como su cuenta. Si no ha sido usted, revóquela y cambie su contraseña de inmediato.
sign-in-linked-title = Se ha vinculado un inicio de sesión
sign-in-linked-body = Se puede iniciar sesión en su cuenta a través de otro proveedor. Si no ha sido usted, cambie su contraseña de inmediato.
token-reused-title = Se ha cerrado la sesión de un dispositivo por seguridad
token-reused-body = El secreto con el que uno de sus dispositivos mantiene la sesión se ha usado dos veces, como si lo hubieran copiado. Se ha cerrado la sesión de ese dispositivo.
order-disputed-title = El pedido { $number } está en disputa
order-disputed-body = Quien compró el pedido { $number } ha recuperado el dinero a través del proveedor de pagos.
payment-flagged-title = Hay que revisar un pago
payment-flagged-body = { $orders ->
        [0] El proveedor de pagos comunica un pago que las cuentas de la tienda no conocen: { $reason }.
       *[other] Lo que el proveedor de pagos comunica del pedido { $number } no cuadra con las cuentas de la tienda: { $reason }.
    }
license-pool-low-title = Quedan pocas claves de licencia de { $product }
license-pool-low-body = { $available ->
        [one] Queda { $available } clave de licencia de { $product }.
       *[other] Quedan { $available } claves de licencia de { $product }.
    }
check-failed-title = La tienda no está como debería
check-failed-body = { $violations ->
        [one] No se cumple { $violations } invariante. El registro y «mist check» lo nombran.
       *[other] No se cumplen { $violations } invariantes. El registro y «mist check» los nombran.
    }
review-reported-title = Se ha denunciado una reseña de { $product }
review-reported-body = Alguien ha denunciado una reseña de { $product }. Espera su decisión.
webhook-disabled-title = Se ha desactivado un webhook
webhook-disabled-body = { $reason ->
        [gone] El punto de recepción en { $host } responde que ya no existe. No se le comunicará nada más hasta que un administrador lo active.
       *[failing] El punto de recepción en { $host } lleva días sin aceptar nada. No se le comunicará nada más hasta que un administrador lo active.
    }
