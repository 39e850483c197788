# Ce que les comptes apprennent dans la boutique et par courriel : pour chaque sorte un titre et un texte.

gone-product = un produit qui n’existe plus
order-paid-title = La commande { $number } est payée
order-paid-body = { $gifts ->
        [0] Merci. Ce que vous avez acheté est dans votre bibliothèque ; le reçu arrive par courriel.
       *[other] Merci. Votre cadeau sera envoyé le moment venu ; le reçu arrive par courriel.
    }
order-refunded-title = Remboursement de la commande { $number }
order-refunded-body = { $amount } de la commande { $number } vous sont rendus.
download-ready-title = { $released ->
        [0] { $product } est à vous
       *[other] { $product } est sorti
    }
download-ready-body = { $released ->
        [0] { $product } est dans votre bibliothèque.
       *[other] { $product } est sorti et peut être téléchargé depuis votre bibliothèque.
    }
gift-received-title = On vous a offert quelque chose
gift-received-body = Un cadeau vous attend. Récupérez-le par le lien qui vous a été envoyé par courriel.
gift-claimed-title = Votre cadeau a été récupéré
gift-claimed-body = Ce que vous avez offert est maintenant dans la bibliothèque de quelqu’un.
build-released-title = { $product } : version { $version }
build-released-body = La version { $version } de { $product } peut être téléchargée depuis votre bibliothèque.
wishlist-price-drop-title = { $product } coûte moins cher
wishlist-price-drop-body = { $product }, de votre liste de souhaits, coûte maintenant { $amount } au lieu de { $before }.
wishlist-release-title = { $product } est arrivé
wishlist-release-body = { $product }, de votre liste de souhaits, est maintenant disponible.
wishlist-sale-ending-title = Dernier jour de promotion : { $product }
wishlist-sale-ending-body = { $product }, de votre liste de souhaits, coûte moins cher jusqu’au { $at }.
review-answered-title = Réponse à votre avis sur { $product }
review-answered-body = L’éditeur a répondu à ce que vous avez écrit sur { $product }.
new-device-title = Une nouvelle connexion à votre compte
new-device-body = Quelqu’un s’est connecté à votre compte sur un appareil jamais utilisé auparavant. Si ce n’était pas vous, remplacez tout de suite votre mot de passe.
password-changed-title = Votre mot de passe a été changé
password-changed-body = Le mot de passe de votre compte a été changé. Si ce n’était pas vous, demandez un lien par « mot de passe oublié » et choisissez-en un nouveau.
email-changed-title = Votre adresse a été changée
email-changed-body = Votre compte a une autre adresse électronique. Si ce n’était pas vous, adressez-vous tout de suite à notre assistance.
second-factor-added-title = Un second facteur a été mis en place
second-factor-added-body = La connexion à votre compte demande désormais un second facteur. Si ce n’était pas vous, remplacez tout de suite votre mot de passe.
second-factor-removed-title = Votre second facteur a été retiré
second-factor-removed-body = La connexion à votre compte ne demande plus de second facteur. Si ce n’était pas vous, remplacez tout de suite votre mot de passe.
recovery-code-used-title = Un code de secours a été utilisé
recovery-code-used-body = Quelqu’un s’est connecté à votre compte avec un code de secours. Si ce n’était pas vous, remplacez tout de suite votre mot de passe.
passkey-added-title = Une clé d’accès a été ajoutée
passkey-added-body = Une nouvelle clé d’accès ouvre votre compte. Si ce n’était pas vous, retirez-la et remplacez tout de suite votre mot de passe.
passkey-removed-title = Une clé d’accès a été retirée
passkey-removed-body = Une clé d’accès n’ouvre plus votre compte. Si ce n’était pas vous, remplacez tout de suite votre mot de passe.
api-key-created-title = Une clé d’API a été créée
api-key-created-body = Une nouvelle clé d’API peut agir au nom de votre compte. Si ce n’était pas vous, révoquez-la et remplacez tout de suite votre mot de passe.
sign-in-linked-title = Une connexion a été liée
sign-in-linked-body = On peut se connecter à votre compte par un autre fournisseur. Si ce n’était pas vous, remplacez tout de suite votre mot de passe.
token-reused-title = Un appareil a été déconnecté par sécurité
token-reused-body = Le secret par lequel un de vos appareils reste connecté a servi deux fois, comme s’il avait été copié. Cet appareil a été déconnecté.
order-disputed-title = La commande { $number } est contestée
order-disputed-body = L’acheteur de la commande { $number } a repris l’argent auprès du prestataire de paiement.
payment-flagged-title = Un paiement est à vérifier
payment-flagged-body = { $orders ->
        [0] Le prestataire de paiement signale un paiement que les comptes de la boutique ne connaissent pas : { $reason }.
       *[other] Ce que le prestataire de paiement signale pour la commande { $number } ne correspond pas aux comptes de la boutique : { $reason }.
    }
license-pool-low-title = Il reste peu de clés de licence pour { $product }
license-pool-low-body = { $available ->
        [one] Il reste { $available } clé de licence pour { $product }.
       *[other] Il reste { $available } clés de licence pour { $product }.
    }
check-failed-title = La boutique n’est pas comme elle devrait être
check-failed-body = { $violations ->
        [one] { $violations } invariant n’est pas respecté. Le journal et « mist check » le nomment.
       *[other] { $violations } invariants ne sont pas respectés. Le journal et « mist check » les nomment.
    }
review-reported-title = Un avis sur { $product } a été signalé
review-reported-body = Quelqu’un a signalé un avis sur { $product }. Il attend votre jugement.
webhook-disabled-title = Un webhook a été désactivé
webhook-disabled-body = { $reason ->
        [gone] Le point de réception sur { $host } répond qu’il n’existe plus. Rien ne lui est plus signalé tant qu’un administrateur ne le réactive pas.
       *[failing] Le point de réception sur { $host } n’accepte plus rien depuis des jours. Rien ne lui est plus signalé tant qu’un administrateur ne le réactive pas.
    }
