//! Placing an order: everything is judged and written in one transaction, under the lock of the account.
use std::net::IpAddr;

use entity::{
    order, order_line,
    order_place::{self, Source},
    payment,
};
use payments::{Closing, Provider};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    cart::{self, Shopper},
    close, coupons, credit,
    gifts::{self, Giving},
    open::open,
    orders::{self, Order},
    queries,
    quote::{self, Basket, Selected},
    settle, taxes,
};
use crate::{
    accounts,
    app::App,
    catalog::licenses,
    config::PlaceEvidence,
    error::{Error, NOT_FOUND, Refusal, Result, is_unique_violation},
    failpoint,
    idempotency::{Once, Standing},
    keys,
    values::{Country, Money, base32},
};

/// Lines of an order at most: a bundle is one for each of its products.
const MOST_LINES: usize = 200;
/// How often an order makes way for others that appear meanwhile.
const MOST_ROUNDS: usize = 10;
/// The provider of orders that cost nothing.
const FREE: &str = "free";
/// The provider of orders that store credit pays in full.
const CREDIT: &str = "credit";
/// How every order's number begins.
pub(super) const NUMBER_BEGINS: &str = "M-";
/// Letters of an order's number: 50 bits, so that nobody guesses or counts orders.
const NUMBER_LETTERS: usize = 10;

const EMPTY_ORDER: Refusal = Refusal::invalid("empty_order", "There is nothing to buy.");
const ORDER_TOO_LARGE: Refusal = Refusal::conflict(
    "order_too_large",
    "An order holds at most 200 products, those of its bundles counted.",
);
const PRICE_CHANGED: Refusal =
    Refusal::conflict("price_changed", "The total is not the expected one; see `quote`.");
const OUT_OF_KEYS: Refusal =
    Refusal::conflict("out_of_keys", "No licence key is left of what you would buy; see `products`.");
const ORDER_PENDING: Refusal =
    Refusal::conflict("order_pending", "Another order of yours for the same product is being paid.");
const AMOUNT_NOT_TAKEN: Refusal = Refusal::conflict(
    "amount_not_taken",
    "The payment provider doesn't take an amount so small or so large.",
);
const PLACE_UNCLEAR: Refusal = Refusal::conflict(
    "place_unclear",
    "Two of your order, your account and your network must say that you are in the country whose tax is charged; see `places`.",
);
const NO_PROVIDER: Refusal = Refusal::conflict("no_provider", "This store takes no payments at present.");

/// What somebody wants to buy, and how.
pub(super) struct Wish {
    pub(super) shopper: Shopper,
    /// None: what is in the cart.
    pub(super) items: Option<Vec<Selected>>,
    /// What tells where the buyer is.
    pub(super) places: Vec<(Source, Country)>,
    pub(super) coupon: Option<String>,
    /// None: for the buyer's own library.
    pub(super) gift: Option<Giving>,
    /// None: the store's first.
    pub(super) provider: Option<&'static str>,
    /// Whether the buyer pays on the store's own page, by Stripe's Elements.
    pub(super) elements: bool,
    /// Store credit that may be spent at most, minor units; none spends none.
    pub(super) credit_limit: Option<i64>,
    pub(super) expected_total: Option<Money>,
    pub(super) success_url: Option<String>,
    pub(super) cancel_url: Option<String>,
    /// From where it is asked for.
    pub(super) from: IpAddr,
}

impl Wish {
    /// Whether it is clear where the buyer is, as far as a tax on so much asks for it. The card is not known yet.
    fn is_place_clear(&self, app: &App, total: i64) -> bool {
        let told = self.places.iter().map(|(_, country)| country.as_str());
        !app.config.taxes.collect || total == 0 || taxes::is_clear(self.shopper.market.country.as_str(), told)
    }
}

enum Placed {
    /// The order is written; its payment is still to open, unless it is paid.
    Written(Box<Written>),
    /// The same request wrote this order before and fell silent: its payment may still be to open.
    Abandoned(Uuid),
    /// The request was answered before, with this order.
    Again(Uuid),
    /// These payments are of orders that must make way, and are to be closed first.
    InTheWay(Vec<payment::Model>),
}

/// An order as it was written.
struct Written {
    order: order::Model,
    lines: Vec<order_line::Model>,
    /// What is to be opened; none of an order that is paid already.
    payment: Option<payment::Model>,
    gift: Option<Uuid>,
}

/// Places an order, or finds the one that the same request placed before; says which.
pub(super) async fn checkout(app: &App, wish: &Wish, once: Option<&Once>) -> Result<(Order, bool)> {
    if wish.coupon.is_some() || wish.gift.is_some() {
        count(app, wish, once).await?;
    }
    let mut closed = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let placed = app.db.write(async |tx| place(app, tx, wish, once, &closed).await).await?;
        match placed {
            Placed::InTheWay(payments) => {
                for payment in payments {
                    if close::at_provider(app, &payment).await? == Closing::Captured {
                        return Err(ORDER_PENDING.into());
                    }
                    failpoint::reach("payment_closed");
                    closed.push(payment.id);
                }
            }
            Placed::Written(written) => {
                failpoint::reach("order_placed");
                metrics::counter!("mist_orders_placed_total").increment(1);
                if app.config.taxes.evidence == PlaceEvidence::Warn
                    && !wish.is_place_clear(app, written.order.total)
                {
                    metrics::counter!("mist_place_unclear_orders_total").increment(1);
                }
                app.wake.poke();
                let Written { order, lines, payment, gift } = *written;
                let opened = open(app, &order, payment.into_iter().collect(), once).await?;
                let order = match opened {
                    Some(opened) => orders::placed(app, order, lines, opened, gift).await?,
                    None => orders::shown(app, wish.shopper.account, order.id).await?,
                };
                return Ok((order, false));
            }
            Placed::Abandoned(id) => {
                let order = queries::order(&app.db.read, id).await?.ok_or(NOT_FOUND)?;
                let payments = queries::payments(&app.db.read, &[id]).await?;
                open(app, &order, payments, once).await?;
                return Ok((orders::shown(app, wish.shopper.account, id).await?, false));
            }
            Placed::Again(order) => {
                return Ok((orders::one(app, wish.shopper.account, order).await?, true));
            }
        }
    }
    Err(ORDER_PENDING.into())
}

/// Counts a try of a coupon, and a gift, unless the request is a repetition; 429 `too_many_attempts`.
async fn count(app: &App, wish: &Wish, once: Option<&Once>) -> Result<()> {
    if let Some(once) = once
        && once.is_known(&app.db.read, app.clock.now()).await?
    {
        return Ok(());
    }
    if wish.coupon.is_some() {
        coupons::count_try(app, wish.shopper.account).await?;
    }
    if wish.gift.is_some() {
        gifts::count(app, wish.shopper.account).await?;
    }
    Ok(())
}

async fn place(
    app: &App,
    tx: &impl ConnectionTrait,
    wish: &Wish,
    once: Option<&Once>,
    closed: &[Uuid],
) -> Result<Placed> {
    let account = wish.shopper.account;
    accounts::lock(tx, account).await?;
    if let Some(once) = once {
        match once.standing(tx, app.clock.now()).await? {
            Standing::Fresh => {}
            Standing::Answered(order) => return Ok(Placed::Again(order)),
            Standing::Abandoned(order) => return Ok(Placed::Abandoned(order)),
        }
    }
    let basket = judge(app, tx, wish).await?;
    let products: Vec<Uuid> = basket.lines.iter().map(|line| line.product).collect();
    let in_the_way = queries::open_orders_with(tx, account, &products, basket.is_gift).await?;
    let ids: Vec<Uuid> = in_the_way.iter().map(|order| order.id).collect();
    let open = close::still_open(tx, &ids, closed).await?;
    if !open.is_empty() {
        return Ok(Placed::InTheWay(open));
    }
    for order in &in_the_way {
        close::close_in(app, tx, order, order::Status::Cancelled).await?;
    }
    let written = write(app, tx, wish, &basket).await?;
    if let Some(once) = once {
        once.begin(tx, written.order.id, app.clock.now()).await?;
    }
    Ok(Placed::Written(Box::new(written)))
}

/// What is bought, or why it can't be.
async fn judge(app: &App, tx: &impl ConnectionTrait, wish: &Wish) -> Result<Basket> {
    let Shopper { account, market, wanted } = &wish.shopper;
    let selection = match &wish.items {
        Some(items) => items.clone(),
        None => cart::selection(tx, &wish.shopper).await?,
    };
    if selection.is_empty() {
        return Err(EMPTY_ORDER.into());
    }
    let now = app.clock.now();
    let owner = Some(*account).filter(|_| wish.gift.is_none());
    let mut basket = quote::basket(app, tx, owner, &selection, market).await?.whole()?;
    if wish.items.is_some() {
        basket = basket.fitting(|place| format!("items[{place}].amount"))?;
    }
    if let Some(code) = &wish.coupon {
        let coupon = coupons::lock(tx, code).await?;
        if let Some(reason) = coupons::take_off(tx, &coupon, &mut basket, &wish.shopper, now).await? {
            return Err(reason.refusal());
        }
    } else if wish.items.is_none()
        && let Some(coupon) = cart::coupon(tx, *account).await?
    {
        let coupon = coupons::lock(tx, &coupon.code).await?;
        // The cart is quoted without one that can't be used, so it is bought without it.
        coupons::take_off(tx, &coupon, &mut basket, &wish.shopper, now).await?;
    }
    taxes::levy(&app.config.taxes, &mut basket, market, now);
    if basket.lines.len() > MOST_LINES {
        return Err(ORDER_TOO_LARGE.into());
    }
    let total = Money { amount: basket.amounts().total, currency: market.currency.clone() };
    if app.config.taxes.evidence == PlaceEvidence::Enforce && !wish.is_place_clear(app, total.amount) {
        let told = |(source, country): &(Source, Country)| json!({"source": source, "country": country});
        let places: Vec<Value> = wish.places.iter().map(told).collect();
        return Err(PLACE_UNCLEAR.with("places", places));
    }
    if wish.expected_total.as_ref().is_some_and(|expected| *expected != total) {
        return Err(PRICE_CHANGED.with("quote", basket.quote(app, tx, market, wanted).await?));
    }
    Ok(basket)
}

/// The order with its lines, its history and its first payment; one that costs nothing is paid at once.
async fn write(app: &App, tx: &impl ConnectionTrait, wish: &Wish, basket: &Basket) -> Result<Written> {
    let (mut order, lines) = rows(app, wish, basket)?;
    order.credit = spendable(app, tx, wish, order.total).await?;
    let rest = order.total - order.credit;
    let inserted = queries::insert_order(tx, &order, &lines).await;
    // Another order has that number by chance: run again, it gets another.
    inserted
        .map_err(|error| if is_unique_violation(&error) { Error::Contended(error) } else { error.into() })?;
    let gift = match &wish.gift {
        Some(giving) => Some(gifts::begin(app, tx, &order, giving).await?),
        None => None,
    };
    let place = |(source, country): &(Source, Country)| order_place::Model {
        order_id: order.id,
        source: *source,
        country: country.to_string(),
    };
    queries::insert_places(tx, wish.places.iter().map(place).collect()).await?;
    let began = (app.clock.new_id(), order.id, None, order.status, order.created_at);
    if let Some(coupon) = &basket.coupon {
        // Counted and held since it was taken off.
        queries::redeem(tx, order.id, coupon.id).await?;
    }
    queries::insert_transition(tx, began.0, began.1, began.2, began.3, began.4).await?;
    let payment = payment::Model {
        id: app.clock.new_id(),
        order_id: order.id,
        attempt: 1,
        provider: provider(app, wish, &order)?,
        elements: wish.elements && rest > 0,
        provider_ref: None,
        status: payment::Status::Created,
        amount: rest,
        captured: 0,
        refunded: 0,
        lost: 0,
        currency: order.currency.clone(),
        checkout_url: None,
        created_at: order.created_at,
        settled_at: None,
        look_at: None,
    };
    queries::insert_payment(tx, &payment).await?;
    credit::reserve(app, tx, &order, payment.id).await?;
    reserve_keys(app, tx, &lines).await?;
    if rest == 0 {
        settle::pay(app, tx, &order, &lines, &payment, gift.as_ref()).await?;
    }
    let payment = Some(payment).filter(|_| rest > 0);
    Ok(Written { order, lines, payment, gift: gift.map(|gift| gift.id) })
}

/// A licence key is held for each line that is sold with one.
async fn reserve_keys(app: &App, tx: &impl ConnectionTrait, lines: &[order_line::Model]) -> Result<()> {
    let mut out = Vec::new();
    let mut keyed: Vec<&order_line::Model> = lines.iter().filter(|line| line.with_key).collect();
    // Buyers of the same products take their keys in the same order, so that none waits for another in a circle.
    keyed.sort_by_key(|line| line.product_id);
    for line in keyed {
        if licenses::reserve(tx, app, line.product_id, line.id).await? == licenses::Reserved::OutOfKeys {
            out.push(line.product_id);
        }
    }
    if out.is_empty() { Ok(()) } else { Err(OUT_OF_KEYS.with("products", out)) }
}

fn rows(app: &App, wish: &Wish, basket: &Basket) -> Result<(order::Model, Vec<order_line::Model>)> {
    let (now, amounts) = (app.clock.now(), basket.amounts());
    let expiry = i64::try_from(app.config.checkout.order_expiry).map_err(Error::unexpected)?;
    let order = order::Model {
        id: app.clock.new_id(),
        number: number()?,
        account_id: wish.shopper.account,
        status: order::Status::Pending,
        currency: wish.shopper.market.currency.as_str().to_owned(),
        country: wish.shopper.market.country.as_str().to_owned(),
        subtotal: amounts.subtotal,
        discount: amounts.discount,
        tax: amounts.tax,
        tax_included: basket.tax_included,
        total: amounts.total,
        credit: 0,
        immediate_delivery_accepted_at: now,
        success_url: wish.success_url.clone(),
        cancel_url: wish.cancel_url.clone(),
        coupon: basket.coupon.as_ref().map(|coupon| coupon.code.clone()),
        created_at: now,
        expires_at: now + chrono::TimeDelta::seconds(expiry),
        paid_at: None,
        refunded_at: None,
        ip: Some(wish.from.to_string()),
    };
    let line = |(position, line): (i32, &quote::Line)| order_line::Model {
        id: app.clock.new_id(),
        order_id: order.id,
        position,
        product_id: line.product,
        bundle_id: line.bundle,
        title: line.title.clone(),
        unit_price: line.unit_price,
        discount: line.discount,
        tax: line.tax,
        tax_rate: line.tax_rate.hundredths().into(),
        total: line.total,
        preordered: line.preordered,
        with_key: line.with_key,
        refunded: false,
    };
    let lines = (0..).zip(&basket.lines).map(line).collect();
    Ok((order, lines))
}

fn provider(app: &App, wish: &Wish, order: &order::Model) -> Result<String> {
    match (order.total, order.total - order.credit) {
        (0, _) => Ok(FREE.to_owned()),
        (_, 0) => Ok(CREDIT.to_owned()),
        (_, rest) => {
            let chosen = chosen(app, wish).ok_or(NO_PROVIDER)?;
            if !chosen.takes(rest, &order.currency) {
                return Err(AMOUNT_NOT_TAKEN.into());
            }
            Ok(chosen.name().to_owned())
        }
    }
}

fn chosen<'a>(app: &'a App, wish: &Wish) -> Option<&'a Provider> {
    match wish.provider {
        Some(name) => app.payments.named(name),
        None => app.payments.preferred(),
    }
}

/// How much credit the order spends: what there is of it within the wish, but so that the provider takes the rest.
async fn spendable(app: &App, tx: &impl ConnectionTrait, wish: &Wish, total: i64) -> Result<i64> {
    let Some(limit) = wish.credit_limit else { return Ok(0) };
    let currency = wish.shopper.market.currency.as_str();
    let balance = queries::balance(tx, wish.shopper.account, currency).await?;
    let credit = balance.min(limit).min(total);
    Ok(match chosen(app, wish) {
        Some(provider) if credit < total => (total - provider.at_least(total - credit, currency)).max(0),
        _ => credit,
    })
}

/// What people quote: unlike the id it says nothing of when the order was placed.
fn number() -> Result<String> {
    let mut bytes = [0; NUMBER_LETTERS];
    keys::random(&mut bytes)?;
    let letters = bytes.iter().filter_map(|byte| base32::ALPHABET.get(usize::from(byte % 32)));
    Ok(format!("{NUMBER_BEGINS}{}", letters.map(|letter| char::from(*letter)).collect::<String>()))
}
