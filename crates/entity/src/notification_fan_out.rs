//! Something that many are told, one batch after the other.
use sea_orm::entity::prelude::*;

/// Something that everybody who owns or wishes for a product is told, one batch after the other.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_fan_out")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What they are told of.
    pub kind: String,
    /// What brought it about; unique within the kind.
    pub event_id: Uuid,
    /// The product.
    pub product_id: Uuid,
    /// What it is about: the product, a build of it, a sale.
    pub subject_id: Uuid,
    /// UTC, when it happened or will.
    pub at: DateTimeUtc,
    /// The last account that was told.
    pub reached: Option<Uuid>,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC; everybody was told.
    pub finished_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
