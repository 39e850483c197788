//! The cart: what an account thinks of buying.
use entity::{cart_coupon, cart_item};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    coupons, queries,
    quote::{self, Basket, NOT_FOR_SALE, Quote, Selected},
    taxes,
};
use crate::{
    accounts,
    app::App,
    catalog::{self, Market},
    error::{NOT_FOUND, Refusal, Result},
    web::locale::Wanted,
};

/// Most products of a cart, and of an order.
pub(super) const MOST_ITEMS: usize = 100;

const CART_FULL: Refusal = Refusal::conflict("cart_full", "A cart holds at most 100 products.");

/// Whose cart, and how it is shown.
pub(super) struct Shopper {
    pub(super) account: Uuid,
    pub(super) market: Market,
    pub(super) wanted: Wanted,
}

/// The cart with its prices; 409 when something in it can't be bought.
pub(super) async fn read(app: &App, shopper: &Shopper) -> Result<Quote> {
    basket(app, shopper).await?.whole()?.quote(app, &app.db.read, &shopper.market, &shopper.wanted).await
}

/// What is in the cart, with its coupon taken off where that can be used.
async fn basket(app: &App, shopper: &Shopper) -> Result<Basket> {
    let db = &app.db.read;
    let selection = selection(db, shopper).await?;
    let basket = quote::basket(app, db, Some(shopper.account), &selection, &shopper.market).await?;
    reduced(app, db, shopper, basket).await
}

/// A basket of what is in the cart, with the cart's coupon taken off where that can be used, and taxes.
async fn reduced(
    app: &App,
    db: &impl ConnectionTrait,
    shopper: &Shopper,
    mut basket: Basket,
) -> Result<Basket> {
    let now = app.clock.now();
    if let Some(coupon) = coupon(db, shopper.account).await? {
        // One that can't be used at present lies there until it can, or is taken out.
        coupons::take_off(db, &coupon, &mut basket, shopper, now).await?;
    }
    taxes::levy(&app.config.taxes, &mut basket, &shopper.market, now);
    Ok(basket)
}

/// What lies in a cart. An amount that was chosen in another currency says nothing in this one.
pub(super) async fn selection(db: &impl ConnectionTrait, shopper: &Shopper) -> Result<Vec<Selected>> {
    let here = shopper.market.currency.as_str();
    let selected = |row: cart_item::Model| Selected {
        product: row.product_id,
        amount: row.amount.filter(|_| row.currency.as_deref() == Some(here)),
    };
    Ok(queries::cart(db, shopper.account).await?.into_iter().map(selected).collect())
}

/// The coupon that lies in a cart.
pub(super) async fn coupon(
    db: &impl ConnectionTrait,
    account: Uuid,
) -> Result<Option<entity::coupon::Model>> {
    match queries::cart_coupon(db, account).await? {
        Some(row) => Ok(queries::coupon(db, row.coupon_id).await?),
        None => Ok(None),
    }
}

/// Lays a coupon into the cart, in place of the one in there; answers what the cart costs with it. 422 `invalid_coupon`,
/// 429 `too_many_attempts`.
pub(super) async fn put_coupon(app: &App, shopper: &Shopper, code: &str) -> Result<Quote> {
    coupons::count_try(app, shopper.account).await?;
    let (account, now) = (shopper.account, app.clock.now());
    app.db
        .write(async |tx| {
            accounts::lock(tx, account).await?;
            let coupon = coupons::lock(tx, code).await?;
            let selection = selection(tx, shopper).await?;
            let mut basket = quote::basket(app, tx, Some(account), &selection, &shopper.market).await?;
            if let Some(reason) = coupons::take_off(tx, &coupon, &mut basket, shopper, now).await? {
                return Err(reason.refusal());
            }
            let row = cart_coupon::Model { account_id: account, coupon_id: coupon.id, added_at: now };
            Ok(queries::put_coupon_in_cart(tx, row).await?)
        })
        .await?;
    what_can_be_bought(app, shopper).await
}

/// Takes the coupon out of the cart, if there is one; answers what the cart costs without it.
pub(super) async fn take_coupon_out(app: &App, shopper: &Shopper) -> Result<Quote> {
    app.db.write(async |tx| Ok(queries::take_coupon_out_of_cart(tx, shopper.account).await?)).await?;
    what_can_be_bought(app, shopper).await
}

/// 404 unless the store has such a product on offer, or had.
pub(super) async fn require_known(db: &impl ConnectionTrait, product: Uuid) -> Result<()> {
    if catalog::was_published(db, product).await? { Ok(()) } else { Err(NOT_FOUND.into()) }
}

/// Puts a product into the cart, where it may be already, with what is to be paid for it, if that is chosen; answers what
/// of the cart can be bought.
pub(super) async fn put(app: &App, shopper: &Shopper, selected: Selected) -> Result<Quote> {
    let Selected { product, amount } = selected;
    let basket = app
        .db
        .write(async |tx| {
            accounts::lock(tx, shopper.account).await?;
            let mut selection = selection(tx, shopper).await?;
            let place = put_into(&mut selection, selected);
            let account = Some(shopper.account);
            let basket = quote::basket(app, tx, account, &selection, &shopper.market).await?;
            if !basket.has_on_offer(product) {
                require_known(tx, product).await?;
                return Err(NOT_FOR_SALE.with("products", [product]));
            }
            basket.accepts(product, place, "amount")?;
            if selection.len() > MOST_ITEMS {
                return Err(CART_FULL.into());
            }
            let row = cart_item::Model {
                account_id: shopper.account,
                product_id: product,
                amount,
                currency: amount.map(|_| shopper.market.currency.as_str().to_owned()),
                added_at: app.clock.now(),
            };
            queries::put_in_cart(tx, row).await?;
            reduced(app, tx, shopper, basket).await
        })
        .await?;
    basket.quote(app, &app.db.read, &shopper.market, &shopper.wanted).await
}

/// Puts a product into a selection, where it may be already; says at which place it is.
fn put_into(selection: &mut Vec<Selected>, selected: Selected) -> usize {
    let there = selection.iter_mut().enumerate().find(|(_, other)| other.product == selected.product);
    if let Some((place, other)) = there {
        *other = selected;
        return place;
    }
    selection.push(selected);
    selection.len() - 1
}

/// Takes a product out of the cart, if it is in there; answers what of the rest can be bought.
pub(super) async fn take_out(app: &App, shopper: &Shopper, product: Uuid) -> Result<Quote> {
    app.db.write(async |tx| Ok(queries::take_out_of_cart(tx, shopper.account, &[product]).await?)).await?;
    what_can_be_bought(app, shopper).await
}

/// A change that succeeded is not answered by a refusal: what can't be bought is left out.
async fn what_can_be_bought(app: &App, shopper: &Shopper) -> Result<Quote> {
    basket(app, shopper).await?.quote(app, &app.db.read, &shopper.market, &shopper.wanted).await
}
