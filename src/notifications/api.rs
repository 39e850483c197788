//! What I was told, over HTTP.
use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Deserialize;
use utoipa::{
    IntoParams, ToSchema,
    openapi::path::{Parameter, ParameterIn},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    list::{self, NotificationPage},
    shown::Reader,
};
use crate::{
    accounts::Account,
    app::App,
    catalog::Market,
    error::Result,
    languages::Language,
    values::Locale,
    web::{
        Json, PageQuery, Query,
        locale::{self, AcceptLanguage, Wanted},
        page::linked,
    },
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_notifications)).routes(routes!(read_notifications))
}

/// Which notifications, and how they are told.
#[derive(Deserialize)]
struct ListQuery {
    #[serde(default)]
    unread: bool,
    locale: Option<Locale>,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only documents the parameters")]
struct ListParameters {
    /// Only what I have not read.
    unread: Option<bool>,
    /// Told in it; default: the account's language, then `Accept-Language`, then the store's.
    #[param(inline)]
    locale: Option<Locale>,
}

impl IntoParams for ListQuery {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        [PageQuery::into_params(&place), ListParameters::into_params(&place)].concat()
    }
}

/// Somebody who is told, in the language that was asked for.
pub(super) fn reader(
    app: &App,
    account: &Account,
    asked: Option<Locale>,
    accepted: AcceptLanguage,
) -> Reader {
    let wanted = Wanted::new(asked, account.locale.clone(), accepted);
    Reader {
        account: account.id,
        market: Market::asked(None, None, Some(account), &app.config.store),
        language: Language::of(&wanted, &app.config.store.locale),
        wanted,
    }
}

/// What I was told, the latest first.
///
/// Titles and texts are written as it is read, of things as they are then.
#[utoipa::path(get, path = "/notifications", tag = "notifications", params(ListQuery),
    responses((status = 200, body = NotificationPage,
        headers(("Link" = String, description = "The next page, if there is one.")))))]
async fn list_notifications(
    State(app): State<App>,
    account: Account,
    accepted: AcceptLanguage,
    OriginalUri(uri): OriginalUri,
    Query(asked): Query<ListQuery>,
) -> Result<Response> {
    let reader = reader(&app, &account, asked.locale, accepted);
    let page = list::page(&app, &reader, asked.unread, &asked.page).await?;
    let next = page.next_cursor.clone();
    let mut response = linked(Json::of(page).into_response(), &uri, next.as_deref());
    locale::say_own(response.headers_mut(), reader.language);
    Ok(response)
}

/// What I have read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReadNotifications {
    /// These; such as are not mine, or not there any more, are passed over.
    #[schema(nullable = false, min_items = 1, max_items = 100)]
    ids: Option<Vec<Uuid>>,
    /// True: all of them.
    #[schema(nullable = false)]
    all: Option<bool>,
}

/// Mark notifications as read: either some by their ids, or all.
#[utoipa::path(post, path = "/notifications/read", tag = "notifications",
    responses((status = 204, description = "Noted.")))]
async fn read_notifications(
    State(app): State<App>,
    account: Account,
    body: Json<ReadNotifications>,
) -> Result<StatusCode> {
    let ReadNotifications { ids, all } = body.read()?;
    list::read(&app, account.id, list::what(ids, all)?.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
