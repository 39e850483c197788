//! Licence keys of a product: from a pool that publishers fill, or made by the store; each purchase gets one.
pub(super) mod api;
mod generated;
mod pool;
mod queries;

pub use entity::license_key::{Model as KeyRow, Status as KeyStatus};
pub use pool::{
    Reserved, assign, find, give_back, hold, ids_of, lock, move_to, reserve, revoke, show, shown, statuses,
    take,
};
pub(super) use queries::{is_keyed, with_keys};
