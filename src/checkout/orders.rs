//! Orders as their buyers and the back office see them.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    order::{self, Status},
    order_line,
    order_place::Source,
    payment, refund,
};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    close, elements,
    place::NUMBER_BEGINS,
    queries,
    queries::{Search, Sought},
    taxes,
};
use crate::{
    accounts,
    app::App,
    error::{Error, NOT_FOUND, Refusal, Result},
    values::{BasisPoints, Currency, Email, Money},
    web::{Cursor, Page},
};

const NOT_CANCELLABLE: Refusal =
    Refusal::conflict("not_cancellable", "Only an order that waits for its payment can be cancelled.");

/// A purchase.
#[derive(Debug, Serialize, ToSchema)]
pub struct Order {
    /// UUIDv7.
    pub id: Uuid,
    /// What people quote.
    pub number: String,
    /// Where it stands.
    pub status: Status,
    /// As they were sold.
    pub items: Vec<OrderItem>,
    /// The sum of the unit prices.
    pub subtotal: Money,
    /// What bundles and coupons took off.
    pub discount: Money,
    /// Of all items.
    pub tax: Money,
    /// Whether the prices include the tax; else it was added to them.
    pub tax_included: bool,
    /// What is paid.
    pub total: Money,
    /// What of the total store credit pays; left out where it pays nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub credit: Option<Money>,
    /// The code of the coupon.
    #[schema(required)]
    pub coupon: Option<String>,
    /// The gift that it is, if it is for somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub gift_id: Option<Uuid>,
    /// ISO 3166-1 alpha-2, as the buyer stated.
    pub country: String,
    /// The latest attempt to pay it.
    pub payment: OrderPayment,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// UTC.
    #[schema(required)]
    pub paid_at: Option<DateTime<Utc>>,
    /// UTC, of the last refund.
    #[schema(required)]
    pub refunded_at: Option<DateTime<Utc>>,
    /// What was given back, from the first; left out where nothing was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub refunds: Vec<OrderRefund>,
}

/// What of an order was given back together.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderRefund {
    /// UUIDv7; its credit note is at `credit-notes/{refund_id}` of the order.
    pub id: Uuid,
    /// How much.
    pub amount: Money,
    /// What of it became store credit.
    pub credit: Money,
    /// UTC.
    pub created_at: DateTime<Utc>,
}

/// One product of an order, as it was sold.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderItem {
    /// What was sold.
    pub product_id: Uuid,
    /// The bundle it was bought in.
    #[schema(required)]
    pub bundle_id: Option<Uuid>,
    /// As it was called then.
    pub title: String,
    /// What it cost then.
    pub unit_price: Money,
    /// Its part of what its bundle and the coupon took off.
    pub discount: Money,
    /// Part of the total.
    pub tax: Money,
    /// Percent at which it was charged: `19`, `25.5`.
    pub tax_rate: String,
    /// What was paid for it.
    pub total: Money,
    /// `true` for what was bought before its release; left out otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub preordered: Option<bool>,
    /// Whether it was given back.
    pub refunded: bool,
}

/// How an order is paid.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderPayment {
    /// UUIDv7.
    pub id: Uuid,
    /// `mock`, `stripe`, `free` for what costs nothing, or `credit` where store credit pays all.
    pub provider: String,
    /// Where it stands.
    pub status: payment::Status,
    /// Where the buyer pays; null when there is nothing to pay any more, or it is paid by Elements.
    #[schema(required)]
    pub checkout_url: Option<String>,
    /// What the buyer's browser pays with by Stripe's Elements: for the buyer alone, while there is something to pay and
    /// Stripe can be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub client_secret: Option<String>,
    /// The store's key for Stripe's Elements, beside the secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub publishable_key: Option<String>,
}

/// An order as the back office sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AdminOrder {
    #[serde(flatten)]
    pub(super) order: Order,
    /// The buyer.
    pub(super) account_id: Uuid,
    /// What tells where the buyer was: evidence for the tax.
    pub(super) places: Vec<OrderPlace>,
    /// Whether two of those name the country of the order, whose tax it bears.
    pub(super) place_is_clear: bool,
    /// Why people must look at its payment, from the first.
    pub(super) flags: Vec<OrderFlag>,
}

/// Why people must look at the payment of an order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OrderFlag {
    /// Such as `wrong_amount`, `refund_failed` or `disputed_amount`.
    reason: String,
    /// UTC.
    at: DateTime<Utc>,
}

/// What tells where the buyer of an order was.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OrderPlace {
    /// Who says it.
    source: Source,
    /// ISO 3166-1 alpha-2.
    country: String,
}

/// One order of an account; 404 for another's.
pub(super) async fn one(app: &App, account: Uuid, order: Uuid) -> Result<Order> {
    close::expire_of(app, account).await?;
    shown(app, account, order).await
}

/// The same of one that was just written, or whose account was looked through for overdue orders.
pub(super) async fn shown(app: &App, account: Uuid, order: Uuid) -> Result<Order> {
    let row = queries::order_of(&app.db.read, account, order).await?.ok_or(NOT_FOUND)?;
    let mut order = only(whole(app, vec![row]).await?)?;
    elements::complete(app, &mut order).await?;
    Ok(order)
}

/// One that was just written, with its latest payment as it stands: nothing of it is read again.
pub(super) async fn placed(
    app: &App,
    row: order::Model,
    lines: Vec<order_line::Model>,
    payment: payment::Model,
    gift: Option<Uuid>,
) -> Result<Order> {
    let mut order = Order::of(row, lines, payment, gift, Vec::new())?;
    elements::complete(app, &mut order).await?;
    Ok(order)
}

/// Anybody's order as its buyer sees it, for who tells others of it; none when there is no such order.
pub async fn read(app: &App, order: Uuid) -> Result<Option<Order>> {
    let rows = queries::order(&app.db.read, order).await?.into_iter().collect();
    Ok(whole(app, rows).await?.into_iter().next())
}

/// The numbers of orders by id.
pub async fn numbers(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    Ok(queries::numbers(db, ids).await?.into_iter().collect())
}

/// The number of the order of a line.
pub async fn number_of_line(db: &impl ConnectionTrait, line: Uuid) -> Result<Option<String>> {
    Ok(queries::number_of_line(db, line).await?)
}

/// 404 unless it is an order of the account.
pub(super) async fn find(app: &App, account: Uuid, order: Uuid) -> Result<()> {
    queries::order_of(&app.db.read, account, order).await?.map(drop).ok_or(NOT_FOUND.into())
}

/// A page of an account's orders, newest first.
pub(super) async fn page(app: &App, account: Uuid, limit: u64, cursor: Option<&str>) -> Result<Page<Order>> {
    close::expire_of(app, account).await?;
    let list = format!("orders {account}");
    let after = cursor.map(|text| Cursor::read(&app.keys.cursor, &list, text)).transpose()?;
    let rows = queries::orders_of(&app.db.read, account, after, limit + 1).await?;
    let page = Page::of(rows, limit, &app.keys.cursor, &list, |row| row.id)?;
    Ok(Page { items: whole(app, page.items).await?, next_cursor: page.next_cursor, total: None })
}

/// Cancels an open order of an account.
pub(super) async fn cancel(app: &App, account: Uuid, order: Uuid) -> Result<Order> {
    close::expire_of(app, account).await?;
    queries::order_of(&app.db.read, account, order).await?.ok_or(NOT_FOUND)?;
    if !close::close(app, order, Status::Cancelled).await? {
        return Err(NOT_CANCELLABLE.into());
    }
    one(app, account, order).await
}

/// Anybody's order, for the back office.
pub(super) async fn any(app: &App, order: Uuid) -> Result<AdminOrder> {
    let row = queries::order(&app.db.read, order).await?.ok_or(NOT_FOUND)?;
    let order = staffs(app, vec![row]).await?.into_iter().next();
    Ok(order.ok_or(NOT_FOUND)?)
}

/// What the back office means: an address has an `@`, an id is a UUID, and all else begins a number. What begins every
/// number is nothing to look for.
pub(super) async fn sought(app: &App, q: &str) -> Result<Option<Sought>> {
    let q = q.trim();
    if q.contains('@') {
        let buyer = match Email::parse(q) {
            Ok(address) => accounts::by_address(&app.db.read, &address).await?,
            Err(_) => None,
        };
        return Ok(Some(Sought::Buyer(buyer)));
    }
    if let Ok(id) = Uuid::try_parse(q) {
        return Ok(Some(Sought::Id(id)));
    }
    let number = q.to_uppercase();
    Ok((!NUMBER_BEGINS.starts_with(&number)).then_some(Sought::Number(number)))
}

/// A page of everybody's orders, newest first, for the back office.
pub(super) async fn search(
    app: &App,
    search: &Search,
    limit: u64,
    cursor: Option<&str>,
) -> Result<Page<AdminOrder>> {
    let list = format!("admin orders {search:?}");
    let after = cursor.map(|text| Cursor::read(&app.keys.cursor, &list, text)).transpose()?;
    let rows = queries::search(&app.db.read, search, after, limit + 1).await?;
    let page = Page::of(rows, limit, &app.keys.cursor, &list, |row| row.id)?;
    Ok(Page { items: staffs(app, page.items).await?, next_cursor: page.next_cursor, total: None })
}

/// Orders as the back office sees them.
async fn staffs(app: &App, rows: Vec<order::Model>) -> Result<Vec<AdminOrder>> {
    let accounts: Vec<Uuid> = rows.iter().map(|row| row.account_id).collect();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut places: HashMap<Uuid, Vec<OrderPlace>> = HashMap::new();
    for row in queries::places(&app.db.read, &ids).await? {
        let place = OrderPlace { source: row.source, country: row.country };
        places.entry(row.order_id).or_default().push(place);
    }
    let mut flags: HashMap<Uuid, Vec<OrderFlag>> = HashMap::new();
    for row in queries::flags(&app.db.read, &ids).await? {
        flags.entry(row.order_id).or_default().push(OrderFlag { reason: row.reason, at: row.at });
    }
    let orders = whole(app, rows).await?;
    let mut order = |(order, account_id): (Order, Uuid)| {
        let places = places.remove(&order.id).unwrap_or_default();
        let told = places.iter().map(|place| place.country.as_str());
        let place_is_clear = taxes::is_clear(&order.country, told);
        let flags = flags.remove(&order.id).unwrap_or_default();
        AdminOrder { order, account_id, places, place_is_clear, flags }
    };
    Ok(orders.into_iter().zip(accounts).map(&mut order).collect())
}

fn only(orders: Vec<Order>) -> Result<Order> {
    Ok(orders.into_iter().next().ok_or(NOT_FOUND)?)
}

/// Orders with their lines and latest payments.
pub(super) async fn whole(app: &App, rows: Vec<order::Model>) -> Result<Vec<Order>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut lines: HashMap<Uuid, Vec<order_line::Model>> = HashMap::new();
    for line in queries::lines(&app.db.read, &ids).await? {
        lines.entry(line.order_id).or_default().push(line);
    }
    let payments = queries::payments(&app.db.read, &ids).await?;
    let mut latest: HashMap<Uuid, payment::Model> =
        payments.into_iter().map(|payment| (payment.order_id, payment)).collect();
    let gifts = queries::gifts_of_orders(&app.db.read, &ids).await?;
    let gifts: HashMap<Uuid, Uuid> = gifts.into_iter().map(|gift| (gift.order_id, gift.id)).collect();
    let given_back: Vec<Uuid> =
        rows.iter().filter(|row| row.refunded_at.is_some()).map(|row| row.id).collect();
    let mut refunds: HashMap<Uuid, Vec<refund::Model>> = HashMap::new();
    if !given_back.is_empty() {
        for refund in queries::refunds(&app.db.read, &given_back).await? {
            refunds.entry(refund.order_id).or_default().push(refund);
        }
    }
    let mut orders = Vec::new();
    for row in rows {
        let lines = lines.remove(&row.id).unwrap_or_default();
        let payment = latest
            .remove(&row.id)
            .ok_or_else(|| Error::unexpected(format!("order {} has no payment", row.id)))?;
        let gift = gifts.get(&row.id).copied();
        let refunds = refunds.remove(&row.id).unwrap_or_default();
        orders.push(Order::of(row, lines, payment, gift, refunds)?);
    }
    Ok(orders)
}

impl Order {
    /// An order with what is read or known of it.
    pub(super) fn of(
        row: order::Model,
        lines: Vec<order_line::Model>,
        payment: payment::Model,
        gift_id: Option<Uuid>,
        refunds: Vec<refund::Model>,
    ) -> Result<Self> {
        let currency = Currency::stored(&row.currency)?;
        let money = |amount| Money { amount, currency: currency.clone() };
        let item = |line: order_line::Model| OrderItem {
            product_id: line.product_id,
            bundle_id: line.bundle_id,
            title: line.title,
            unit_price: money(line.unit_price),
            discount: money(line.discount),
            tax: money(line.tax),
            tax_rate: BasisPoints::new(u16::try_from(line.tax_rate).unwrap_or_default()).to_string(),
            total: money(line.total),
            preordered: line.preordered.then_some(true),
            refunded: line.refunded,
        };
        let refund = |refund: refund::Model| OrderRefund {
            id: refund.id,
            amount: money(refund.amount),
            credit: money(refund.credit),
            created_at: refund.created_at,
        };
        Ok(Self {
            id: row.id,
            number: row.number,
            status: row.status,
            items: lines.into_iter().map(item).collect(),
            subtotal: money(row.subtotal),
            discount: money(row.discount),
            tax: money(row.tax),
            tax_included: row.tax_included,
            total: money(row.total),
            credit: Some(money(row.credit)).filter(|credit| credit.amount > 0),
            coupon: row.coupon,
            gift_id,
            country: row.country,
            payment: OrderPayment {
                id: payment.id,
                provider: payment.provider,
                checkout_url: payment
                    .checkout_url
                    .filter(|_| row.status == Status::Pending && queries::OPEN.contains(&payment.status)),
                status: payment.status,
                client_secret: None,
                publishable_key: None,
            },
            created_at: row.created_at,
            paid_at: row.paid_at,
            refunded_at: row.refunded_at,
            refunds: refunds.into_iter().map(refund).collect(),
        })
    }
}
