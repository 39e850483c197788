//! Receipts and credit notes: what was sold by whom, for how much, and under which number; as pages and for printing.
mod credit_note;
mod facts;
mod invoices;
mod page;
mod printed;
mod receipt;
mod written;

pub(super) use credit_note::credit_note;
pub(super) use invoices::{
    CREDIT_NOTE, INVOICE, number_order, number_refund, numbered_refund, paid, written,
};
pub(super) use page::{STYLE, html};
pub use printed::Printer;
pub(super) use printed::{mailed_pdf, pdf};
pub(super) use receipt::receipt;
pub(super) use written::Paper;
