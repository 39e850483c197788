//! Slugs of products: made from titles, unique, and redirected when they change.
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::queries::slugs;
use crate::{
    error::{Error, Refusal, Result, is_unique_violation},
    values::Slug,
};

/// 409 for a slug that another product, tag or category has.
pub(super) const SLUG_TAKEN: Refusal = Refusal::conflict("slug_taken", "Another one has that slug.");
/// The largest number that is tried behind a slug made from a title.
const MOST_NUMBERED: u32 = 9;

/// The verdict of the unique index on slugs.
pub(super) fn taken(error: DbErr) -> Error {
    if is_unique_violation(&error) { SLUG_TAKEN.into() } else { error.into() }
}

/// A slug from a title that nobody has: plain, numbered, or with a piece of the product's id.
pub(super) async fn from_title(tx: &impl ConnectionTrait, title: &str, id: Uuid) -> Result<Slug> {
    let base = base(title);
    let numbered = (2..=MOST_NUMBERED).map(|number| base.numbered(&number.to_string()));
    let candidates: Vec<Slug> = std::iter::once(base.clone()).chain(numbered).collect();
    let names: Vec<String> = candidates.iter().map(Slug::to_string).collect();
    let mut busy = slugs::owners(tx, &names).await?;
    busy.extend(slugs::retired(tx, &names).await?);
    let free = candidates.into_iter().find(|slug| !busy.contains_key(slug.as_str()));
    Ok(free.unwrap_or_else(|| from_title_and_id(title, id)))
}

/// A slug from a title and the end of an id, which no other has.
pub(super) fn from_title_and_id(title: &str, id: Uuid) -> Slug {
    let [.., a, b, c, d, e, f] = id.into_bytes();
    base(title).numbered(&hex::encode([a, b, c, d, e, f]))
}

/// A slug from a title alone.
pub(super) fn base(title: &str) -> Slug {
    Slug::from_title(title, "product")
}

/// Products have these slugs from now on: none of them redirects any longer.
pub(super) async fn taken_up(tx: &impl ConnectionTrait, slugs: Vec<String>) -> Result<(), DbErr> {
    slugs::unretire(tx, slugs).await
}

/// A product had a slug until now: it redirects to it.
pub(super) async fn left(
    tx: &impl ConnectionTrait,
    product: Uuid,
    slug: String,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    slugs::retire(tx, slug, product, now).await
}
