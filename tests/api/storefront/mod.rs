//! What everybody sees of the catalog.
mod answers;
mod caching;
mod facets;
mod filters;
mod index;
mod index_command;
mod labels;
mod language;
mod paging;
mod products;
pub mod shelf;
mod sorting;
mod suggestions;
mod words;
