//! Buying, on the wire.
use std::collections::HashSet;

use axum::{extract::State, response::Response};
use entity::order_place::Source;
use http::{Uri, header};
use payments::Provider;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    cart::Shopper,
    gifts::GiftBody,
    mock::{self, Outcome},
    orders::{self, Order},
    place::{self, Wish},
    quote::Selected,
    return_url,
};
use crate::{
    accounts::Account,
    app::App,
    catalog::Market,
    config::ProviderName,
    error::{Error, Fault, Result, both},
    languages::Sentence,
    values::{Country, Currency, Money},
    web::{
        Created, Empty, IdempotencyKey, Json, Page, PageQuery, Path, Query,
        idempotency::replayed,
        locale::{AcceptLanguage, Wanted},
        peer::Peer,
    },
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(checkout))
        .routes(routes!(list_orders))
        .routes(routes!(read_order))
        .routes(routes!(cancel_order))
        .routes(routes!(end_mock_payment))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckoutBody {
    /// What to buy; default: the cart.
    #[schema(max_items = 100)]
    items: Option<Vec<CheckoutItem>>,
    /// The code of a coupon.
    #[schema(min_length = 1, max_length = 100)]
    coupon: Option<String>,
    /// Default: the store's.
    currency: Option<Currency>,
    /// Where the buyer is; default: the account's, else the store's.
    country: Option<Country>,
    /// Who takes the money; default: the store's first.
    provider: Option<ProviderName>,
    /// Where the buyer pays; default: `hosted`.
    payment_ui: Option<PaymentUi>,
    /// Whether store credit pays as much as there is of it, the provider taking the rest; default: no.
    use_credit: Option<bool>,
    /// Store credit that may be spent at most; to name it is to use credit.
    credit_limit: Option<Money>,
    /// Refuses the order when it would cost anything else.
    expected_total: Option<Money>,
    /// For whom it is, if it isn't for me: all of it is mailed to them as one gift, whatever I own of it.
    #[schema(nullable = false)]
    gift: Option<GiftBody>,
    /// Must be true: delivery begins at once, and the right to withdraw ends with it.
    accept_immediate_delivery: Option<bool>,
    /// Where the buyer goes after paying: https, or an address of this store.
    #[schema(min_length = 1, max_length = 2000)]
    success_url: Option<String>,
    /// Where the buyer goes who gives up: https, or an address of this store.
    #[schema(min_length = 1, max_length = 2000)]
    cancel_url: Option<String>,
}

/// Where the buyer pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PaymentUi {
    /// On a page of the provider's: `payment.checkout_url`.
    Hosted,
    /// On a page of the store's own, by Stripe's Elements with `payment.client_secret`; Stripe alone has it.
    Elements,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckoutItem {
    /// What to buy.
    product_id: Uuid,
    /// What I choose to pay, minor units of the currency, where the price lets me choose; default: the price's `amount`.
    #[schema(nullable = false, minimum = 0, maximum = 1_000_000_000)]
    amount: Option<i64>,
}

impl From<CheckoutItem> for Selected {
    fn from(item: CheckoutItem) -> Self {
        Self { product: item.product_id, amount: item.amount }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MockPaymentBody {
    /// How the payment ends.
    outcome: Outcome,
}

impl CheckoutBody {
    /// What the body asks for; 422 with everything in it that no state of the store could make right.
    fn wish(self, app: &App, account: &Account, peer: &Peer, accepted: AcceptLanguage) -> Result<Wish> {
        let faults = self.faults(app);
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let stated = [
            (Source::Order, self.country.clone()),
            (Source::Account, account.country.clone()),
            (Source::Network, peer.country.clone()),
        ];
        let places = stated.into_iter().filter_map(|(source, country)| Some((source, country?))).collect();
        let market = Market::asked(self.currency, self.country, Some(account), &app.config.store);
        let wanted = Wanted::new(None, account.locale.clone(), accepted);
        let credit_limit = credit_limit(self.use_credit, self.credit_limit, &market)?;
        Ok(Wish {
            shopper: Shopper { account: account.id, market, wanted },
            items: self.items.map(|items| items.into_iter().map(Selected::from).collect()),
            places,
            coupon: self.coupon,
            gift: self.gift.map(Into::into),
            provider: self.provider.map(ProviderName::as_str),
            elements: self.payment_ui == Some(PaymentUi::Elements),
            credit_limit,
            expected_total: self.expected_total,
            success_url: self.success_url,
            cancel_url: self.cancel_url,
            from: peer.ip,
        })
    }

    fn faults(&self, app: &App) -> Vec<Fault> {
        let mut faults = Vec::new();
        let items = self.items.as_deref();
        if items.is_some_and(<[_]>::is_empty) {
            faults.push(Fault::new("items", "empty_order", "must name something to buy"));
        }
        let mut seen = HashSet::new();
        for (index, item) in items.into_iter().flatten().enumerate() {
            if !seen.insert(item.product_id) {
                let field = format!("items[{index}].product_id");
                faults.push(Fault::new(field, "duplicate", "is named twice"));
            }
        }
        if self.accept_immediate_delivery != Some(true) {
            faults.push(Fault::new(
                "accept_immediate_delivery",
                "consent_required",
                "must be true: delivery begins at once",
            ));
        }
        if let Some(name) = self.provider.filter(|name| app.payments.named(name.as_str()).is_none()) {
            let rule = Sentence::from("`{ $provider }` is not set up in this store");
            faults.push(Fault::new("provider", "unknown_provider", rule.with("provider", name.as_str())));
        }
        faults.extend(self.gift.as_ref().and_then(|gift| gift.fault(app.clock.now())));
        let chosen = match self.provider {
            Some(name) => app.payments.named(name.as_str()),
            None => app.payments.preferred(),
        };
        let elements = self.payment_ui == Some(PaymentUi::Elements);
        let set_up = app.config.payments.stripe.publishable_key.is_some();
        if elements && !(set_up && chosen.is_some_and(Provider::has_elements)) {
            faults.push(Fault::new("payment_ui", "not_offered", "is not set up for this provider"));
        }
        faults.extend(return_url::fault(app, "success_url", self.success_url.as_deref()));
        faults.extend(return_url::fault(app, "cancel_url", self.cancel_url.as_deref()));
        faults
    }
}

/// Store credit that may be spent at most; 422 for a limit in another currency than the order's.
fn credit_limit(wanted: Option<bool>, limit: Option<Money>, market: &Market) -> Result<Option<i64>> {
    match (wanted, limit) {
        (_, Some(limit)) if limit.currency != market.currency => {
            Err(Error::field("credit_limit", "other_currency", "must be in the currency of the order"))
        }
        (Some(false), _) | (None, None) => Ok(None),
        (_, Some(limit)) => Ok(Some(limit.amount)),
        (Some(true), None) => Ok(Some(i64::MAX)),
    }
}

/// Buy: place an order for my cart, or for what the body names.
///
/// The order waits for its payment at `payment.checkout_url`; one that costs nothing, or that store credit pays in full,
/// is paid at once. With an `Idempotency-Key` the same request makes one order however often it is sent.
#[utoipa::path(post, path = "/checkout", tag = "orders", request_body = CheckoutBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Visible ASCII, kept for 24 hours.", min_length = 1, max_length = 255)),
    responses((status = 201, body = Order, headers(
        ("Location" = String, description = "The order."),
        ("Idempotent-Replayed" = String, description = "`true` when this was answered before.")))))]
async fn checkout(
    State(app): State<App>,
    account: Account,
    peer: Peer,
    accepted: AcceptLanguage,
    key: IdempotencyKey,
    body: Json<CheckoutBody>,
) -> Result<Created<Order>> {
    let once = key.once(account.id, &body);
    let wish = body.read().and_then(|body| body.wish(&app, &account, &peer, accepted));
    let (once, wish) = both(once, wish)?;
    let (order, again) = place::checkout(&app, &wish, once.as_ref()).await?;
    let mut headers = replayed(again);
    headers.push((header::LOCATION, format!("{}/orders/{}", crate::router::API, order.id)));
    Ok(Created { body: order, headers })
}

/// My orders, newest first.
#[utoipa::path(get, path = "/orders", tag = "orders", params(PageQuery),
    responses((status = 200, body = Page<Order>, headers(("Link" = String, description = "The next page, if there is one.")))))]
async fn list_orders(
    State(app): State<App>,
    account: Account,
    uri: Uri,
    Query(query): Query<PageQuery>,
) -> Result<Response> {
    let page = orders::page(&app, account.id, query.limit(), query.cursor.as_deref()).await?;
    Ok(page.answer(&uri))
}

/// One of my orders.
#[utoipa::path(get, path = "/orders/{id}", tag = "orders", params(("id" = Uuid, Path)),
    responses((status = 200, body = Order)))]
async fn read_order(State(app): State<App>, account: Account, Path(id): Path<Uuid>) -> Result<Json<Order>> {
    Ok(Json::of(orders::one(&app, account.id, id).await?))
}

/// Cancel an order that waits for its payment.
#[utoipa::path(post, path = "/orders/{id}/cancel", tag = "orders", params(("id" = Uuid, Path)),
    responses((status = 200, body = Order)))]
async fn cancel_order(
    State(app): State<App>,
    account: Account,
    Path(id): Path<Uuid>,
    body: Empty,
) -> Result<Json<Order>> {
    orders::find(&app, account.id, id).await?;
    body.read()?;
    Ok(Json::of(orders::cancel(&app, account.id, id).await?))
}

/// Say how a payment of the mock provider ends.
#[utoipa::path(post, path = "/payments/mock/{payment_id}", tag = "orders", params(("payment_id" = Uuid, Path)),
    request_body = MockPaymentBody, responses((status = 200, body = Order)))]
async fn end_mock_payment(
    State(app): State<App>,
    account: Account,
    Path(id): Path<Uuid>,
    body: Json<MockPaymentBody>,
) -> Result<Json<Order>> {
    let order = mock::find(&app, account.id, id).await?;
    let MockPaymentBody { outcome } = body.read()?;
    Ok(Json::of(mock::end(&app, account.id, (order, id), outcome).await?))
}
