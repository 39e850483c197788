//! The community: what people would like to own.
mod wishlist;
