//! Delivery: builds in, bytes out.
mod admin_api;
mod api;
mod conditions;
mod deliveries;
mod disposition;
mod grants;
mod links;
mod links_api;
mod personal;
mod queries;
mod ranges;
mod repr_digest;
mod response;
mod sending;
mod uploads;

use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

pub use deliveries::Deliveries;
pub use disposition::media_type;
pub use grants::{Minted, mint};
pub use personal::{erase, exported_downloads};

use crate::app::App;

/// The bytes of a file, as the API document shows them.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
struct FileBytes(#[expect(dead_code, reason = "no file is ever held at once")] Vec<u8>);

/// The routes of builds, files and download links.
pub fn routes() -> OpenApiRouter<App> {
    admin_api::routes().merge(api::routes())
}

/// The routes whose bodies are as long as they flow: uploads.
pub fn streams() -> OpenApiRouter<App> {
    admin_api::streams()
}

/// The signed links, which stand outside the API's base path and answer bytes.
pub fn links() -> OpenApiRouter<App> {
    links_api::routes()
}
