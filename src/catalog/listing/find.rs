//! A published product by its id or its slug, the former slugs too.
use entity::{
    product::{Column, Entity, Status},
    retired_slug,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{
    catalog::{
        Market, Opened,
        queries::shown::{Which, shown},
    },
    values::Slug,
};

/// What a name in an address leads to.
pub enum Found {
    /// The product.
    Product(Box<Opened>),
    /// A product that has another slug now.
    Moved(String),
}

/// What a published product's id, slug or former slug leads to.
pub async fn find(db: &impl ConnectionTrait, name: &str, market: &Market) -> Result<Option<Found>, DbErr> {
    let product = |opened| Found::Product(Box::new(Opened(opened)));
    if let Ok(id) = Uuid::try_parse(name) {
        return Ok(shown(db, Which::PublishedId(id), market).await?.map(product));
    }
    if Slug::parse(name).is_err() {
        return Ok(None);
    }
    if let Some(opened) = shown(db, Which::PublishedSlug(name), market).await? {
        return Ok(Some(product(opened)));
    }
    let Some(retired) = retired_slug::Entity::find_by_id(name).one(db).await? else { return Ok(None) };
    let slug: Option<String> = Entity::find()
        .select_only()
        .column(Column::Slug)
        .filter(Column::Id.eq(retired.product_id))
        .filter(Column::Status.eq(Status::Published))
        .into_tuple()
        .one(db)
        .await?;
    Ok(slug.map(Found::Moved))
}
