//! How long orders wait, and what may be given back.
use serde::{Deserialize, Serialize};

use super::{Rate, lenient};

/// Orders.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Checkout {
    /// Seconds after which an unpaid order expires.
    #[serde(deserialize_with = "lenient::number")]
    pub order_expiry: u64,
    /// Days after its payment within which a buyer may give something back.
    #[serde(deserialize_with = "lenient::number")]
    pub refund_days: u16,
    /// Whether a buyer may give back what was downloaded.
    #[serde(deserialize_with = "lenient::number")]
    pub refund_downloaded: bool,
    /// Whether a buyer may give back what was not downloaded, but whose licence key was shown: it is revoked, which who checks it
    /// without asking the store does not notice.
    #[serde(deserialize_with = "lenient::number")]
    pub refund_shown_keys: bool,
    /// Codes of coupons that one account may try.
    pub coupon_tries_per_account: Rate,
    /// Days after its delivery from which on a gift that nobody claimed may be taken back.
    #[serde(deserialize_with = "lenient::number")]
    pub gift_unclaimed_days: u16,
    /// Orders for somebody else that one account may begin: each ends in a mail to whom it names.
    pub gifts_per_account: Rate,
    /// Times that one account may have gifts mailed again.
    pub gift_resends_per_account: Rate,
}

impl Default for Checkout {
    fn default() -> Self {
        Self {
            order_expiry: 3600,
            refund_days: 14,
            refund_downloaded: false,
            refund_shown_keys: true,
            coupon_tries_per_account: Rate::new(60, 60 * 60),
            gift_unclaimed_days: 30,
            gifts_per_account: Rate::new(20, 24 * 60 * 60),
            gift_resends_per_account: Rate::new(10, 24 * 60 * 60),
        }
    }
}
