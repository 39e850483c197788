# What accounts are told in the store and by mail: of each kind a title and a text.

gone-product = a product that is gone
order-paid-title = Order { $number } is paid
order-paid-body = { $gifts ->
        [0] Thank you. What you bought is in your library, and the receipt comes by mail.
       *[other] Thank you. Your gift is mailed in its time, and the receipt comes by mail.
    }
order-refunded-title = Money of order { $number } was given back
order-refunded-body = { $amount } of order { $number } are on their way back to you.
download-ready-title = { $released ->
        [0] { $product } is yours
       *[other] { $product } is out
    }
download-ready-body = { $released ->
        [0] { $product } is in your library.
       *[other] { $product } was released, and can be downloaded from your library.
    }
gift-received-title = You were given something
gift-received-body = A gift waits for you. Claim it by the link that was mailed to you.
gift-claimed-title = Your gift was claimed
gift-claimed-body = What you gave is in somebody's library now.
build-released-title = { $product }: version { $version }
build-released-body = Version { $version } of { $product } can be downloaded from your library.
wishlist-price-drop-title = { $product } costs less
wishlist-price-drop-body = { $product } from your wishlist now costs { $amount } instead of { $before }.
wishlist-release-title = { $product } is here
wishlist-release-body = { $product } from your wishlist can be had now.
wishlist-sale-ending-title = Last day of the sale of { $product }
wishlist-sale-ending-body = { $product } from your wishlist costs less until { $at }.
review-answered-title = Your review of { $product } was answered
review-answered-body = The publisher answered what you wrote about { $product }.
new-device-title = A new sign-in to your account
new-device-body = Somebody signed in to your account on a device it was not used on before. If that was not you, replace your password at once.
password-changed-title = Your password was changed
password-changed-body = The password of your account was changed. If that was not you, have a link mailed by "forgot password" and choose a new one.
email-changed-title = Your address was changed
email-changed-body = Your account has another mail address. If that was not you, ask our support at once.
second-factor-added-title = A second factor was set up
second-factor-added-body = Signing in to your account asks for a second factor from now on. If that was not you, replace your password at once.
second-factor-removed-title = Your second factor was removed
second-factor-removed-body = Signing in to your account asks for no second factor any more. If that was not you, replace your password at once.
recovery-code-used-title = A recovery code was used
recovery-code-used-body = Somebody signed in to your account with a recovery code. If that was not you, replace your password at once.
passkey-added-title = A passkey was added
passkey-added-body = A new passkey opens your account. If that was not you, remove it and replace your password at once.
passkey-removed-title = A passkey was removed
passkey-removed-body = A passkey opens your account no more. If that was not you, replace your password at once.
api-key-created-title = An API key was made
api-key-created-body = A new API key can act as your account. If that was not you, revoke it and replace your password at once.
sign-in-linked-title = A sign-in was linked
sign-in-linked-body = Your account can be signed in to through another provider. If that was not you, replace your password at once.
token-reused-title = A device was signed out for safety
token-reused-body = The secret by which one of your devices stays signed in was used twice, as if it had been copied. That device was signed out.
order-disputed-title = Order { $number } is disputed
order-disputed-body = The buyer of order { $number } took the money back at the payment provider.
payment-flagged-title = A payment needs a look
payment-flagged-body = { $orders ->
        [0] The payment provider tells of a payment that the store’s books do not know: { $reason }.
       *[other] What the payment provider tells of order { $number } does not fit the store’s books: { $reason }.
    }
license-pool-low-title = Few licence keys are left of { $product }
license-pool-low-body = { $available ->
        [one] { $available } licence key of { $product } is left.
       *[other] { $available } licence keys of { $product } are left.
    }
check-failed-title = The store is not as it should be
check-failed-body = { $violations ->
        [one] { $violations } invariant does not hold. The log and "mist check" name it.
       *[other] { $violations } invariants do not hold. The log and "mist check" name them.
    }
review-reported-title = A review of { $product } was reported
review-reported-body = Somebody reported a review of { $product }. It waits for your judgement.
webhook-disabled-title = A webhook was disabled
webhook-disabled-body = { $reason ->
        [gone] The endpoint at { $host } answers that it is gone. It is told nothing any more until an admin enables it.
       *[failing] The endpoint at { $host } has taken nothing for days. It is told nothing any more until an admin enables it.
    }
