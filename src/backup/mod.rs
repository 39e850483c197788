//! Backup and restore: every table in one snapshot as lines of JSON, with the objects, for either database, in a folder or
//! a bucket.
mod carry;
mod cell;
mod document;
mod files;
mod make;
mod objects;
mod place;
mod restore;
mod rows;
mod scheduled;
mod schema;

pub use document::Document;
pub use make::{Contents, make};
pub use place::Place;
pub use restore::{Restored, restore};
pub use scheduled::{newest, run_due};

/// The document that is written last: a folder without it holds no whole backup.
const DOCUMENT: &str = "backup.json";
/// The folder of the tables, one file each.
const TABLES: &str = "tables";
/// The master key, where it was kept.
const MASTER_KEY: &str = "master.key";
