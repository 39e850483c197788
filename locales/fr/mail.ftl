greeting = Bonjour,
greeting-name = Bonjour { $name },
link-address = Si cela ne fonctionne pas, ouvrez cette adresse : { $url }
device-time = Heure
device-signed-in = Connecté
device-address = Adresse IP
device-name = Appareil
verify-email-subject = { $store } : confirmez votre adresse
verify-email-intro = Confirmez que cette adresse est la vôtre au moyen de ce lien, valable { $lasts } :
verify-email-link = Confirmer mon adresse
verify-email-closing = Si vous ne vous êtes pas inscrit chez { $store }, ignorez cet e-mail.
confirm-email-subject = { $store } : confirmez votre nouvelle adresse
confirm-email-intro = Cette adresse doit devenir celle de votre compte. Confirmez-la au moyen de ce lien, valable { $lasts } :
confirm-email-link = Confirmer ma nouvelle adresse
confirm-email-closing = Si vous n’avez rien demandé, ignorez cet e-mail : rien ne sera modifié.
email-changing-subject = { $store } : votre adresse va être modifiée
email-changing-intro = Quelqu’un qui connaît votre mot de passe a demandé une autre adresse pour votre compte. Le changement prendra effet quand la nouvelle adresse sera confirmée.
email-changing-closing = Si ce n’était pas vous, remplacez immédiatement votre mot de passe : cela arrête le changement et déconnecte tous les autres appareils.
reset-password-subject = { $store } : choisissez un nouveau mot de passe
reset-password-intro = Quelqu’un, vous sans doute, a oublié le mot de passe de votre compte. Choisissez-en un nouveau au moyen de ce lien, valable une seule fois, pendant { $lasts } :
reset-password-link = Choisir un nouveau mot de passe
reset-password-closing = Si vous n’avez rien demandé, ignorez cet e-mail : votre mot de passe reste inchangé.
password-changed-subject = { $store } : votre mot de passe a été modifié
password-changed-intro = Le mot de passe de votre compte a été modifié.
password-changed-closing = Si ce n’était pas vous, faites-vous envoyer un lien par « mot de passe oublié » et choisissez immédiatement un nouveau mot de passe.
second-factor-removed-subject = { $store } : votre second facteur a été retiré
second-factor-removed-intro = La connexion à votre compte ne demande plus de second facteur.
second-factor-removed-closing = Si vous ne l’avez ni fait ni demandé à notre assistance, faites-vous envoyer un lien par « mot de passe oublié », choisissez immédiatement un nouveau mot de passe et configurez de nouveau un second facteur.
new-device-subject = { $store } : nouvelle connexion à votre compte
new-device-intro = Quelqu’un s’est connecté à votre compte sur un appareil où il n’avait pas encore été utilisé :
new-device-closing = Si c’était vous, vous n’avez rien à faire. Sinon, remplacez immédiatement votre mot de passe, ce qui déconnecte tous les autres appareils.
token-reused-subject = { $store } : un appareil a été déconnecté par sécurité
token-reused-intro = Le secret grâce auquel un de vos appareils reste connecté a servi deux fois, comme s’il avait été copié. Cet appareil a été déconnecté :
token-reused-closing = Reconnectez-vous. Si vous ne savez pas pourquoi cela s’est produit, remplacez votre mot de passe, ce qui déconnecte tous les autres appareils.
receipt-subject = { $store } : reçu de la commande { $number }
receipt-intro = Merci pour votre achat.
receipt-order = Commande { $number }, payée le { $day }
receipt-discount = Remise
receipt-total = Total
receipt-tax = Dont taxes
receipt-credit = Payé par avoir
receipt-closing = Vos achats se trouvent dans votre bibliothèque :
receipt-library = Vos achats se trouvent dans votre bibliothèque.
receipt-gift = La personne à qui vous l’offrez le recevra par courriel, le moment venu.
gift-subject = { $store } : { $giver } a un cadeau pour vous
gift-intro = { $giver } a acheté ceci pour vous chez { $store } :
gift-words = Avec ces mots :
gift-claim = Connectez-vous ou inscrivez-vous, et ajoutez-le à votre bibliothèque par ce lien, qui ne fonctionne qu’une fois :
gift-link = Récupérer mon cadeau
gift-closing = Quiconque a le lien peut le récupérer. Si vous ne savez pas qui vous l’envoie, ignorez ce courriel.
withdrawal-subject = { $store } : votre rétractation de la commande { $number } a été reçue
withdrawal-intro = Nous avons reçu votre rétractation, le { $time }. En voici le contenu :
withdrawal-statement = Je soussigné(e), { $name }, notifie par la présente ma rétractation du contrat portant sur les produits ci-dessous de la commande { $number } du { $day }.
withdrawal-refund = Vous est remboursé
withdrawal-closing = Le remboursement suit la voie du paiement. Conservez ce message : il prouve que vous vous êtes rétracté(e), et quand.
notification-unsubscribe = Pour ne plus recevoir de tels courriels, ouvrez cette adresse :
notification-unsubscribe-link = Ne plus en recevoir
lasting = { $unit ->
        [days] { $count ->
            [one] { $count } jour
           *[other] { $count } jours
        }
        [hours] { $count ->
            [one] { $count } heure
           *[other] { $count } heures
        }
       *[minutes] { $count ->
            [one] { $count } minute
           *[other] { $count } minutes
        }
    }
day = { $day ->
        [1] 1er
       *[other] { $day }
    } { $month ->
        [1] janvier
        [2] février
        [3] mars
        [4] avril
        [5] mai
        [6] juin
        [7] juillet
        [8] août
        [9] septembre
        [10] octobre
        [11] novembre
       *[12] décembre
    } { $year }
minute = { $day } à { $clock } (UTC)
money = { $amount } { $currency }
group-mark = { "\u202F" }
decimal-mark = ,
pair = { $label } : { $value }
