# The store's own pages, without scripts: where links of mails lead, and where buyers come back to.

verify-email-title = Confirm your address
verify-email = Press the button to confirm that this mail address is yours.
verify-email-button = Confirm my address
verified-title = Thank you
verified = Your address is confirmed.
reset-password-title = Choose a new password
reset-password = Every device is signed out; sign in again with the new password.
reset-password-label = New password
reset-password-rule = At least 10 characters, not easily guessed.
reset-password-fault = The password { $fault }.
reset-password-button = Replace my password
replaced-title = Done
replaced = Your password is replaced. Sign in with the new one.
failed-title = This did not work
dead-link-title = This did not work
dead-link = This link does not work any more. Ask for a new one.
unsubscribe-title = Get no more such mails
unsubscribe = Press the button to get no more mails of this kind.
unsubscribe-button = Get no more of them
unsubscribed-title = Done
unsubscribed = You get no more mails of this kind. You can change that in your account at any time.
paid-title = Thank you
paid = What you bought is in your library as soon as the payment has arrived. A receipt comes by mail.
unpaid-title = Payment not completed
unpaid = Nothing was paid. Your order waits for a while; you can still pay it, or cancel it.
