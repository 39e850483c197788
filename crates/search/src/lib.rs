//! An index of labelled, priced, dated documents in several languages: found by words, filtered, counted by label,
//! ordered and paged, at the speed of memory.
//!
//! It lies in a folder and is changed by commits (`Index`); each commit is seen whole, as a `Snapshot`. What has words is
//! found by Tantivy's inverted index, everything else is answered by columns in memory, built once for each of its
//! immutable segments (`segment`). A price is computed when it is asked for, from a base price and the windows of its
//! sales, so that a sale begins and ends without a write.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod analysis;
mod document;
mod error;
mod facets;
mod files;
mod filters;
mod folder;
mod ids;
mod index;
mod labels;
mod matching;
mod money;
mod numbers;
mod occurring;
mod order;
mod postings;
mod prices;
mod query;
mod ranking;
mod schema;
mod segment;
mod sets;
mod snapshot;
mod spans;
mod spelling;
mod standing;
mod stretch;
mod titles;

pub use analysis::{fold, is_unspaced};
pub use document::{BasePrice, Document, Labels, Need, SaleWindow, Text, reduced};
pub use error::Error;
pub use folder::Why;
pub use index::{Index, Opened, Rebuild, Successor};
pub use occurring::{Named, Occurring};
pub use query::{
    Bucket, By, Counts, Facet, Filters, Found, Hit, Key, Machine, Market, Place, Query, Sort, Words,
};
pub use snapshot::Snapshot;
pub use standing::Standing;
