//! Of what accounts are told, and how by default.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a kind is for its reader: what may be switched off, and how its mail is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Of what the account bought or was given: mail about it is part of the business.
    Purchase,
    /// What the account may like to know: its mail can be unsubscribed from.
    News,
    /// The safety of the account: always told.
    Safety,
    /// The same, where a letter of its own is mailed by the slice in which it happens.
    SafetyByLetter,
    /// What staff look after; others are never told.
    Staff,
}

/// Whether an account is told of a kind by mail, and in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NotificationPreference)]
pub(super) struct Preference {
    /// By mail.
    pub(super) email: bool,
    /// In the store.
    pub(super) in_app: bool,
}

/// What changes of how an account is told of a kind: what is absent stays.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NotificationPreferenceChange)]
pub(super) struct Change {
    /// By mail.
    #[schema(nullable = false)]
    pub(super) email: Option<bool>,
    /// In the store.
    #[schema(nullable = false)]
    pub(super) in_app: Option<bool>,
}

macro_rules! kinds {
    ($($doc:literal $variant:ident = $name:ident, $class:ident, mailed: $mailed:literal;)*) => {
        /// What an account is told of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[schema(as = NotificationKind)]
        pub(super) enum Kind {
            $(#[doc = $doc] $variant,)*
        }

        impl Kind {
            /// All of them.
            pub(super) const ALL: &[Self] = &[$(Self::$variant),*];

            /// As it is stored and told.
            pub(super) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($name),)*
                }
            }

            /// What it is for its reader.
            pub(super) const fn class(self) -> Class {
                match self {
                    $(Self::$variant => Class::$class,)*
                }
            }

            /// How an account is told that chose nothing.
            pub(super) const fn default(self) -> Preference {
                match self {
                    $(Self::$variant => Preference { email: $mailed, in_app: true },)*
                }
            }
        }

        /// How an account is told of each kind.
        #[derive(Clone, Debug, Default, Serialize, ToSchema)]
        #[schema(as = NotificationPreferences)]
        pub(super) struct Preferences {
            $(
                #[doc = $doc]
                #[serde(skip_serializing_if = "Option::is_none")]
                #[schema(nullable = false)]
                $name: Option<Preference>,
            )*
        }

        impl Preferences {
            /// Says how the account is told of a kind.
            pub(super) fn put(&mut self, kind: Kind, preference: Preference) {
                match kind {
                    $(Kind::$variant => self.$name = Some(preference),)*
                }
            }
        }

        /// What changes of how an account is told: what is absent stays.
        #[derive(Clone, Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        #[schema(as = NotificationPreferenceChanges)]
        pub(super) struct Changes {
            $(
                #[doc = $doc]
                #[schema(nullable = false)]
                $name: Option<Change>,
            )*
        }

        impl Changes {
            /// The kinds that are named, each with what changes.
            pub(super) fn named(&self) -> Vec<(Kind, Change)> {
                let all = [$((Kind::$variant, self.$name)),*];
                all.into_iter().filter_map(|(kind, change)| Some((kind, change?))).collect()
            }
        }
    };
}

kinds! {
    "An order is paid. Its receipt is mailed in any case." OrderPaid = order_paid, Purchase, mailed: false;
    "Money of an order was given back." OrderRefunded = order_refunded, Purchase, mailed: true;
    "Something bought or given is in the library." DownloadReady = download_ready, Purchase, mailed: false;
    "A gift was mailed to the account's address." GiftReceived = gift_received, Purchase, mailed: false;
    "A gift was claimed by whoever got it." GiftClaimed = gift_claimed, Purchase, mailed: true;
    "There is a new version of something owned." BuildReleased = build_released, News, mailed: false;
    "Something wished for costs less." WishlistPriceDrop = wishlist_price_drop, News, mailed: true;
    "Something wished for is released, or in the store again." WishlistRelease = wishlist_release, News, mailed: true;
    "The sale of something wished for ends within a day." WishlistSaleEnding = wishlist_sale_ending, News, mailed: true;
    "A publisher answered a review." ReviewAnswered = review_answered, News, mailed: true;
    "Somebody signed in on a new device." NewDevice = new_device, SafetyByLetter, mailed: true;
    "The password was changed." PasswordChanged = password_changed, SafetyByLetter, mailed: true;
    "The address was changed." EmailChanged = email_changed, SafetyByLetter, mailed: true;
    "A second factor was set up." SecondFactorAdded = second_factor_added, Safety, mailed: true;
    "The second factor was taken away." SecondFactorRemoved = second_factor_removed, SafetyByLetter, mailed: true;
    "A recovery code was used." RecoveryCodeUsed = recovery_code_used, Safety, mailed: true;
    "A passkey was registered." PasskeyAdded = passkey_added, Safety, mailed: true;
    "A passkey was removed." PasskeyRemoved = passkey_removed, Safety, mailed: true;
    "An API key was made." ApiKeyCreated = api_key_created, Safety, mailed: true;
    "Signing in through a provider was linked." SignInLinked = sign_in_linked, Safety, mailed: true;
    "A device was signed out, for its secret was used twice." TokenReused = token_reused, SafetyByLetter, mailed: true;
    "A buyer took the money of an order back at the provider." OrderDisputed = order_disputed, Staff, mailed: true;
    "What a payment provider tells does not fit the store's books." PaymentFlagged = payment_flagged, Staff, mailed: true;
    "Few licence keys are left of a product." LicensePoolLow = license_pool_low, Staff, mailed: true;
    "Something that must hold of the store does not." CheckFailed = check_failed, Staff, mailed: true;
    "A review was reported." ReviewReported = review_reported, Staff, mailed: false;
    "A webhook is told nothing any more, for it is gone or failed for days." WebhookDisabled = webhook_disabled, Staff, mailed: true;
}

impl Kind {
    /// The kind of a name; none for one that only a newer copy knows.
    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// Whether it may be switched off.
    pub(super) const fn is_optional(self) -> bool {
        !matches!(self.class(), Class::Safety | Class::SafetyByLetter)
    }

    /// Whether its mail can be unsubscribed from by whoever has it.
    pub(super) const fn is_news(self) -> bool {
        matches!(self.class(), Class::News | Class::Staff)
    }

    /// Whether it tells of a wish, of which little is mailed.
    pub(super) const fn is_of_wish(self) -> bool {
        matches!(self, Self::WishlistPriceDrop | Self::WishlistRelease | Self::WishlistSaleEnding)
    }

    /// Whether one that was not read yet stands for those that follow on the same thing.
    pub(super) const fn gathers(self) -> bool {
        matches!(self, Self::LicensePoolLow | Self::CheckFailed | Self::ReviewReported)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_written_alike_everywhere() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert_eq!(Kind::of(kind.as_str()), Some(*kind));
            assert!(kind.is_optional() || kind.default() == Preference { email: true, in_app: true });
        }
    }
}
