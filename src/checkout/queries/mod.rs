//! Every statement on carts, orders, payments and the ledger.
mod carts;
mod orders;
mod payments;

pub(super) use carts::{cart, put_in_cart, take_out_of_cart};
pub(super) use orders::*;
pub(super) use payments::*;
