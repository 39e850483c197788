//! Licence keys of a product: a pool that publishers fill, from which each purchase takes one.
pub(super) mod api;
mod pool;
mod queries;

pub use entity::license_key::{Model as KeyRow, Status as KeyStatus};
pub use pool::{
    Reserved, assign, find, give_back, hold, ids_of, lock, move_to, reserve, revoke, show, shown, statuses,
    take,
};
pub(super) use queries::with_keys;
