//! A product comes into the store, and leaves it.
use entity::product::{self, Status};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait,
};
use uuid::Uuid;

use super::{
    Product,
    edit::{finish, locked},
    licenses,
    queries::{self, builds, parts, products},
    relations::contents,
};
use crate::{
    app::App,
    error::{Fault, Refusal, Result},
    web::if_match::IfMatch,
};

const NOT_PUBLISHABLE: Refusal =
    Refusal::conflict("not_publishable", "It can't be sold as it is; see `errors`.");

/// Puts a product into the store. One that is there stays as it is.
pub(super) async fn publish(app: &App, editor: Uuid, id: Uuid, asked: &IfMatch) -> Result<()> {
    app.db
        .write(async |tx| {
            let row = locked(tx, id, asked).await?;
            if row.status == Status::Published {
                return Ok(());
            }
            let faults = missing(tx, app, &row).await?;
            if !faults.is_empty() {
                return Err(NOT_PUBLISHABLE.because(faults));
            }
            let update = product::ActiveModel {
                id: Unchanged(id),
                status: Set(Status::Published),
                published_at: Set(row.published_at.or(Some(app.clock.now()))),
                ..Default::default()
            };
            products::update(tx, update).await?;
            finish(tx, app, editor, id, "product.published").await
        })
        .await
}

/// What a product lacks to be sold: a price, and something to deliver now or on a day to come.
async fn missing(tx: &impl ConnectionTrait, app: &App, row: &Product) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    if parts::price_list(tx, row.id).await?.is_empty() {
        faults.push(Fault::new("prices", "no_price", "it has no price"));
    }
    let contents = contents(tx, &[row.id]).await?.remove(&row.id).unwrap_or_default();
    if !contents.is_empty() {
        let rows = queries::products(tx, &contents).await?;
        if rows.iter().any(|row| row.status != Status::Published) {
            faults.push(Fault::new("contains", "not_published", "holds what is not in the store"));
        }
        return Ok(faults);
    }
    let to_come = row.release_date.is_some_and(|date| date > app.clock.now().date_naive());
    let keyed = !licenses::with_keys(tx, &[row.id]).await?.is_empty();
    if !to_come && !keyed && builds::with_released(tx, &[row.id]).await?.is_empty() {
        faults.push(Fault::new(
            "builds",
            "nothing_to_deliver",
            "it has neither a released build nor licence keys nor a release date to come",
        ));
    }
    Ok(faults)
}

/// Takes a product out of the store; owners keep it. One that is archived stays as it is.
pub(super) async fn archive(app: &App, editor: Uuid, id: Uuid, asked: &IfMatch) -> Result<()> {
    app.db
        .write(async |tx| {
            let row = locked(tx, id, asked).await?;
            if row.status == Status::Archived {
                return Ok(());
            }
            let update = product::ActiveModel {
                id: Unchanged(id),
                status: Set(Status::Archived),
                ..Default::default()
            };
            products::update(tx, update).await?;
            finish(tx, app, editor, id, "product.archived").await
        })
        .await
}
