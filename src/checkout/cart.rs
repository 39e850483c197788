//! The cart: what an account thinks of buying.
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    queries,
    quote::{self, Quote},
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
    let products = queries::cart(&app.db.read, shopper.account).await?;
    let basket =
        quote::basket(&app.db.read, shopper.account, &products, &shopper.market, app.clock.now()).await?;
    basket.whole()?.quote(app, &app.db.read, &shopper.market, &shopper.wanted).await
}

/// 404 unless the store has such a product on offer.
pub(super) async fn find(app: &App, shopper: &Shopper, product: Uuid) -> Result<()> {
    published(&app.db.read, app, shopper, product).await
}

async fn published(db: &impl ConnectionTrait, app: &App, shopper: &Shopper, product: Uuid) -> Result<()> {
    let offers = catalog::offers(db, &[product], &shopper.market, app.clock.now()).await?;
    offers.get(&product).filter(|offer| offer.published()).ok_or(NOT_FOUND)?;
    Ok(())
}

/// Puts a product into the cart, where it may be already; answers what of the cart can be bought.
pub(super) async fn put(app: &App, shopper: &Shopper, product: Uuid) -> Result<Quote> {
    app.db
        .write(async |tx| {
            accounts::lock(tx, shopper.account).await?;
            published(tx, app, shopper, product).await?;
            quote::basket(tx, shopper.account, &[product], &shopper.market, app.clock.now())
                .await?
                .whole()?;
            queries::put_in_cart(tx, shopper.account, product, app.clock.now()).await?;
            if queries::cart(tx, shopper.account).await?.len() > MOST_ITEMS {
                return Err(CART_FULL.into());
            }
            Ok(())
        })
        .await?;
    what_can_be_bought(app, shopper).await
}

/// Takes a product out of the cart, if it is in there; answers what of the rest can be bought.
pub(super) async fn take_out(app: &App, shopper: &Shopper, product: Uuid) -> Result<Quote> {
    app.db.write(async |tx| Ok(queries::take_out_of_cart(tx, shopper.account, &[product]).await?)).await?;
    what_can_be_bought(app, shopper).await
}

/// A change that succeeded is not answered by a refusal: what can't be bought is left out.
async fn what_can_be_bought(app: &App, shopper: &Shopper) -> Result<Quote> {
    let products = queries::cart(&app.db.read, shopper.account).await?;
    let basket =
        quote::basket(&app.db.read, shopper.account, &products, &shopper.market, app.clock.now()).await?;
    basket.quote(app, &app.db.read, &shopper.market, &shopper.wanted).await
}
