//! A numbered document of an order: its invoice, or the credit note of a refund. Never changed.
use sea_orm::entity::prelude::*;

/// A numbered document of an order: its invoice, or the credit note of a refund. Never changed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invoice")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of which order.
    pub order_id: Uuid,
    /// Of which refund, if it is a credit note.
    pub refund_id: Option<Uuid>,
    /// What it is counted among: `INV` or `CN`.
    pub series: String,
    /// UTC, of the payment or the refund.
    pub year: i32,
    /// From 1 in each year of a series, without a gap.
    pub number: i64,
    /// UTC.
    pub issued_at: DateTimeUtc,
    /// The seller, the lines and the amounts as they were; nothing of a person.
    #[sea_orm(column_type = "JsonBinary")]
    pub snapshot: Json,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
