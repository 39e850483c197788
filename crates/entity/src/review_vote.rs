//! Whether somebody found a review helpful.
use sea_orm::entity::prelude::*;

/// Whether somebody found a review helpful.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_vote")]
pub struct Model {
    /// The review.
    #[sea_orm(primary_key, auto_increment = false)]
    pub review_id: Uuid,
    /// Whose vote.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// What they found.
    pub helpful: bool,
    /// UTC.
    pub voted_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
