greeting = Hola:
greeting-name = Hola, { $name }:
link-address = Si no funciona, abra esta dirección: { $url }
device-time = Hora
device-signed-in = Inicio de sesión
device-address = Dirección IP
device-name = Dispositivo
verify-email-subject = { $store }: confirme su dirección
verify-email-intro = Confirme que esta dirección es suya con este enlace, válido durante { $lasts }:
verify-email-link = Confirmar mi dirección
verify-email-closing = Si no se ha registrado en { $store }, ignore este mensaje.
confirm-email-subject = { $store }: confirme su nueva dirección
confirm-email-intro = Esta va a ser la dirección de su cuenta. Confírmela con este enlace, válido durante { $lasts }:
confirm-email-link = Confirmar mi nueva dirección
confirm-email-closing = Si no lo ha solicitado, ignore este mensaje: no se cambiará nada.
email-changing-subject = { $store }: se está cambiando su dirección
email-changing-intro = Alguien que conoce su contraseña ha pedido otra dirección para su cuenta. El cambio surtirá efecto cuando se confirme la nueva dirección.
email-changing-closing = Si no ha sido usted, cambie su contraseña de inmediato: eso detiene el cambio y cierra la sesión en los demás dispositivos.
reset-password-subject = { $store }: elija una contraseña nueva
reset-password-intro = Alguien, probablemente usted, ha olvidado la contraseña de su cuenta. Elija una nueva con este enlace, válido una sola vez, durante { $lasts }:
reset-password-link = Elegir una contraseña nueva
reset-password-closing = Si no lo ha solicitado, ignore este mensaje: su contraseña no cambia.
password-changed-subject = { $store }: se ha cambiado su contraseña
password-changed-intro = Se ha cambiado la contraseña de su cuenta.
password-changed-closing = Si no ha sido usted, pida un enlace en «contraseña olvidada» y elija de inmediato una contraseña nueva.
second-factor-removed-subject = { $store }: se ha retirado su segundo factor
second-factor-removed-intro = El inicio de sesión en su cuenta ya no pide un segundo factor.
second-factor-removed-closing = Si no lo ha hecho usted ni lo ha pedido a nuestro equipo de asistencia, pida un enlace en «contraseña olvidada», elija de inmediato una contraseña nueva y vuelva a configurar un segundo factor.
new-device-subject = { $store }: nuevo inicio de sesión en su cuenta
new-device-intro = Alguien ha iniciado sesión en su cuenta en un dispositivo en el que no se había utilizado antes:
new-device-closing = Si ha sido usted, no tiene que hacer nada. Si no, cambie su contraseña de inmediato, lo que cierra la sesión en los demás dispositivos.
token-reused-subject = { $store }: se ha cerrado la sesión en un dispositivo por seguridad
token-reused-intro = El secreto que mantiene la sesión abierta en uno de sus dispositivos se ha utilizado dos veces, como si se hubiera copiado. Se ha cerrado la sesión en ese dispositivo:
token-reused-closing = Inicie sesión de nuevo. Si no sabe por qué ha ocurrido, cambie su contraseña, lo que cierra la sesión en los demás dispositivos.
receipt-subject = { $store }: recibo del pedido { $number }
receipt-intro = Gracias por su compra.
receipt-order = Pedido { $number }, pagado el { $day }
receipt-discount = Descuento
receipt-total = Total
receipt-tax = Impuestos incluidos
receipt-credit = Pagado con saldo de la tienda
receipt-closing = Lo que ha comprado está en su biblioteca:
receipt-library = Lo que ha comprado está en su biblioteca.
receipt-gift = En su momento se enviará por correo a quien se lo regala.
gift-subject = { $store }: { $giver } tiene un regalo para usted
gift-intro = { $giver } ha comprado esto para usted en { $store }:
gift-words = Con estas palabras:
gift-claim = Inicie sesión o regístrese, y añádalo a su biblioteca con este enlace, que funciona una vez:
gift-link = Canjear mi regalo
gift-closing = Quien tenga el enlace puede canjearlo. Si no sabe quién se lo envía, ignore este correo.
withdrawal-subject = { $store }: hemos recibido su desistimiento del pedido { $number }
withdrawal-intro = Recibimos su desistimiento el { $time }. Dice así:
withdrawal-statement = Por la presente, yo, { $name }, desisto de mi contrato sobre los productos abajo indicados del pedido { $number } del { $day }.
withdrawal-refund = Se le devuelve
withdrawal-closing = El dinero se devuelve por la vía por la que se pagó. Guarde este mensaje: acredita que desistió y cuándo.
notification-unsubscribe = Para no recibir más correos como este, abra esta dirección:
notification-unsubscribe-link = No recibir más
lasting = { $unit ->
        [days] { $count ->
            [one] { $count } día
           *[other] { $count } días
        }
        [hours] { $count ->
            [one] { $count } hora
           *[other] { $count } horas
        }
       *[minutes] { $count ->
            [one] { $count } minuto
           *[other] { $count } minutos
        }
    }
day = { $day } de { $month ->
        [1] enero
        [2] febrero
        [3] marzo
        [4] abril
        [5] mayo
        [6] junio
        [7] julio
        [8] agosto
        [9] septiembre
        [10] octubre
        [11] noviembre
       *[12] diciembre
    } de { $year }
minute = { $day }, { $clock } (UTC)
money = { $amount } { $currency }
group-mark = .
decimal-mark = ,
pair = { $label }: { $value }
