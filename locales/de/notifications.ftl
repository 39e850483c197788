# Was Konten im Laden und per E-Mail mitgeteilt wird: zu jeder Art ein Titel und ein Text.

gone-product = ein Produkt, das es nicht mehr gibt
order-paid-title = Bestellung { $number } ist bezahlt
order-paid-body = { $gifts ->
        [0] Vielen Dank. Was Sie gekauft haben, steht in Ihrer Bibliothek; die Quittung kommt per E-Mail.
       *[other] Vielen Dank. Ihr Geschenk wird zu seiner Zeit verschickt; die Quittung kommt per E-Mail.
    }
order-refunded-title = Geld aus Bestellung { $number } wurde erstattet
order-refunded-body = { $amount } aus Bestellung { $number } sind auf dem Weg zu Ihnen zurück.
download-ready-title = { $released ->
        [0] { $product } gehört Ihnen
       *[other] { $product } ist erschienen
    }
download-ready-body = { $released ->
        [0] { $product } steht in Ihrer Bibliothek.
       *[other] { $product } ist erschienen und kann aus Ihrer Bibliothek heruntergeladen werden.
    }
gift-received-title = Sie wurden beschenkt
gift-received-body = Ein Geschenk wartet auf Sie. Lösen Sie es mit dem Link ein, der Ihnen per E-Mail geschickt wurde.
gift-claimed-title = Ihr Geschenk wurde eingelöst
gift-claimed-body = Was Sie verschenkt haben, steht jetzt in jemandes Bibliothek.
build-released-title = { $product }: Version { $version }
build-released-body = Version { $version } von { $product } kann aus Ihrer Bibliothek heruntergeladen werden.
wishlist-price-drop-title = { $product } kostet weniger
wishlist-price-drop-body = { $product } von Ihrer Wunschliste kostet jetzt { $amount } statt { $before }.
wishlist-release-title = { $product } ist da
wishlist-release-body = { $product } von Ihrer Wunschliste ist jetzt erhältlich.
wishlist-sale-ending-title = Letzter Tag des Angebots: { $product }
wishlist-sale-ending-body = { $product } von Ihrer Wunschliste kostet noch bis { $at } weniger.
review-answered-title = Ihre Rezension zu { $product } wurde beantwortet
review-answered-body = Der Anbieter hat auf das geantwortet, was Sie über { $product } geschrieben haben.
new-device-title = Eine neue Anmeldung an Ihrem Konto
new-device-body = Jemand hat sich an Ihrem Konto mit einem Gerät angemeldet, das dort bisher nicht benutzt wurde. Wenn Sie das nicht waren, ersetzen Sie sofort Ihr Passwort.
password-changed-title = Ihr Passwort wurde geändert
password-changed-body = Das Passwort Ihres Kontos wurde geändert. Wenn Sie das nicht waren, lassen Sie sich über „Passwort vergessen“ einen Link schicken und wählen Sie ein neues.
email-changed-title = Ihre Adresse wurde geändert
email-changed-body = Ihr Konto hat eine andere E-Mail-Adresse. Wenn Sie das nicht waren, wenden Sie sich sofort an unsere Hilfe.
second-factor-added-title = Ein zweiter Faktor wurde eingerichtet
second-factor-added-body = Die Anmeldung an Ihrem Konto verlangt von nun an einen zweiten Faktor. Wenn Sie das nicht waren, ersetzen Sie sofort Ihr Passwort.
second-factor-removed-title = Ihr zweiter Faktor wurde entfernt
second-factor-removed-body = Die Anmeldung an Ihrem Konto verlangt keinen zweiten Faktor mehr. Wenn Sie das nicht waren, ersetzen Sie sofort Ihr Passwort.
recovery-code-used-title = Ein Wiederherstellungscode wurde benutzt
recovery-code-used-body = Jemand hat sich an Ihrem Konto mit einem Wiederherstellungscode angemeldet. Wenn Sie das nicht waren, ersetzen Sie sofort Ihr Passwort.
passkey-added-title = Ein Passkey wurde hinzugefügt
passkey-added-body = Ein neuer Passkey öffnet Ihr Konto. Wenn Sie das nicht waren, entfernen Sie ihn und ersetzen Sie sofort Ihr Passwort.
passkey-removed-title = Ein Passkey wurde entfernt
passkey-removed-body = Ein Passkey öffnet Ihr Konto nicht mehr. Wenn Sie das nicht waren, ersetzen Sie sofort Ihr Passwort.
api-key-created-title = Ein API-Schlüssel wurde erstellt
api-key-created-body = Ein neuer API-Schlüssel kann als Ihr Konto handeln. Wenn Sie das nicht waren, widerrufen Sie ihn und ersetzen Sie sofort Ihr Passwort.
sign-in-linked-title = Eine Anmeldung wurde verknüpft
sign-in-linked-body = An Ihrem Konto kann man sich über einen weiteren Anbieter anmelden. Wenn Sie das nicht waren, ersetzen Sie sofort Ihr Passwort.
token-reused-title = Ein Gerät wurde zur Sicherheit abgemeldet
token-reused-body = Das Geheimnis, durch das eines Ihrer Geräte angemeldet bleibt, wurde zweimal benutzt, als wäre es kopiert worden. Dieses Gerät wurde abgemeldet.
order-disputed-title = Bestellung { $number } wird angefochten
order-disputed-body = Wer Bestellung { $number } gekauft hat, hat das Geld beim Zahlungsdienst zurückgeholt.
payment-flagged-title = Eine Zahlung muss geprüft werden
payment-flagged-body = { $orders ->
        [0] Der Zahlungsdienst meldet eine Zahlung, die die Bücher des Ladens nicht kennen: { $reason }.
       *[other] Was der Zahlungsdienst zu Bestellung { $number } meldet, passt nicht zu den Büchern des Ladens: { $reason }.
    }
license-pool-low-title = Nur noch wenige Lizenzschlüssel für { $product }
license-pool-low-body = { $available ->
        [one] Für { $product } ist noch { $available } Lizenzschlüssel da.
       *[other] Für { $product } sind noch { $available } Lizenzschlüssel da.
    }
check-failed-title = Der Laden ist nicht, wie er sein soll
check-failed-body = { $violations ->
        [one] { $violations } Bedingung ist verletzt. Das Protokoll und „mist check“ nennen sie.
       *[other] { $violations } Bedingungen sind verletzt. Das Protokoll und „mist check“ nennen sie.
    }
review-reported-title = Eine Rezension zu { $product } wurde gemeldet
review-reported-body = Jemand hat eine Rezension zu { $product } gemeldet. Sie wartet auf Ihr Urteil.
webhook-disabled-title = Ein Webhook wurde abgeschaltet
webhook-disabled-body = { $reason ->
        [gone] Der Endpunkt auf { $host } antwortet, dass es ihn nicht mehr gibt. Ihm wird nichts mehr gemeldet, bis jemand von der Verwaltung ihn einschaltet.
       *[failing] Der Endpunkt auf { $host } hat seit Tagen nichts angenommen. Ihm wird nichts mehr gemeldet, bis jemand von der Verwaltung ihn einschaltet.
    }
