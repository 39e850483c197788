always_on = no se puede desactivar, porque protege la cuenta
conflicting = no debe enviarse junto con `password`
consent_required = debe ser verdadero: la entrega empieza de inmediato
damaged_picture = está dañado
duplicate = aparece dos veces
duplicate-once = solo puede aparecer una vez
duplicate-price = indica un segundo precio para la misma moneda y el mismo país
duplicate-spelling = ya aparece con otra grafía
empty_order = debe indicar algo que comprar
ends_before_start = debe ser posterior a `starts_at`
invalid = no encaja: { $reason }
invalid-utf8 = debe estar en UTF-8
invalid_choice = debe ser uno de estos valores: { $choices }
invalid_choice-relevance = solo ordena por relevancia con `q`
invalid_code = debe constar de letras, dígitos, guiones y guiones bajos
invalid_country = no es un país de la norma ISO 3166-1 (alpha-2)
invalid_credentials = no es su contraseña
invalid_currency = no es una moneda de la norma ISO 4217
invalid_date = no es una fecha con la forma 2026-11-22
invalid_email = no es una dirección de correo electrónico
invalid_file_name = debe ser un nombre de archivo simple: sin barra, barra invertida ni caracteres de control
invalid_idempotency_key = debe aparecer una vez y tener de 1 a { $most } caracteres ASCII visibles
invalid_license_key = debe tener de 4 a 256 caracteres ASCII visibles
invalid_locale = no es una etiqueta de idioma BCP 47
invalid_passkey = no es lo que se pidió
invalid_passkey-answer = no es la respuesta de un autenticador
invalid_slug = debe constar de letras minúsculas y cifras, separadas por guiones simples
invalid_text = debe ser una sola línea sin caracteres de control
invalid_text-prose = debe ser texto sin formato ni caracteres de control
invalid_time = no es una hora según la RFC 3339, por ejemplo 2026-11-22T09:30:00Z
invalid_token = ya no es válido; pida uno nuevo
invalid_totp = no es el código actual
invalid_url = debe ser una dirección https o una de esta tienda
invalid_url-media = no es una dirección http o https de como máximo { $most } bytes
invalid_url-whole = no es una dirección completa, como https://…
invalid_uuid = no es un UUID
is_bundle = es un lote: dé lo que contiene
itself = no puede ser el propio producto
nested-add_on = sería un complemento de un complemento
nested-bundle = sería un lote dentro de un lote
nested-edition = sería una edición de una edición
no_price = no contienen ningún precio
not_allowed = no es de la tienda ni figura en su configuración
not_grouped = debe ser `product`, `country` o `platform` para las ventas
not_https = debe ser una dirección https
not_in_order = no es un producto de este pedido
not_offered = no está configurado para este proveedor
not_published = contiene lo que no está en la tienda
not_to_come = requiere una fecha de lanzamiento futura y nada que entregar todavía
nothing_to_choose = no lo elige el comprador: esto tiene un precio
nothing_to_choose-without = debe ir con `pay_what_you_want`
nothing_to_deliver = no contienen ninguna versión publicada, ni hay claves de licencia ni una fecha de lanzamiento futura
nul_character = no debe contener el carácter NUL
one_of = debe estar presente, o bien `all` ser true, y no ambos
other_currency = debe estar en la moneda del pedido
out_of_range = debe estar entre { $least } y { $most }
out_of_range-after_start = debe ser posterior al inicio
out_of_range-ahead = debe estar como máximo { $most ->
        [one] { $most } día
       *[other] { $most } días
    } en el futuro
out_of_range-fraction = está fuera de los límites
out_of_range-future = debe estar en el futuro
out_of_range-large = es demasiado grande
out_of_range-lasting = debe estar como máximo { $most ->
        [one] { $most } día
       *[other] { $most } días
    } después del inicio
out_of_range-least = debe ser como mínimo { $least }
out_of_range-most = debe ser como máximo { $most }
out_of_range-zero = no debe ser 0
percent_or_amount = se indica, o bien `amount`, pero no ambos
picture_too_large = tiene más píxeles de los admitidos
port_not_allowed = indica un puerto que no es de ningún servidor web
private_address = lleva a una red que no es pública
repeated_parameter = solo puede indicarse una vez
required = es obligatorio
required-blank = no debe quedar en blanco
required-empty = no debe estar vacío
required-or_code = debe indicarse, o en su lugar `totp_code`
required-there = debe estar presente
too_deep = está anidado a demasiada profundidad
too_deep-most = no debe estar anidado a más de { $most ->
        [one] { $most } nivel
       *[other] { $most } niveles
    }
too_few = tiene muy pocos elementos
too_long = debe tener como máximo { $most ->
        [one] { $most } carácter
       *[other] { $most } caracteres
    }
too_long-bytes = debe tener como máximo { $most ->
        [one] { $most } byte
       *[other] { $most } bytes
    }
too_long-json = debe tener como máximo { $most ->
        [one] { $most } byte
       *[other] { $most } bytes
    } de JSON
too_many = debe tener como máximo { $most ->
        [one] { $most } elemento
       *[other] { $most } elementos
    }
too_many-words = debe tener como máximo { $most ->
        [one] { $most } palabra
       *[other] { $most } palabras
    }
too_many_rows = daría más de { $most } filas: pida menos tiempo o intervalos más largos
too_short = debe tener al menos { $least ->
        [one] { $least } carácter
       *[other] { $least } caracteres
    }
too_short-bytes = debe tener al menos { $least ->
        [one] { $least } byte
       *[other] { $least } bytes
    }
too_weak = es de lo primero que se adivinaría
unknown_category = no existe
unknown_ceremony = es desconocido, ya se ha utilizado o es demasiado antiguo
unknown_field = no es un campo válido aquí
unknown_field-form = no se conoce aquí
unknown_parameter = no es un parámetro de consulta válido aquí
unknown_product = no es un producto de esta tienda
unknown_provider = indica `{ $provider }`, que no está configurado en esta tienda
wrong_type = debe ser de otro tipo
wrong_type-boolean = debe ser true o false
wrong_type-boolean_or_null = debe ser true, false o null
wrong_type-list = debe ser una lista
wrong_type-list_or_null = debe ser una lista o null
wrong_type-null = debe ser null
wrong_type-number = debe ser un número
wrong_type-number_or_null = debe ser un número o null
wrong_type-object = debe ser un objeto
wrong_type-object_or_null = debe ser un objeto o null
wrong_type-text = debe ser un texto
wrong_type-text_or_null = debe ser un texto o null
wrong_type-whole = debe ser un número entero
wrong_type-whole_or_null = debe ser un número entero o null
