//! Delivery: builds in, bytes out.
mod access_logs;
mod admin_api;
mod api;
mod conditions;
mod deliveries;
mod direct;
mod direct_upload_queries;
mod direct_uploads;
mod direct_uploads_api;
mod disposition;
mod evidence;
mod files;
mod grants;
mod handover;
mod jobs;
mod links;
mod links_api;
mod logged;
mod logged_queries;
mod media_admin_api;
mod media_api;
mod personal;
mod pictures;
mod queries;
mod quota;
mod ranges;
mod repr_digest;
mod response;
mod resumable;
mod scan_queries;
mod scanner;
mod scans;
mod sending;
mod stamping;
pub mod statistics;
mod traffic;
mod tus;
mod tus_api;
mod updates_api;
mod upkeep;
mod upload_queries;
mod upload_turns;
mod uploads;
mod withheld;

use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

pub use deliveries::Deliveries;
pub use disposition::media_type;
pub use evidence::{DownloadEvidence, evidence};
pub use files::put as put_file;
pub use grants::{Minted, mint};
pub use jobs::handle;
pub use logged::{Counted, count_logged, forget_logged};
pub use personal::{erase, exported_downloads, forget_addresses};
pub use pictures::Desk;
pub use resumable::prune_uploads;
pub use stamping::forget_copies;
pub use upkeep::{
    Broken, Collected, Migrated, Verified, collect_garbage, migrate_objects, remove_garbage, verify_objects,
};

use crate::app::App;

/// The bytes of a file, as the API document shows them.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
struct FileBytes(#[expect(dead_code, reason = "no file is ever held at once")] Vec<u8>);

/// The routes of builds, files and download links.
pub fn routes() -> OpenApiRouter<App> {
    admin_api::routes()
        .merge(api::routes())
        .merge(updates_api::routes())
        .merge(media_admin_api::routes())
        .merge(tus_api::routes())
        .merge(direct_uploads_api::routes())
}

/// The routes whose bodies are as long as they flow: uploads of files and pictures.
pub fn streams() -> OpenApiRouter<App> {
    admin_api::streams().merge(media_admin_api::streams()).merge(tus_api::streams())
}

/// What stands outside the API's base path and answers bytes: signed links, and pictures.
pub fn links() -> OpenApiRouter<App> {
    links_api::routes().merge(media_api::routes())
}
