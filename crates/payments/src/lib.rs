//! What a payment provider is: it opens a payment for a buyer, closes it again, and gives money back.
//!
//! The crate knows no order. Every call bears a key that its caller derives from what is paid, so that the same call
//! made twice is one payment, one closing, one refund.
mod mock;
mod provider;
mod stripe;

pub use mock::Mock;
pub use provider::{
    Closing, Error, NewPayment, NewRefund, Provider, Providers, Received, RefundStanding, Session, Standing,
};
pub use stripe::{Event, InvalidSignature, Settings as StripeSettings, Stripe};
