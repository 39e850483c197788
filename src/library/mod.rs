//! The library: who owns what, and by which right.
mod admin_api;
mod api;
mod grants;
mod items;
mod ownership;
mod personal;
mod queries;

use utoipa_axum::router::OpenApiRouter;

pub use entity::entitlement::{Model as Entitlement, Source, Status};
pub use grants::gift;
pub use items::{LibraryItem, LibrarySort, Reader, Wish, item, page};
pub use ownership::{
    Right, begin_download, bundles_of, entitle, entitle_all, first_right, freeze, held, hold_lines,
    is_frozen, leave, lock_owned, note_download, of_lines, of_orders, owned, owned_by, owned_whole, owners,
    owners_after, owners_whole, owns, revoke_lines, sources_of, thaw,
};
pub use personal::{erase, exported_entitlements, exported_grants};

use crate::app::App;

/// The routes of a buyer's library, and of what staff gives.
pub fn routes() -> OpenApiRouter<App> {
    api::routes().merge(admin_api::routes())
}
