always_on = kann nicht abgeschaltet werden, denn es hält das Konto sicher
conflicting = darf nicht zusammen mit `password` angegeben werden
consent_required = muss wahr sein: Die Lieferung beginnt sofort
damaged_picture = ist beschädigt
duplicate = ist doppelt angegeben
duplicate-once = darf nur einmal vorkommen
duplicate-price = nennt einen zweiten Preis für dieselbe Währung und dasselbe Land
duplicate-spelling = kommt schon in anderer Schreibweise vor
empty_order = muss etwas nennen, das gekauft werden soll
ends_before_start = muss nach `starts_at` liegen
invalid = passt nicht: { $reason }
invalid-utf8 = muss UTF-8 sein
invalid_choice = muss einer dieser Werte sein: { $choices }
invalid_choice-relevance = ordnet nur zusammen mit `q` nach Relevanz
invalid_code = muss aus Buchstaben, Ziffern, Binde- und Unterstrichen bestehen
invalid_country = ist kein Land nach ISO 3166-1 (alpha-2)
invalid_credentials = ist nicht Ihr Passwort
invalid_currency = ist keine Währung nach ISO 4217
invalid_date = ist kein Datum der Form 2026-11-22
invalid_email = ist keine E-Mail-Adresse
invalid_file_name = muss ein einfacher Dateiname sein: ohne Schrägstrich, umgekehrten Schrägstrich und Steuerzeichen
invalid_idempotency_key = muss einmal vorkommen und aus 1 bis { $most } sichtbaren ASCII-Zeichen bestehen
invalid_license_key = muss aus 4 bis 256 sichtbaren ASCII-Zeichen bestehen
invalid_locale = ist kein Sprachkürzel nach BCP 47
invalid_passkey = ist nicht, was verlangt wurde
invalid_passkey-answer = ist keine Antwort eines Authentifikators
invalid_slug = muss aus Kleinbuchstaben und Ziffern mit einzelnen Bindestrichen dazwischen bestehen
invalid_text = muss eine einzige Zeile ohne Steuerzeichen sein
invalid_text-prose = muss reiner Text ohne Steuerzeichen sein
invalid_time = ist keine Zeitangabe nach RFC 3339, etwa 2026-11-22T09:30:00Z
invalid_token = ist nicht mehr gültig; fordern Sie einen neuen Link an
invalid_totp = ist nicht der derzeit gültige Code
invalid_url = muss eine https-Adresse oder eine dieses Shops sein
invalid_url-media = ist keine Adresse mit http oder https von höchstens { $most } Bytes
invalid_url-whole = ist keine vollständige Adresse wie https://…
invalid_uuid = ist keine UUID
is_bundle = ist ein Bundle: geben Sie, was es enthält
itself = darf nicht das Produkt selbst sein
nested-add_on = wäre eine Erweiterung einer Erweiterung
nested-bundle = wäre ein Bundle in einem Bundle
nested-edition = wäre eine Edition einer Edition
no_price = enthält noch keinen Preis
not_allowed = gehört weder zum Shop noch zu seinen Einstellungen
not_grouped = muss bei Verkäufen `product`, `country` oder `platform` sein
not_https = muss eine https-Adresse sein
not_in_order = ist kein Produkt dieser Bestellung
not_offered = ist für diesen Zahlungsanbieter nicht eingerichtet
not_published = enthält, was nicht im Store ist
not_to_come = braucht ein künftiges Erscheinungsdatum, und es darf noch nichts auszuliefern sein
nothing_to_choose = wählt nicht der Käufer: Hierfür gibt es einen Preis
nothing_to_choose-without = muss mit `pay_what_you_want` kommen
nothing_to_deliver = enthält weder einen veröffentlichten Build, noch gibt es Lizenzschlüssel oder ein künftiges Erscheinungsdatum
nul_character = darf das Zeichen NUL nicht enthalten
one_of = muss da sein, oder aber `all` ist wahr, und nicht beides
other_currency = muss in der Währung der Bestellung sein
out_of_range = muss zwischen { $least } und { $most } liegen
out_of_range-after_start = muss nach dem Beginn liegen
out_of_range-ahead = darf höchstens { $most ->
        [one] { $most } Tag
       *[other] { $most } Tage
    } in der Zukunft liegen
out_of_range-fraction = liegt außerhalb des erlaubten Bereichs
out_of_range-future = muss in der Zukunft liegen
out_of_range-large = ist zu groß
out_of_range-lasting = darf höchstens { $most ->
        [one] { $most } Tag
       *[other] { $most } Tage
    } nach dem Beginn liegen
out_of_range-least = muss mindestens { $least } sein
out_of_range-most = darf höchstens { $most } sein
out_of_range-zero = darf nicht 0 sein
percent_or_amount = wird angegeben, oder `amount`, aber nicht beides
picture_too_large = hat mehr Bildpunkte, als angenommen werden
port_not_allowed = nennt einen Port, den kein Webserver hat
private_address = führt in ein nicht öffentliches Netz
repeated_parameter = darf nur einmal angegeben werden
required = ist erforderlich
required-blank = darf nicht nur aus Leerraum bestehen
required-empty = darf nicht leer sein
required-or_code = muss angegeben werden, oder stattdessen `totp_code`
required-there = muss vorhanden sein
too_deep = ist zu tief verschachtelt
too_deep-most = darf nicht tiefer als { $most ->
        [one] { $most } Ebene
       *[other] { $most } Ebenen
    } verschachtelt sein
too_few = hat zu wenige Einträge
too_long = darf höchstens { $most } Zeichen lang sein
too_long-bytes = darf höchstens { $most ->
        [one] { $most } Byte
       *[other] { $most } Bytes
    } lang sein
too_long-json = darf als JSON höchstens { $most ->
        [one] { $most } Byte
       *[other] { $most } Bytes
    } lang sein
too_many = darf höchstens { $most ->
        [one] { $most } Eintrag
       *[other] { $most } Einträge
    } haben
too_many-words = darf höchstens { $most ->
        [one] { $most } Wort
       *[other] { $most } Wörter
    } haben
too_many_rows = ergäbe mehr als { $most } Zeilen: Fragen Sie nach weniger Zeit oder längeren Abschnitten
too_short = muss mindestens { $least } Zeichen lang sein
too_short-bytes = muss mindestens { $least ->
        [one] { $least } Byte
       *[other] { $least } Bytes
    } lang sein
too_weak = gehört zu den ersten, die erraten würden
unknown_category = gibt es nicht
unknown_ceremony = ist unbekannt, verbraucht oder zu alt
unknown_field = ist hier kein Feld
unknown_field-form = ist hier nicht bekannt
unknown_parameter = ist hier kein Abfrageparameter
unknown_product = ist kein Produkt dieses Shops
unknown_provider = nennt `{ $provider }`, was in diesem Shop nicht eingerichtet ist
wrong_type = muss von einem anderen Typ sein
wrong_type-boolean = muss true oder false sein
wrong_type-boolean_or_null = muss true, false oder null sein
wrong_type-list = muss eine Liste sein
wrong_type-list_or_null = muss eine Liste oder null sein
wrong_type-null = muss null sein
wrong_type-number = muss eine Zahl sein
wrong_type-number_or_null = muss eine Zahl oder null sein
wrong_type-object = muss ein Objekt sein
wrong_type-object_or_null = muss ein Objekt oder null sein
wrong_type-text = muss ein Text sein
wrong_type-text_or_null = muss ein Text oder null sein
wrong_type-whole = muss eine ganze Zahl sein
wrong_type-whole_or_null = muss eine ganze Zahl oder null sein
