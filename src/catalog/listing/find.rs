//! A published product by its id or its slug, the former slugs too.
use entity::{
    product::{Column, Entity, Status},
    retired_slug,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Select};
use uuid::Uuid;

use crate::{catalog::Product, values::Slug};

/// What a name in an address leads to.
pub enum Found {
    /// The product.
    Product(Box<Product>),
    /// A product that has another slug now.
    Moved(String),
}

/// What a published product's id, slug or former slug leads to.
pub async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<Found>, DbErr> {
    if let Ok(id) = Uuid::try_parse(name) {
        let row = published().filter(Column::Id.eq(id)).one(db).await?;
        return Ok(row.map(|row| Found::Product(Box::new(row))));
    }
    if Slug::parse(name).is_err() {
        return Ok(None);
    }
    if let Some(row) = published().filter(Column::Slug.eq(name)).one(db).await? {
        return Ok(Some(Found::Product(Box::new(row))));
    }
    let Some(retired) = retired_slug::Entity::find_by_id(name).one(db).await? else { return Ok(None) };
    let slug: Option<String> = published()
        .select_only()
        .column(Column::Slug)
        .filter(Column::Id.eq(retired.product_id))
        .into_tuple()
        .one(db)
        .await?;
    Ok(slug.map(Found::Moved))
}

fn published() -> Select<Entity> {
    Entity::find().filter(Column::Status.eq(Status::Published))
}
