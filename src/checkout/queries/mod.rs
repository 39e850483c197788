//! Every statement on carts, orders, payments and the ledger.
mod carts;
mod orders;
mod payments;

pub(super) use carts::*;
pub(super) use orders::*;
pub(super) use payments::*;
