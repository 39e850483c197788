//! A buyer's downloads: a link to the bytes of what is owned.
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{grants, withheld};
use crate::{
    accounts::Account,
    app::App,
    catalog::{
        Platform,
        builds::{Arch, BuildFile, ReleasedBuild, Wanted},
    },
    error::Result,
    values::{FileName, Slug},
    web::{Created, Json, Path, peer::Peer},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create_download))
}

/// Which file of which build; what is absent is chosen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDownload {
    /// Where it should run; builds for anything run everywhere.
    platform: Option<Platform>,
    /// The processor it should run on; builds for any run on each.
    arch: Option<Arch>,
    /// `stable` unless said.
    channel: Option<Slug>,
    /// A certain build rather than the newest.
    build_id: Option<Uuid>,
    /// Needed when the build has several files.
    file: Option<FileName>,
}

/// A link to a file's bytes.
#[derive(Serialize, ToSchema)]
struct Download {
    /// GET it, with no other credential. A new link continues an old download: the entity tag is the same.
    url: String,
    /// UTC, in whole seconds.
    expires_at: DateTime<Utc>,
    /// The build that was chosen.
    build: ReleasedBuild,
    /// The file that was chosen.
    file: BuildFile,
}

/// Get a link to download what I own.
///
/// Without `build_id` it is the newest released build of the platform, processor and channel that is offered to me; without
/// `platform` or `arch`, of any.
/// 404 for what I don't own; 403 `not_delivered_here` where the store does not deliver it; 409 `not_released` for a pre-order until its release; 409 `no_build` when nothing fits; 409 `choose_file` with the names as `choices` when the
/// build has several files and `file` names none of them; 429 `too_many_downloads` and `too_many_bytes` over the limits of a
/// day.
///
/// Where the store stamps its e-books, EPUB and PDF come as a copy that bears the owner's name; `file` tells its size and digest. 503
/// `being_stamped` with `Retry-After` while it is being made, 409 `not_stampable` when that can't be done.
///
/// Where the store keeps its files in S3, the link leads there or to CloudFront, and the product counts as downloaded at once.
#[utoipa::path(
    post, path = "/library/{product_id}/downloads", tag = "library",
    params(("product_id" = Uuid, Path)), request_body = NewDownload,
    responses((status = 201, body = Download)),
)]
async fn create_download(
    State(app): State<App>,
    account: Account,
    peer: Peer,
    Path(product_id): Path<Uuid>,
    body: Json<NewDownload>,
) -> Result<Created<Download>> {
    grants::require_owned(&app, &account, product_id).await?;
    withheld::require_delivered(&app, &app.db.read, account.id, product_id, peer.country.as_ref()).await?;
    let NewDownload { platform, arch, channel, build_id, file } = body.read()?;
    let wanted = Wanted { id: build_id, platform, arch, channel };
    let minted = grants::mint(&app, &account, product_id, &wanted, file.as_ref(), peer.ip).await?;
    let download =
        Download { url: minted.url, expires_at: minted.expires_at, build: minted.build, file: minted.file };
    Ok(Created { body: download, headers: Vec::new() })
}
