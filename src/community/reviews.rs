//! Writing a review, replacing it and taking it back.
use entity::review::{ActiveModel, Model, Status};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait,
};
use uuid::Uuid;

use super::{
    review_queries as queries,
    shown::{self, Review},
};
use crate::{
    accounts,
    app::App,
    catalog::{self, Product},
    error::{Error, NOT_FOUND, Refusal, Result},
    events::Event,
    library,
    values::{Locale, Prose, Stars, Word},
};

const NOT_OWNED: Refusal = Refusal::forbidden("not_owned", "Only who owns a product reviews it.");

/// What an owner says of a product.
#[derive(Clone, Debug)]
pub struct NewReview {
    /// How they like it.
    pub rating: Stars,
    /// In a line.
    pub title: Option<Word>,
    /// At length.
    pub body: Option<Prose>,
    /// The language they use the store in.
    pub locale: Locale,
}

impl NewReview {
    fn says(&self, row: &Model) -> bool {
        (row.rating, row.title.as_deref(), row.body.as_deref(), row.locale.as_str())
            == (
                self.rating.number(),
                self.title.as_ref().map(Word::as_str),
                self.body.as_ref().map(Prose::as_str),
                self.locale.as_str(),
            )
    }
}

/// 404 for what was never in the store, 403 `not_owned` for who doesn't own it: what `write` judges again.
pub(super) async fn may_write(app: &App, account: Uuid, product: Uuid) -> Result<()> {
    let row = catalog::product(&app.db.read, product).await?;
    judge(&app.db.read, account, row).await.map(drop)
}

async fn judge(db: &impl ConnectionTrait, account: Uuid, row: Option<Product>) -> Result<Product> {
    let product = row.filter(|row| row.status != catalog::Status::Draft).ok_or(NOT_FOUND)?;
    if library::owns(db, account, product.id).await? { Ok(product) } else { Err(NOT_OWNED.into()) }
}

/// Writes an account's review of a product, or replaces it; says whether it is new. 429 beyond the account's rate.
pub(super) async fn write(
    app: &App,
    account: Uuid,
    product: Uuid,
    new: &NewReview,
) -> Result<(Review, bool)> {
    accounts::deed(app, account, "reviews", app.config.community.reviews_per_account).await?;
    put(app, account, product, new).await
}

/// Writes an account's review of a product, or replaces it, however often it does.
pub async fn review(app: &App, account: Uuid, product: Uuid, new: &NewReview) -> Result<()> {
    put(app, account, product, new).await.map(drop)
}

/// The locks on the account, under which rights are given, and on the product hold
/// who owns it, that there is one review, and what the product's rating comes to.
async fn put(app: &App, account: Uuid, product: Uuid, new: &NewReview) -> Result<(Review, bool)> {
    app.db
        .write(async |tx| {
            accounts::lock(tx, account).await?;
            let product = judge(tx, account, catalog::lock_rating(tx, product).await?).await?;
            let before = queries::of_account(tx, account, product.id).await?;
            let is_new = before.as_ref().is_none_or(|row| row.removed_at.is_some());
            let row = match before {
                Some(row) if !is_new && new.says(&row) => row,
                before => said(tx, app, account, &product, before, new).await?,
            };
            let review = shown::one(tx, row).await?.ok_or_else(|| Error::unexpected("a review was lost"))?;
            Ok((review, is_new))
        })
        .await
}

/// Writes what is new. A hidden review stays hidden, whatever its author makes of it.
async fn said(
    tx: &impl ConnectionTrait,
    app: &App,
    account: Uuid,
    product: &Product,
    before: Option<Model>,
    new: &NewReview,
) -> Result<Model> {
    let now = app.clock.now();
    let row = match &before {
        None => queries::insert(tx, blank(app, account, product.id, new)).await?,
        Some(row) => {
            let update = ActiveModel {
                id: Unchanged(row.id),
                rating: Set(new.rating.number()),
                title: Set(new.title.as_ref().map(Word::to_string)),
                body: Set(new.body.as_ref().map(Prose::to_string)),
                locale: Set(new.locale.to_string()),
                created_at: Set(if row.removed_at.is_some() { now } else { row.created_at }),
                updated_at: Set(now),
                removed_at: Set(None),
                ..Default::default()
            };
            queries::update(tx, update).await?
        }
    };
    if row.status == Status::Published {
        catalog::rate(tx, product, before.as_ref().and_then(stars), Some(new.rating)).await?;
    }
    event("review.written", &row).account(account).actor(account).record(tx, &app.clock).await?;
    Ok(row)
}

fn blank(app: &App, account: Uuid, product: Uuid, new: &NewReview) -> Model {
    let now = app.clock.now();
    Model {
        id: app.clock.new_id(),
        product_id: product,
        account_id: account,
        rating: new.rating.number(),
        title: new.title.as_ref().map(Word::to_string),
        body: new.body.as_ref().map(Prose::to_string),
        locale: new.locale.to_string(),
        status: Status::Published,
        note: None,
        answer: None,
        answered_at: None,
        helpful_count: 0,
        unhelpful_count: 0,
        score: 0,
        open_reports: 0,
        created_at: now,
        updated_at: now,
        removed_at: None,
    }
}

/// An account's review of a product, hidden or not; 404 when there is none.
pub(super) async fn mine(app: &App, account: Uuid, product: Uuid) -> Result<Review> {
    let row = queries::of_account(&app.db.read, account, product).await?;
    let row = row.filter(|row| row.removed_at.is_none()).ok_or(NOT_FOUND)?;
    Ok(shown::one(&app.db.read, row).await?.ok_or(NOT_FOUND)?)
}

/// Takes an account's review of a product away, if there is one; 404 for what was never in the store. Who owns it no more
/// may too. Of a hidden one an empty row stays, so that it isn't written anew into the open.
pub(super) async fn remove(app: &App, account: Uuid, product: Uuid) -> Result<()> {
    app.db
        .write(async |tx| {
            accounts::lock(tx, account).await?;
            let product = catalog::lock_rating(tx, product).await?;
            let product = product.filter(|row| row.status != catalog::Status::Draft).ok_or(NOT_FOUND)?;
            let row = queries::of_account(tx, account, product.id).await?;
            let Some(row) = row.filter(|row| row.removed_at.is_none()) else { return Ok(()) };
            if row.status == Status::Published {
                queries::delete(tx, row.id).await?;
                catalog::rate(tx, &product, stars(&row), None).await?;
            } else {
                queries::empty(tx, row.id, app.clock.now()).await?;
            }
            let event = event("review.deleted", &row).account(account).actor(account);
            Ok(event.record(tx, &app.clock).await?)
        })
        .await
}

/// The stars of a review as the product counts them.
pub(super) fn stars(row: &Model) -> Option<Stars> {
    Stars::new(row.rating).ok()
}

/// Something happened to a review; whoever follows what products are like learns which.
pub(super) fn event(kind: &'static str, row: &Model) -> Event {
    Event::new(kind, row.id).with("product_id", row.product_id.to_string())
}
