//! What I am told as it comes, over HTTP.
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    api::reader,
    streams::{self, Listener},
    tickets::{self, StreamTicket},
};
use crate::{
    accounts::{Account, MaybeAccount, UNAUTHORIZED},
    app::App,
    error::{Refusal, Result},
    values::Locale,
    web::{Created, Empty, Query, locale::AcceptLanguage},
};

/// Where a browser says what it saw last.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Tells nginx to pass everything on at once.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

const INVALID_LAST_EVENT_ID: Refusal =
    Refusal::malformed("invalid_last_event_id", "Last-Event-ID is no id of an event of this stream.");

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(stream_notifications)).routes(routes!(create_stream_ticket))
}

/// Server-sent events.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only documents the body")]
struct Events(String);

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StreamQuery {
    /// What `POST /notifications/stream-ticket` gave, in the place of an access token.
    #[param(max_length = 200)]
    ticket: Option<String>,
    /// As the header `Last-Event-ID`, which comes before it.
    #[param(minimum = 0)]
    last_event_id: Option<i64>,
    /// Told in it; default: the account's language, then `Accept-Language`, then the store's.
    #[param(inline)]
    locale: Option<Locale>,
}

/// What I am told from now on, or from behind `Last-Event-ID`, as server-sent events.
///
/// Each is `event: notification` with a Notification as `data` and its position as `id`: whoever resumes with the last one
/// has missed nothing. It ends when the access token or the session does. 401 `invalid_ticket`, 429 `too_many_streams`.
#[utoipa::path(get, path = "/notifications/stream", tag = "notifications",
    params(StreamQuery, ("Last-Event-ID" = Option<i64>, Header, description = "The last id that was seen.")),
    responses((status = 200, description = "Events, for as long as it lasts.",
        content((inline(Events) = "text/event-stream")))))]
async fn stream_notifications(
    State(app): State<App>,
    MaybeAccount(account): MaybeAccount,
    accepted: AcceptLanguage,
    headers: HeaderMap,
    Query(asked): Query<StreamQuery>,
) -> Result<Response> {
    if account.is_none() && asked.ticket.is_none() {
        return Err(UNAUTHORIZED.into());
    }
    // Before the ticket is used up.
    let last_seen = last_seen(&headers)?.or(asked.last_event_id);
    let account = match (account, &asked.ticket) {
        (Some(account), _) => account,
        (None, Some(ticket)) => tickets::redeem(&app, ticket).await?,
        (None, None) => return Err(UNAUTHORIZED.into()),
    };
    let listener = Listener {
        credential: account.session,
        until: account.until,
        reader: reader(&app, &account, asked.locale, accepted),
    };
    let language = HeaderValue::from_static(listener.reader.language.tag());
    let events = streams::open(&app, listener, last_seen).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::CONTENT_LANGUAGE, language),
        (ACCEL_BUFFERING, HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(events)).into_response())
}

/// The header's position; none where a browser saw nothing yet.
fn last_seen(headers: &HeaderMap) -> Result<Option<i64>> {
    let Some(value) = headers.get(LAST_EVENT_ID) else { return Ok(None) };
    let text = value.to_str().map_err(|_| INVALID_LAST_EVENT_ID)?.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let position: i64 = text.parse().map_err(|_| INVALID_LAST_EVENT_ID)?;
    if position < 0 { Err(INVALID_LAST_EVENT_ID.into()) } else { Ok(Some(position)) }
}

/// Get a ticket that opens one stream of mine within a minute, where no header can be sent. 429 `too_many_attempts`.
#[utoipa::path(post, path = "/notifications/stream-ticket", tag = "notifications",
    responses((status = 201, body = StreamTicket)))]
async fn create_stream_ticket(
    State(app): State<App>,
    account: Account,
    body: Empty,
) -> Result<Created<StreamTicket>> {
    body.read()?;
    Ok(Created { body: tickets::give(&app, &account).await?, headers: Vec::new() })
}
