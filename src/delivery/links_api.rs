//! The links themselves: bytes for whoever holds one, with no other credential.
use axum::{Extension, extract::State, response::Response};
use http::{HeaderMap, Method, Uri};
use objects::Outlet;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    FileBytes,
    links::{self, INVALID_SIGNATURE, Link},
    response::{self, Deliverable, Way},
};
use crate::{
    app::App,
    error::{Problem, Result},
    values::Country,
    web::{Path, peer::Peer},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(download))
}

/// Download a file by its link.
///
/// HEAD is answered too. Conditions, single ranges and up to 16 separate ones are honoured; `If-Range` takes the
/// entity tag, which is the same for every link to the same bytes. 403 `invalid_signature`, `link_expired`,
/// `link_revoked` when the product is no longer owned, `not_delivered_here` where the store does not deliver it; 429 `too_many_transfers` while its account downloads as much at
/// once as it may, `too_many_bytes` when it did so in a day.
#[utoipa::path(
    get, path = "/downloads/{grant}/{name}", tag = "library", security(()),
    params(
        ("grant" = Uuid, Path), ("name" = String, Path, description = "The file's name."),
        ("expires" = i64, Query, description = "Seconds since 1970."),
        ("signature" = String, Query),
        ("Range" = Option<String>, Header), ("If-Range" = Option<String>, Header),
        ("If-Match" = Option<String>, Header), ("If-None-Match" = Option<String>, Header),
    ),
    responses(
        (status = 200, description = "The file.", content(
            (inline(FileBytes) = "application/octet-stream"), (inline(FileBytes) = "application/epub+zip"),
            (inline(FileBytes) = "application/pdf"), (inline(FileBytes) = "application/zip"),
        ), headers(
            ("ETag" = String, description = "Strong, of the bytes."),
            ("Repr-Digest" = String, description = "The file's SHA-256 (RFC 9530)."),
            ("Accept-Ranges" = String, description = "`bytes`"),
            ("Content-Disposition" = String, description = "The file's name (RFC 6266, RFC 8187)."),
            ("Last-Modified" = String, description = "When the file was stored."),
        )),
        (status = 206, description = "The ranges that were asked for.", content(
            (inline(FileBytes) = "application/octet-stream"), (inline(FileBytes) = "application/epub+zip"),
            (inline(FileBytes) = "application/pdf"), (inline(FileBytes) = "application/zip"),
            (inline(FileBytes) = "multipart/byteranges"),
        ), headers(
            ("Content-Range" = Option<String>, description = "Of a single range."),
        )),
        (status = 304, description = "The client has it."),
        (status = 416, description = "The file has none of the ranges.", body = Problem, content_type = "application/problem+json", headers(("Content-Range" = String, description = "`bytes */SIZE`"))),
    ),
)]
async fn download(
    State(app): State<App>,
    Path((grant, name)): Path<(String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    peer: Peer,
    outlet: Option<Extension<Outlet>>,
) -> Result<Response> {
    let file = open(&app, &grant, &name, uri.query().unwrap_or_default(), peer.country.as_ref()).await?;
    let way = Way { proxied: peer.proxied, outlet: outlet.map(|Extension(outlet)| outlet) };
    response::answer(&app, file, &method, &headers, way).await
}

async fn open(
    app: &App,
    grant: &str,
    name: &str,
    query: &str,
    network: Option<&Country>,
) -> Result<Deliverable> {
    let value = |wanted: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned()).ok_or(INVALID_SIGNATURE)
    };
    let grant: Uuid = grant.parse().map_err(|_| INVALID_SIGNATURE)?;
    let expires = value("expires")?.parse().map_err(|_| INVALID_SIGNATURE)?;
    links::verify(app, &Link { grant, name, expires }, &value("signature")?)?;
    Deliverable::find(app, grant, network).await
}
