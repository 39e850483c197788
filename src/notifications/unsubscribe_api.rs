//! Unsubscribing as mail programs do it: RFC 8058 has them post a form to the address in the mail's header.
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::unsubscribe;
use crate::{
    app::App,
    error::{Error, Result},
    web::{Query, Raw, json},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show_unsubscribe, unsubscribe))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TokenQuery {
    /// As it stands in the mail.
    #[param(max_length = 200)]
    token: Option<String>,
}

/// The token of a mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Unsubscription {
    /// As it stands in the mail.
    #[schema(min_length = 1, max_length = 200)]
    token: String,
}

/// What mail programs post; `token` may stand in the address instead.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only documents the form")]
struct OneClick {
    /// `One-Click`.
    #[schema(rename = "List-Unsubscribe")]
    list_unsubscribe: Option<String>,
    /// As it stands in the mail.
    token: Option<String>,
}

/// Open the address of a mail's header in a browser: it leads to a page that asks to confirm.
#[utoipa::path(get, path = "/mail/unsubscribe", tag = "notifications", security(()), params(TokenQuery),
    responses((status = 303, description = "To the page.", headers(("Location" = String, description = "The page.")))))]
async fn show_unsubscribe(Query(asked): Query<TokenQuery>) -> Result<Response> {
    let page = unsubscribe::page(&asked.token.unwrap_or_default());
    let page = HeaderValue::try_from(page).map_err(Error::unexpected)?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, page), no_store()]).into_response())
}

fn no_store() -> (http::HeaderName, HeaderValue) {
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

/// Be mailed no more of what a mail was about.
///
/// The token stands in the mail, and its holder need not be signed in. It may come as `token` of a JSON object, of a form,
/// or of the address; mail programs post the form `List-Unsubscribe=One-Click` (RFC 8058). Doing it again changes nothing.
/// 404 `invalid_token`.
#[utoipa::path(post, path = "/mail/unsubscribe", tag = "notifications", security(()), params(TokenQuery),
    request_body(content((Unsubscription = "application/json"), (inline(OneClick) = "application/x-www-form-urlencoded"))),
    responses((status = 204, description = "Done.")))]
async fn unsubscribe(
    State(app): State<App>,
    headers: HeaderMap,
    Query(asked): Query<TokenQuery>,
    body: Raw,
) -> Result<Response> {
    let bytes = body.read()?;
    let token = match json::content_type(&headers).as_deref() {
        Some("application/json") => json::parse::<Unsubscription>(&bytes)?.token,
        _ => {
            let mut fields = url::form_urlencoded::parse(&bytes);
            let field = fields.find(|(name, _)| name == "token").map(|(_, value)| value.into_owned());
            field.or(asked.token).ok_or_else(|| Error::field("token", "required", "is required"))?
        }
    };
    unsubscribe::unsubscribe(&app, &token).await?;
    Ok((StatusCode::NO_CONTENT, [no_store()]).into_response())
}
