//! Feeds: the catalog for programs that follow it.
mod atom;
mod bookshop;
mod everywhere;
mod library;
mod opds;
mod sitemap;
