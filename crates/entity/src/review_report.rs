//! What somebody has against a review.
use sea_orm::entity::prelude::*;

/// What somebody has against a review.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_report")]
pub struct Model {
    /// The review.
    #[sea_orm(primary_key, auto_increment = false)]
    pub review_id: Uuid,
    /// Who reported it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// Why; none once it is judged and past its time, or its author is erased.
    pub reason: Option<String>,
    /// UTC.
    pub reported_at: DateTimeUtc,
    /// UTC, when support judged the review.
    pub resolved_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
