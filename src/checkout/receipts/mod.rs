//! Receipts: what was sold by whom, for how much, and under which number; as a page and for printing.
mod facts;
mod invoices;
mod page;
mod printed;
mod receipt;

pub(super) use invoices::{
    CREDIT_NOTE, INVOICE, number_order, number_refund, numbered_refund, paid, written,
};
pub(super) use page::{STYLE, html};
pub use printed::Printer;
pub(super) use printed::{mailed_pdf, pdf};
pub(super) use receipt::{Receipt, receipt};
