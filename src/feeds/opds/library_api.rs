//! A buyer's e-books on the wire, for e-readers.
use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    FEED, PUBLICATION,
    api::json,
    asking::Owner,
    authentication::Authentication,
    library::{self, Part},
    wire::{Feed, Publication},
};
use crate::{
    app::App,
    catalog::{Market, builds::Wanted as WantedBuild},
    delivery,
    error::{Error, Result},
    library::Reader,
    values::{FileName, Locale},
    web::{
        Path, Query,
        locale::{self, Wanted},
        page::{DEFAULT_LIMIT, linked},
        peer::Peer,
    },
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read_own_catalog))
        .routes(routes!(read_own_publication))
        .routes(routes!(download_own))
}

/// Which part of the library, in which language.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LibraryParameters {
    /// Texts are in it where they are translated; default: the account's, then `Accept-Language`, then the store's.
    #[param(inline)]
    locale: Option<Locale>,
    /// Publications at most.
    #[param(minimum = 1, maximum = 100, default = 24)]
    limit: Option<u64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// The e-books that I own, for e-readers (OPDS 2.0).
///
/// HTTP Basic with an API key as the password, whatever the name, is taken as well as a token. What has no file yet is
/// left out.
#[utoipa::path(
    get, path = "/opds/library", tag = "opds", params(LibraryParameters),
    security(("bearer" = []), ("basic" = [])),
    responses(
        (status = 200, body = Feed, content_type = "application/opds+json"),
        (status = 401, body = Authentication, content_type = "application/opds-authentication+json", description = "How to sign in."),
    )
)]
async fn read_own_catalog(
    State(app): State<App>,
    owner: Owner,
    OriginalUri(uri): OriginalUri,
    Query(asked): Query<LibraryParameters>,
) -> Result<Response> {
    let part = Part { limit: asked.limit.unwrap_or(DEFAULT_LIMIT), cursor: asked.cursor };
    let (feed, next, language) = library::feed(&app, &reader(&app, owner, asked.locale), part, &uri).await?;
    let mut response = private(linked(json(FEED, &feed), &uri, next.as_deref()));
    locale::say(response.headers_mut(), &language);
    Ok(response)
}

/// In which language a publication is shown.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OwnPublicationParameters {
    /// Texts are in it where they are translated; default: the account's, then `Accept-Language`, then the store's.
    #[param(inline)]
    locale: Option<Locale>,
}

/// One of the e-books that I own (OPDS 2.0).
#[utoipa::path(
    get, path = "/opds/library/{product_id}", tag = "opds",
    security(("bearer" = []), ("basic" = [])),
    params(("product_id" = Uuid, Path), OwnPublicationParameters),
    responses(
        (status = 200, body = Publication, content_type = "application/opds-publication+json"),
        (status = 401, body = Authentication, content_type = "application/opds-authentication+json", description = "How to sign in."),
    )
)]
async fn read_own_publication(
    State(app): State<App>,
    owner: Owner,
    OriginalUri(uri): OriginalUri,
    Path(product_id): Path<Uuid>,
    Query(asked): Query<OwnPublicationParameters>,
) -> Result<Response> {
    let reader = reader(&app, owner, asked.locale);
    let (publication, language) = library::publication(&app, &reader, product_id, &uri).await?;
    let mut response = private(json(PUBLICATION, &publication));
    locale::say(response.headers_mut(), &language);
    Ok(response)
}

/// Which file.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DownloadParameters {
    /// A certain build rather than the newest.
    build_id: Option<Uuid>,
    /// Needed when the build has several files.
    #[param(inline)]
    file: Option<FileName>,
}

/// Download a file that I own, for e-readers.
///
/// Each time it leads to a new link to the bytes, which counts like one that `POST /library/{product_id}/downloads`
/// gives out and is refused alike.
#[utoipa::path(
    get, path = "/opds/library/{product_id}/download", tag = "opds",
    security(("bearer" = []), ("basic" = [])),
    params(("product_id" = Uuid, Path), DownloadParameters),
    responses(
        (status = 303, description = "To the file, which needs no other credential.", headers(("Location" = String))),
        (status = 401, body = Authentication, content_type = "application/opds-authentication+json", description = "How to sign in."),
    )
)]
async fn download_own(
    State(app): State<App>,
    Owner(account, _): Owner,
    peer: Peer,
    Path(product_id): Path<Uuid>,
    Query(asked): Query<DownloadParameters>,
) -> Result<Response> {
    let wanted = WantedBuild { id: asked.build_id, platform: None, arch: None, channel: None };
    let minted = delivery::mint(&app, &account, product_id, &wanted, asked.file.as_ref(), peer.ip).await?;
    let location = HeaderValue::try_from(minted.url).map_err(Error::unexpected)?;
    Ok(private((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()))
}

fn reader(app: &App, Owner(account, accepted): Owner, locale: Option<Locale>) -> Reader {
    Reader {
        account: account.id,
        market: Market::asked(None, None, Some(&account), &app.config.store),
        wanted: Wanted::new(locale, account.locale, accepted),
    }
}

/// Kept by nobody.
fn private(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}
