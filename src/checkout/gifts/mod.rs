//! Gifts: orders that are for somebody else. Nothing of them is owned until whoever has the mailed link claims it.
mod api;
mod claim;
mod mailed;
mod order;
mod personal;
mod sent;

pub(super) use api::{GiftBody, routes};
pub(super) use mailed::{GIFT_MAIL, PAGE, send};
pub(super) use order::{
    Giving, begin, called_off, count, given_back, is_anothers, of_order, owner, paid, resume,
};
pub(super) use personal::erase;
pub use personal::{exported_gifts_claimed, exported_gifts_sent};
