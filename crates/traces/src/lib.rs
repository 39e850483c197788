//! What takes how long: spans, made by hand where something begins that is worth a look, and sent to a collector.
//!
//! A process that never calls [`begin`] has none: every span is empty, carries nothing and costs a look at a cell.
//!
//! Spans are made here alone, with names and attributes that the caller spells out. Nothing that is logged becomes an
//! attribute by itself, so nothing secret does. What a trace is carried by is W3C's: <https://www.w3.org/TR/trace-context/>.

mod carried;
mod collector;
mod span;
mod tracer;

pub use carried::{carried, told};
pub use span::{Origin, Span, named, within};
pub use tracer::{Error, Settings, Traces, begin};
