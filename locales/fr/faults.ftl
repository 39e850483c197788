always_on = ne peut pas être désactivé, car cela protège le compte
conflicting = ne doit pas accompagner `password`
consent_required = doit être vrai : la livraison commence immédiatement
damaged_picture = est endommagé
duplicate = est indiqué deux fois
duplicate-once = ne peut figurer qu’une fois
duplicate-price = indique un second prix pour la même devise et le même pays
duplicate-spelling = figure déjà sous une autre graphie
empty_order = doit indiquer quelque chose à acheter
ends_before_start = doit être postérieur à `starts_at`
invalid = ne convient pas : { $reason }
invalid-utf8 = doit être en UTF-8
invalid_choice = doit être l’une de ces valeurs : { $choices }
invalid_choice-relevance = ne trie par pertinence qu’avec `q`
invalid_code = doit être composé de lettres, chiffres, traits d’union et tirets bas
invalid_country = n’est pas un pays de l’ISO 3166-1 (alpha-2)
invalid_credentials = n’est pas votre mot de passe
invalid_currency = n’est pas une devise de l’ISO 4217
invalid_date = n’est pas une date de la forme 2026-11-22
invalid_email = n’est pas une adresse e-mail
invalid_file_name = doit être un simple nom de fichier : sans barre oblique, barre inversée ni caractère de contrôle
invalid_idempotency_key = doit figurer une fois et comporter de 1 à { $most } caractères ASCII visibles
invalid_license_key = doit compter de 4 à 256 caractères ASCII visibles
invalid_locale = n’est pas une étiquette de langue BCP 47
invalid_passkey = n’est pas ce qui a été demandé
invalid_passkey-answer = n’est pas la réponse d’un authentificateur
invalid_slug = doit se composer de lettres minuscules et de chiffres, séparés par des traits d’union simples
invalid_text = doit tenir sur une ligne, sans caractères de contrôle
invalid_text-prose = doit être du texte brut, sans caractères de contrôle
invalid_time = n’est pas une heure selon la RFC 3339, par exemple 2026-11-22T09:30:00Z
invalid_token = n’est plus valable ; demandez-en un nouveau
invalid_totp = n’est pas le code actuel
invalid_url = doit être une adresse https ou une adresse de cette boutique
invalid_url-media = n’est pas une adresse http ou https d’au plus { $most } octets
invalid_url-whole = n’est pas une adresse complète, telle que https://…
invalid_uuid = n’est pas un UUID
is_bundle = est un lot : donnez ce qu’il contient
itself = ne peut pas être le produit lui-même
nested-add_on = serait l’extension d’une extension
nested-bundle = serait un lot dans un lot
nested-edition = serait l’édition d’une édition
no_price = ne contient aucun prix
not_allowed = n’appartient ni à la boutique ni à ses réglages
not_grouped = doit être `product`, `country` ou `platform` pour les ventes
not_https = doit être une adresse https
not_in_order = n’est pas un produit de cette commande
not_offered = n’est pas configuré pour ce prestataire
not_published = contient ce qui n’est pas en vente
not_to_come = demande une date de sortie à venir et encore rien à livrer
nothing_to_choose = n’est pas au choix de l’acheteur : ceci a un prix
nothing_to_choose-without = doit accompagner `pay_what_you_want`
nothing_to_deliver = ne contient aucune version publiée, et il n’y a ni clés de licence ni date de sortie à venir
nul_character = ne doit pas contenir le caractère NUL
one_of = doit être présent, ou bien `all` vaut true, mais pas les deux
other_currency = doit être dans la devise de la commande
out_of_range = doit être compris entre { $least } et { $most }
out_of_range-after_start = doit être postérieur au début
out_of_range-ahead = doit être dans au plus { $most ->
        [one] { $most } jour
       *[other] { $most } jours
    }
out_of_range-fraction = est hors des limites
out_of_range-future = doit être dans le futur
out_of_range-large = est trop grand
out_of_range-lasting = doit suivre le début d’au plus { $most ->
        [one] { $most } jour
       *[other] { $most } jours
    }
out_of_range-least = doit être d’au moins { $least }
out_of_range-most = doit être d’au plus { $most }
out_of_range-zero = ne doit pas être 0
percent_or_amount = est à indiquer, ou bien `amount`, mais pas les deux
picture_too_large = a plus de pixels que la limite acceptée
port_not_allowed = indique un port qui n’est celui d’aucun serveur web
private_address = mène dans un réseau qui n’est pas public
repeated_parameter = ne peut être indiqué qu’une fois
required = est obligatoire
required-blank = ne doit pas être vide ni composé d’espaces
required-empty = ne doit pas être vide
required-or_code = doit être indiqué, ou à défaut `totp_code`
required-there = doit être présent
too_deep = est imbriqué trop profondément
too_deep-most = ne doit pas être imbriqué sur plus de { $most ->
        [one] { $most } niveau
       *[other] { $most } niveaux
    }
too_few = comporte trop peu d’éléments
too_long = doit comporter au plus { $most ->
        [one] { $most } caractère
       *[other] { $most } caractères
    }
too_long-bytes = doit comporter au plus { $most ->
        [one] { $most } octet
       *[other] { $most } octets
    }
too_long-json = doit comporter au plus { $most ->
        [one] { $most } octet
       *[other] { $most } octets
    } de JSON
too_many = doit comporter au plus { $most ->
        [one] { $most } élément
       *[other] { $most } éléments
    }
too_many-words = doit comporter au plus { $most ->
        [one] { $most } mot
       *[other] { $most } mots
    }
too_many_rows = donnerait plus de { $most } lignes : demandez une période plus courte ou des intervalles plus longs
too_short = doit comporter au moins { $least ->
        [one] { $least } caractère
       *[other] { $least } caractères
    }
too_short-bytes = doit comporter au moins { $least ->
        [one] { $least } octet
       *[other] { $least } octets
    }
too_weak = fait partie des premiers que l’on devinerait
unknown_category = n’existe pas
unknown_ceremony = est inconnu, déjà utilisé ou trop ancien
unknown_field = n’est pas un champ valable ici
unknown_field-form = n’est pas connu ici
unknown_parameter = n’est pas un paramètre de requête valable ici
unknown_product = n’est pas un produit de cette boutique
unknown_provider = indique `{ $provider }`, qui n’est pas configuré dans cette boutique
wrong_type = doit être d’un autre type
wrong_type-boolean = doit être true ou false
wrong_type-boolean_or_null = doit être true, false ou null
wrong_type-list = doit être une liste
wrong_type-list_or_null = doit être une liste ou null
wrong_type-null = doit être null
wrong_type-number = doit être un nombre
wrong_type-number_or_null = doit être un nombre ou null
wrong_type-object = doit être un objet
wrong_type-object_or_null = doit être un objet ou null
wrong_type-text = doit être un texte
wrong_type-text_or_null = doit être un texte ou null
wrong_type-whole = doit être un nombre entier
wrong_type-whole_or_null = doit être un nombre entier ou null
