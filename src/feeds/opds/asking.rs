//! Who asks for a feed of OPDS, as arguments of handlers: whoever isn't let in is told how to sign in.
use axum::{
    body::Body,
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};

use super::authentication;
use crate::{
    accounts::{self, Account, MaybeReader},
    app::App,
    error::{Error, Problem},
    storefront::Visitor,
    web::locale::AcceptLanguage,
};

/// The credential that e-readers can send.
const BASIC: HeaderValue = HeaderValue::from_static("Basic realm=\"OPDS\", charset=\"UTF-8\"");

/// A visitor of the catalog, known or not.
pub(super) struct Guest(pub(super) Visitor);

/// A buyer, and the languages that their e-reader asks for.
pub(super) struct Owner(pub(super) Account, pub(super) AcceptLanguage);

impl FromRequestParts<App> for Guest {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let known = MaybeReader::from_request_parts(parts, app).await.map_err(|error| refused(app, error))?;
        let accepted = accepted(parts, app).await?;
        Ok(Self(Visitor::new(known.0, accepted)))
    }
}

impl FromRequestParts<App> for Owner {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let known = accounts::Reader::from_request_parts(parts, app).await;
        let accounts::Reader(account) = known.map_err(|error| refused(app, error))?;
        Ok(Self(account, accepted(parts, app).await?))
    }
}

async fn accepted(parts: &mut Parts, app: &App) -> Result<AcceptLanguage, Response> {
    AcceptLanguage::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)
}

/// A refusal; a 401 carries the document that e-readers look for in the place of the problem.
fn refused(app: &App, error: Error) -> Response {
    let mut response = error.into_response();
    if response.status() != StatusCode::UNAUTHORIZED {
        return response;
    }
    response.extensions_mut().remove::<Problem>();
    let headers = response.headers_mut();
    headers.append(header::WWW_AUTHENTICATE, BASIC);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(authentication::MEDIA_TYPE));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let link = format!("<{}>; rel=\"{}\"", authentication::address(app), authentication::RELATION);
    if let Ok(link) = HeaderValue::try_from(link) {
        headers.insert(header::LINK, link);
    }
    *response.body_mut() = match serde_json::to_vec(&authentication::document(app)) {
        Ok(document) => Body::from(document),
        Err(error) => return Error::unexpected(error).into_response(),
    };
    response
}
