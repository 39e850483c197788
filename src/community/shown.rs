//! A review as others see it.
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::review::Model;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{accounts, error::Result, library};

/// What an owner thinks of a product.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Review {
    /// UUIDv7.
    pub id: Uuid,
    /// Of what.
    pub product_id: Uuid,
    /// Who wrote it.
    pub author: Author,
    /// Stars, 1 to 5.
    pub rating: i32,
    /// One line.
    #[schema(required)]
    pub title: Option<String>,
    /// Plain text.
    #[schema(required)]
    pub body: Option<String>,
    /// BCP 47: the language its author used the store in.
    pub locale: String,
    /// How many found it helpful.
    pub helpful_count: i64,
    /// Whether its author owns the product at present.
    pub verified: bool,
    /// What the publisher says to it.
    #[schema(required)]
    pub answer: Option<Answer>,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// UTC.
    pub updated_at: DateTime<Utc>,
}

/// Who wrote a review.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ReviewAuthor)]
pub(super) struct Author {
    /// The name others see; `Erased account` for who is no longer here.
    pub display_name: String,
}

/// What the publisher says to a review.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ReviewAnswer)]
pub(super) struct Answer {
    /// Plain text.
    pub body: String,
    /// UTC.
    pub created_at: DateTime<Utc>,
}

/// Reviews with their authors' names, in the order of their rows.
pub(super) async fn shown(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<Review>> {
    let authors: BTreeSet<Uuid> = rows.iter().map(|row| row.account_id).collect();
    let authors: Vec<Uuid> = authors.into_iter().collect();
    let names = accounts::display_names(db, &authors).await?;
    let pairs: Vec<(Uuid, Uuid)> = rows.iter().map(|row| (row.account_id, row.product_id)).collect();
    let owners = library::owners(db, &pairs).await?;
    let review = |row: Model| Review {
        author: Author { display_name: names.get(&row.account_id).cloned().unwrap_or_default() },
        verified: owners.contains(&(row.account_id, row.product_id)),
        answer: row.answer.zip(row.answered_at).map(|(body, created_at)| Answer { body, created_at }),
        id: row.id,
        product_id: row.product_id,
        rating: row.rating,
        title: row.title,
        body: row.body,
        locale: row.locale,
        helpful_count: row.helpful_count,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(rows.into_iter().map(review).collect())
}

/// One review with its author's name.
pub(super) async fn one(db: &impl ConnectionTrait, row: Model) -> Result<Option<Review>> {
    Ok(shown(db, vec![row]).await?.into_iter().next())
}
