//! The products that words and kinds describe, as a table that other slices join their rows to.
use entity::product::{Column, Entity, Kind, Status};
use sea_orm::{
    ColumnTrait, DeriveIden, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{LikeExpr, SelectStatement},
};

use crate::values::words;

/// Words of a search that count; the rest is ignored.
const MOST_WORDS: usize = 10;

/// The columns of a shelf.
#[derive(Clone, Copy, DeriveIden)]
pub enum Shelf {
    /// The product.
    Id,
    /// By which it stands in a list by title.
    SortTitle,
}

/// The [`Shelf`] of the products whose texts hold every word of `q`, of these kinds or of any.
pub fn shelf(q: Option<&str>, kinds: Option<&[Kind]>) -> SelectStatement {
    let mut select = Entity::find().select_only().column(Column::Id).column(Column::SortTitle);
    for word in words(q.unwrap_or_default()).into_iter().take(MOST_WORDS) {
        select = select.filter(Column::SearchText.like(LikeExpr::new(format!("%{word}%"))));
    }
    if let Some(kinds) = kinds {
        select = select.filter(Column::Kind.is_in(kinds.iter().copied()));
    }
    select.into_query()
}

/// The ids of the products that are in the store, for statements of other slices.
pub fn published_ids() -> SelectStatement {
    let published =
        Entity::find().select_only().column(Column::Id).filter(Column::Status.eq(Status::Published));
    published.into_query()
}
