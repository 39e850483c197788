//! What every endpoint shares: reading requests, pages, entity tags, languages, and the layers around them.
pub mod accept;
pub mod admission;
pub mod etag;
pub mod form;
pub mod idempotency;
pub mod if_match;
pub mod in_time;
pub mod json;
pub mod layers;
pub mod locale;
pub mod page;
pub mod pages;
pub mod patch;
pub mod path;
pub mod peer;
pub mod query;
pub mod reader;
mod shape;
pub mod upload;

pub use accept::Accept;
pub use form::Form;
pub use idempotency::IdempotencyKey;
pub use json::{Created, Empty, Json, Raw};
pub use page::{Cursor, Page, PageQuery};
pub use path::Path;
pub use query::Query;
pub use upload::Upload;
