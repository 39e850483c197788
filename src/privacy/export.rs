//! Everything that the store keeps of a person, written page by page, so that no export is held whole.
use std::io;

use bytes::Bytes;
use futures::{FutureExt, Stream, future::BoxFuture, stream};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    accounts,
    app::App,
    backoffice, bounces, checkout, community, delivery,
    error::{Error, Result},
    idempotency, library, licenses, notifications,
};

/// Rows read at once.
const PAGE: u64 = 100;

/// Reads what a slice keeps of an account from behind an id, each row with its id.
type Read = for<'a> fn(&'a App, Uuid, Option<Uuid>) -> BoxFuture<'a, Result<Vec<(Uuid, Value)>>>;

/// The lists of an export; each slice adds its own.
const LISTS: &[(&str, Read)] = &[
    ("sessions", |app, id, after| accounts::exported_sessions(app, id, after, PAGE).boxed()),
    ("passkeys", |app, id, after| accounts::exported_passkeys(app, id, after, PAGE).boxed()),
    ("second_factors", |app, id, after| accounts::exported_factors(app, id, after).boxed()),
    ("identities", |app, id, after| accounts::exported_identities(app, id, after, PAGE).boxed()),
    ("api_keys", |app, id, after| accounts::exported_api_keys(app, id, after, PAGE).boxed()),
    ("mail_links", |app, id, after| accounts::exported_links(app, id, after, PAGE).boxed()),
    ("mail_suppressed", |app, id, after| bounces::exported(app, id, after).boxed()),
    ("cart", |app, id, after| checkout::exported_cart(app, id, after, PAGE).boxed()),
    ("cart_coupon", |app, id, after| checkout::exported_cart_coupon(app, id, after).boxed()),
    ("orders", |app, id, after| checkout::exported_orders(app, id, after, PAGE).boxed()),
    ("gifts_sent", |app, id, after| checkout::exported_gifts_sent(app, id, after, PAGE).boxed()),
    ("gifts_claimed", |app, id, after| checkout::exported_gifts_claimed(app, id, after, PAGE).boxed()),
    ("credit", |app, id, after| checkout::exported_credit(app, id, after, PAGE).boxed()),
    ("entitlements", |app, id, after| library::exported_entitlements(app, id, after, PAGE).boxed()),
    ("grants", |app, id, after| library::exported_grants(app, id, after, PAGE).boxed()),
    ("downloads", |app, id, after| delivery::exported_downloads(app, id, after, PAGE).boxed()),
    ("license_activations", |app, id, after| licenses::exported_activations(app, id, after, PAGE).boxed()),
    ("wishlist", |app, id, after| community::exported_wishlist(app, id, after, PAGE).boxed()),
    ("reviews", |app, id, after| community::exported_reviews(app, id, after, PAGE).boxed()),
    ("review_votes", |app, id, after| community::exported_votes(app, id, after, PAGE).boxed()),
    ("review_reports", |app, id, after| community::exported_reports(app, id, after, PAGE).boxed()),
    ("notifications", |app, id, after| notifications::exported(app, id, after, PAGE).boxed()),
    ("notification_preferences", |app, id, after| {
        notifications::exported_preferences(app, id, after).boxed()
    }),
    ("idempotency_keys", |app, id, after| idempotency::exported(app, id, after, PAGE).boxed()),
    ("audit_log", |app, id, after| backoffice::exported(app, id, after, PAGE).boxed()),
];

/// Where the writing stands: in which list, behind which row.
#[derive(Clone, Copy)]
struct Place {
    list: usize,
    after: Option<Uuid>,
}

/// The document in pieces. What is refused is refused before the first of them.
pub(super) async fn document(
    app: App,
    account: Uuid,
) -> Result<impl Stream<Item = io::Result<Bytes>> + Send + 'static> {
    let head = format!(
        "{{\"exported_at\":{},\"account\":{}",
        text(&app.clock.now())?,
        accounts::exported(&app, account).await?
    );
    let start = Place { list: 0, after: None };
    let lists = stream::try_unfold(Some(start), move |place| {
        let app = app.clone();
        async move { step(&app, account, place).await.map_err(broken_off) }
    });
    Ok(stream::StreamExt::chain(stream::iter([Ok(Bytes::from(head))]), lists))
}

/// The next piece, and where it ends; none behind the last.
async fn step(app: &App, account: Uuid, place: Option<Place>) -> Result<Option<(Bytes, Option<Place>)>> {
    let Some(place) = place else { return Ok(None) };
    let Some((name, read)) = LISTS.get(place.list) else {
        return Ok(Some((Bytes::from_static(b"}"), None)));
    };
    let rows = read(app, account, place.after).await?;
    let mut piece = String::new();
    if place.after.is_none() {
        piece = format!(",\"{name}\":[");
    }
    for (number, (_, row)) in rows.iter().enumerate() {
        if number > 0 || place.after.is_some() {
            piece.push(',');
        }
        piece.push_str(&text(row)?);
    }
    let full = u64::try_from(rows.len()).is_ok_and(|rows| rows >= PAGE);
    let next = match rows.last() {
        Some((last, _)) if full => Place { after: Some(*last), ..place },
        _ => {
            piece.push(']');
            Place { list: place.list + 1, after: None }
        }
    };
    Ok(Some((Bytes::from(piece), Some(next))))
}

fn text(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::unexpected)
}

/// The answer has begun, so that the caller sees nothing but a body without its end.
fn broken_off(error: Error) -> io::Error {
    tracing::error!(%error, "an export broke off");
    io::Error::other("the export broke off")
}
