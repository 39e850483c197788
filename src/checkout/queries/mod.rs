//! Every statement on carts, orders, payments, refunds and the ledger.
mod carts;
mod coupons;
mod credit;
mod disputes;
mod gifts;
mod invoices;
mod orders;
mod payments;
mod provider_events;
mod refunds;
mod returns;
mod statistics;
mod withdrawals;

pub(super) use carts::*;
pub(super) use coupons::*;
pub(super) use credit::*;
pub(super) use disputes::*;
pub(super) use gifts::*;
pub(super) use invoices::*;
pub(super) use orders::*;
pub(super) use payments::*;
pub(super) use provider_events::*;
pub(super) use refunds::*;
pub(super) use returns::*;
pub(super) use statistics::*;
pub(super) use withdrawals::*;
