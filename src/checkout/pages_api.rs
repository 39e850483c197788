//! The pages that a buyer comes back to from a provider, and that gifts lead to, where the store has no frontend of its own; and
//! the page of the mock provider.
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderValue, StatusCode, header};
use minijinja::context;
use url::Url;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    gifts,
    mock_page::{self, Asked, Next},
    return_url::{CANCELLED, PAID},
};
use crate::{
    app::App,
    error::{Error, Result},
    languages::Language,
    mail,
    values::{Currency, Money},
    web::{Form, Path, pages},
};

/// The pages, which are no operations of the API.
pub fn pages() -> OpenApiRouter<App> {
    let pages = Router::new()
        .route(PAID, get(paid))
        .route(CANCELLED, get(cancelled))
        .route(gifts::PAGE, get(show_gift))
        .route(mock_page::PAGE, get(show_mock_payment).post(end_mock_payment));
    OpenApiRouter::from(pages)
}

/// Says no more than it knows: what was paid is told by the provider, not by whoever opens this page.
async fn paid(State(app): State<App>, language: Language) -> Response {
    pages::message(&app, language, StatusCode::OK, "paid")
}

async fn cancelled(State(app): State<App>, language: Language) -> Response {
    pages::message(&app, language, StatusCode::OK, "unpaid")
}

/// Shows the code of a gift. Opening it claims nothing: programs that look at mails do so too.
async fn show_gift(State(app): State<App>, language: Language, form: Form) -> Response {
    let told = context! { token => form.field("token") };
    pages::page(&app, language, StatusCode::OK, "gift.html", told)
}

/// Shows a payment of the mock provider, and the ways in which it may end.
async fn show_mock_payment(
    State(app): State<App>,
    language: Language,
    Path(id): Path<Uuid>,
    form: Form,
) -> Response {
    let token = form.field("token");
    let shown = match mock_page::find(&app, id, token).await {
        Ok(asked) => mock_payment(&app, language, &asked, token, false),
        Err(error) => Err(error),
    };
    shown.unwrap_or_else(|error| pages::failed(&app, language, error))
}

async fn end_mock_payment(
    State(app): State<App>,
    language: Language,
    Path(id): Path<Uuid>,
    form: Form,
) -> Response {
    let ended = press(&app, language, id, &form).await;
    ended.unwrap_or_else(|error| pages::failed(&app, language, error))
}

async fn press(app: &App, language: Language, id: Uuid, form: &Form) -> Result<Response> {
    let (token, outcome) = (form.field("token"), form.field("outcome"));
    let asked = mock_page::find(app, id, token).await?;
    match mock_page::end(app, asked, outcome).await? {
        Next::Leave(place) => leave(&place),
        Next::Stay(asked) => mock_payment(app, language, &asked, token, outcome == "decline"),
    }
}

fn leave(place: &Url) -> Result<Response> {
    let place = HeaderValue::try_from(place.as_str()).map_err(Error::unexpected)?;
    let once = HeaderValue::from_static("no-store");
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, place), (header::CACHE_CONTROL, once)]).into_response())
}

fn mock_payment(
    app: &App,
    language: Language,
    asked: &Asked,
    token: &str,
    declined: bool,
) -> Result<Response> {
    let payment = &asked.payment;
    let money = Money { amount: payment.amount, currency: Currency::stored(&payment.currency)? };
    let told = context! {
        number => asked.order.number.as_str(), amount => mail::money(language, &money), payment => payment.id.to_string(),
        token, declined, open => asked.is_open(),
    };
    let page = pages::page(app, language, StatusCode::OK, "mock_payment.html", told);
    let places: Vec<Url> = [asked.paid(app), asked.cancelled(app)].into_iter().flatten().collect();
    Ok(pages::leading_to(page, &places))
}
