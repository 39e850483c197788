//! Something that an account is told.
use sea_orm::entity::prelude::*;

/// Something that an account is told. What it says is written when it is read, in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The order in which all of them were committed: streams resume by it.
    pub position: i64,
    /// Who is told.
    pub account_id: Uuid,
    /// Of what, such as `order_paid`.
    pub kind: String,
    /// What brought it about: an event, or what took its time, such as a sale.
    pub event_id: Uuid,
    /// What it is about: an order, a build, a review.
    pub subject_id: Uuid,
    /// The product that it concerns.
    pub product_id: Option<Uuid>,
    /// Ids and numbers, never names or addresses.
    #[sea_orm(column_type = "JsonBinary")]
    pub data: Json,
    /// Whether it is shown in the store; one that is not is there for its mail.
    pub shown: bool,
    /// Whether it was mailed.
    pub mailed: bool,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC.
    pub read_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
