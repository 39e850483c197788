greeting = Guten Tag,
greeting-name = Guten Tag { $name },
link-address = Falls das nicht funktioniert, öffnen Sie diese Adresse: { $url }
device-time = Zeit
device-signed-in = Angemeldet
device-address = IP-Adresse
device-name = Gerät
verify-email-subject = { $store }: Bestätigen Sie Ihre Adresse
verify-email-intro = bestätigen Sie mit diesem Link, dass dies Ihre Adresse ist. Er gilt { $lasts }:
verify-email-link = Meine Adresse bestätigen
verify-email-closing = Falls Sie sich nicht bei { $store } registriert haben, ignorieren Sie diese E-Mail.
confirm-email-subject = { $store }: Bestätigen Sie Ihre neue Adresse
confirm-email-intro = dies soll die Adresse Ihres Kontos werden. Bestätigen Sie sie mit diesem Link. Er gilt { $lasts }:
confirm-email-link = Meine neue Adresse bestätigen
confirm-email-closing = Falls Sie dies nicht angefordert haben, ignorieren Sie diese E-Mail: Es wird nichts geändert.
email-changing-subject = { $store }: Ihre Adresse wird geändert
email-changing-intro = jemand, der Ihr Passwort kennt, hat für Ihr Konto eine andere Adresse angefordert. Sie gilt, sobald die neue Adresse bestätigt ist.
email-changing-closing = Falls Sie das nicht waren, ersetzen Sie sofort Ihr Passwort; das hält die Änderung auf und meldet alle anderen Geräte ab.
reset-password-subject = { $store }: Wählen Sie ein neues Passwort
reset-password-intro = jemand, vermutlich Sie, hat das Passwort Ihres Kontos vergessen. Wählen Sie mit diesem Link ein neues. Er gilt einmal, { $lasts } lang:
reset-password-link = Neues Passwort wählen
reset-password-closing = Falls Sie dies nicht angefordert haben, ignorieren Sie diese E-Mail: Ihr Passwort bleibt, wie es ist.
password-changed-subject = { $store }: Ihr Passwort wurde geändert
password-changed-intro = das Passwort Ihres Kontos wurde geändert.
password-changed-closing = Falls Sie das nicht waren, lassen Sie sich über „Passwort vergessen“ einen Link schicken und wählen Sie sofort ein neues Passwort.
second-factor-removed-subject = { $store }: Ihr zweiter Faktor wurde entfernt
second-factor-removed-intro = die Anmeldung bei Ihrem Konto verlangt keinen zweiten Faktor mehr.
second-factor-removed-closing = Falls Sie das weder selbst getan noch unseren Support darum gebeten haben, lassen Sie sich über „Passwort vergessen“ einen Link schicken, wählen Sie sofort ein neues Passwort und richten Sie wieder einen zweiten Faktor ein.
new-device-subject = { $store }: eine neue Anmeldung bei Ihrem Konto
new-device-intro = jemand hat sich auf einem Gerät, auf dem Ihr Konto bisher nicht verwendet wurde, bei Ihrem Konto angemeldet:
new-device-closing = Falls Sie das waren, müssen Sie nichts tun. Falls nicht, ersetzen Sie sofort Ihr Passwort; das meldet alle anderen Geräte ab.
token-reused-subject = { $store }: ein Gerät wurde zur Sicherheit abgemeldet
token-reused-intro = das Geheimnis, durch das eines Ihrer Geräte angemeldet bleibt, wurde zweimal verwendet, als wäre es kopiert worden. Dieses Gerät wurde abgemeldet:
token-reused-closing = Melden Sie sich erneut an. Falls Sie nicht wissen, warum das geschah, ersetzen Sie Ihr Passwort; das meldet alle anderen Geräte ab.
receipt-subject = { $store }: Quittung zur Bestellung { $number }
receipt-intro = Vielen Dank für Ihren Einkauf.
receipt-order = Bestellung { $number }, bezahlt am { $day }
receipt-discount = Rabatt
receipt-total = Gesamtbetrag
receipt-tax = Enthaltene Steuer
receipt-credit = Mit Guthaben bezahlt
receipt-closing = Was Sie gekauft haben, finden Sie in Ihrer Bibliothek:
receipt-library = Was Sie gekauft haben, finden Sie in Ihrer Bibliothek.
receipt-gift = Zur gewünschten Zeit geht es per E-Mail an die Person, der Sie es schenken.
gift-subject = { $store }: { $giver } hat ein Geschenk für Sie
gift-intro = { $giver } hat bei { $store } für Sie gekauft:
gift-words = Mit diesen Worten:
gift-claim = Melden Sie sich an oder registrieren Sie sich, und nehmen Sie es mit diesem Link, der einmal gilt, in Ihre Bibliothek auf:
gift-link = Mein Geschenk einlösen
gift-closing = Wer den Link hat, kann es einlösen. Wenn Sie nicht wissen, von wem das kommt, beachten Sie diese Nachricht nicht.
withdrawal-subject = { $store }: Ihr Widerruf der Bestellung { $number } ist eingegangen
withdrawal-intro = Ihr Widerruf ist am { $time } bei uns eingegangen. Er lautet:
withdrawal-statement = Hiermit widerrufe ich, { $name }, den von mir abgeschlossenen Vertrag über die unten genannten Produkte der Bestellung { $number } vom { $day }.
withdrawal-refund = Erstattet werden
withdrawal-closing = Das Geld geht auf dem Weg zurück, auf dem es gezahlt wurde. Bewahren Sie diese Nachricht auf: Sie belegt, dass und wann Sie widerrufen haben.
notification-unsubscribe = Um keine solchen E-Mails mehr zu bekommen, öffnen Sie diese Adresse:
notification-unsubscribe-link = Keine mehr bekommen
lasting = { $unit ->
        [days] { $count ->
            [one] { $count } Tag
           *[other] { $count } Tage
        }
        [hours] { $count ->
            [one] { $count } Stunde
           *[other] { $count } Stunden
        }
       *[minutes] { $count ->
            [one] { $count } Minute
           *[other] { $count } Minuten
        }
    }
day = { $day }. { $month ->
        [1] Januar
        [2] Februar
        [3] März
        [4] April
        [5] Mai
        [6] Juni
        [7] Juli
        [8] August
        [9] September
        [10] Oktober
        [11] November
       *[12] Dezember
    } { $year }
minute = { $day }, { $clock } Uhr (UTC)
money = { $amount } { $currency }
group-mark = .
decimal-mark = ,
pair = { $label }: { $value }
