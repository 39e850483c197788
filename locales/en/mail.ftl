# What is mailed, and how dates, times and money are written.

greeting = Hello,
greeting-name = Hello { $name },
link-address = If that does not work, open this address: { $url }
device-time = Time
device-signed-in = Signed in
device-address = Address
device-name = Device
verify-email-subject = { $store }: confirm your address
verify-email-intro = confirm that this is your address by this link, which works for { $lasts }:
verify-email-link = Confirm my address
verify-email-closing = If you did not register at { $store }, ignore this mail.
confirm-email-subject = { $store }: confirm your new address
confirm-email-intro = this is to become the address of your account. Confirm it by this link, which works for { $lasts }:
confirm-email-link = Confirm my new address
confirm-email-closing = If you did not ask for this, ignore this mail: nothing is changed.
email-changing-subject = { $store }: your address is being changed
email-changing-intro = somebody who knows your password asked for another address for your account. It takes effect when the new address is confirmed.
email-changing-closing = If that was not you, replace your password at once, which stops the change and signs out every other device.
reset-password-subject = { $store }: choose a new password
reset-password-intro = somebody, probably you, forgot the password of your account. Choose a new one by this link, which works once, for { $lasts }:
reset-password-link = Choose a new password
reset-password-closing = If you did not ask for this, ignore this mail: your password stays.
password-changed-subject = { $store }: your password was changed
password-changed-intro = the password of your account was changed.
password-changed-closing = If that was not you, have a link mailed by "forgot password" and choose a new password at once.
second-factor-removed-subject = { $store }: your second factor was removed
second-factor-removed-intro = signing in to your account asks for no second factor any more.
second-factor-removed-closing = If you did not do this or ask our support for it, have a link mailed by "forgot password", choose a new password at once and set a second factor up again.
new-device-subject = { $store }: a new sign-in to your account
new-device-intro = somebody signed in to your account on a device it was not used on before:
new-device-closing = If that was you, there is nothing to do. If not, replace your password at once, which signs out every other device.
token-reused-subject = { $store }: a device was signed out for safety
token-reused-intro = the secret by which one of your devices stays signed in was used twice, as if it had been copied. That device was signed out:
token-reused-closing = Sign in again. If you do not know why this happened, replace your password, which signs out every other device.
receipt-subject = { $store }: receipt for order { $number }
receipt-intro = Thank you for your purchase.
receipt-order = Order { $number }, paid on { $day }
receipt-discount = Discount
receipt-total = Total
receipt-tax = Tax included
receipt-credit = Paid by store credit
receipt-closing = What you bought is in your library:
receipt-library = What you bought is in your library.
receipt-gift = It is mailed to whom you give it to, in its time.
gift-subject = { $store }: { $giver } has a gift for you
gift-intro = { $giver } bought this for you at { $store }:
gift-words = With these words:
gift-claim = Sign in or register, and take it into your library by this link, which works once:
gift-link = Claim my gift
gift-closing = Whoever has the link can claim it. If you do not know who sent this, ignore this mail.
withdrawal-subject = { $store }: your withdrawal from order { $number } was received
withdrawal-intro = We received your withdrawal on { $time }. It says:
withdrawal-statement = I, { $name }, hereby withdraw from my contract for the products below of order { $number }, bought on { $day }.
withdrawal-refund = Goes back to you
withdrawal-closing = The money goes back the way it was paid. Keep this mail: it proves that and when you withdrew.
notification-unsubscribe = To get no more mails like this one, open this address:
notification-unsubscribe-link = Get no more of them
lasting = { $unit ->
        [days] { $count ->
            [one] { $count } day
           *[other] { $count } days
        }
        [hours] { $count ->
            [one] { $count } hour
           *[other] { $count } hours
        }
       *[minutes] { $count ->
            [one] { $count } minute
           *[other] { $count } minutes
        }
    }
day = { $day } { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    } { $year }
minute = { $day }, { $clock } UTC
money = { $amount } { $currency }
group-mark = ,
decimal-mark = .
pair = { $label }: { $value }
