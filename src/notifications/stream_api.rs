//! What I am told as it comes, over HTTP.
use axum::{
    body::Body,
    extract::{FromRequestParts, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};
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
    error::{Error, Refusal, Result},
    values::Locale,
    web::{
        Created, Empty, Query,
        locale::{self, AcceptLanguage},
    },
};

/// The parameter that stands in the place of an access token.
const TICKET: &str = "ticket";
/// Where a browser says what it saw last.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Tells nginx to pass everything on at once.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What is one account's alone.
const PERSONAL: HeaderValue = HeaderValue::from_static("private, no-store");

const INVALID_LAST_EVENT_ID: Refusal =
    Refusal::malformed("invalid_last_event_id", "Last-Event-ID is no id of an event of this stream.");

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(stream_notifications)).routes(routes!(create_stream_ticket))
}

/// Who asks for a stream, before anything else of the request is judged: 401 to who shows neither an access token nor a ticket.
struct Asker(Option<Account>);

impl FromRequestParts<App> for Asker {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let MaybeAccount(account) = MaybeAccount::from_request_parts(parts, app).await?;
        let query = parts.uri.query().unwrap_or_default();
        let mut given = url::form_urlencoded::parse(query.as_bytes());
        if account.is_none() && !given.any(|(name, _)| name == TICKET) {
            return Err(UNAUTHORIZED.into());
        }
        Ok(Self(account))
    }
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
    Asker(account): Asker,
    method: Method,
    accepted: AcceptLanguage,
    headers: HeaderMap,
    Query(asked): Query<StreamQuery>,
) -> Result<Response> {
    let last_seen = last_seen(&headers)?.or(asked.last_event_id);
    let ticket = asked.ticket.filter(|_| account.is_none());
    let account = match (account, &ticket) {
        (Some(account), _) => account,
        (None, Some(ticket)) => tickets::holder(&app, ticket).await?,
        (None, None) => return Err(UNAUTHORIZED.into()),
    };
    let place = streams::place(&app, account.id)?;
    // What is refused, or asked for its head alone, uses no ticket up.
    if let Some(ticket) = ticket.filter(|_| method != Method::HEAD) {
        tickets::redeem(&app, &ticket).await?;
    }
    let listener = Listener {
        credential: account.session,
        until: account.until,
        reader: reader(&app, &account, asked.locale, accepted),
    };
    let language = listener.reader.language;
    let events = streams::open(&app, listener, place, last_seen).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, PERSONAL),
        (ACCEL_BUFFERING, HeaderValue::from_static("no")),
    ];
    let mut response = (headers, Body::from_stream(events)).into_response();
    locale::say_own(response.headers_mut(), language);
    Ok(response)
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
async fn create_stream_ticket(State(app): State<App>, account: Account, body: Empty) -> Result<Response> {
    body.read()?;
    let given = Created { body: tickets::give(&app, &account).await?, headers: Vec::new() };
    Ok(([(header::CACHE_CONTROL, PERSONAL)], given).into_response())
}
