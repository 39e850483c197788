//! What everybody sees of the catalog.
mod answers;
mod caching;
mod filters;
mod labels;
mod language;
mod paging;
mod products;
mod shelf;
mod sorting;
mod words;
