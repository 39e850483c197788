//! A licence key of a product's pool, of which each purchase takes one.
use sea_orm::entity::prelude::*;

/// Where a licence key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    /// In the pool.
    #[sea_orm(string_value = "available")]
    Available,
    /// Held for an order that is not paid yet.
    #[sea_orm(string_value = "reserved")]
    Reserved,
    /// Somebody's.
    #[sea_orm(string_value = "sold")]
    Sold,
    /// Was somebody's, and is nobody's any more.
    #[sea_orm(string_value = "revoked")]
    Revoked,
}

/// A licence key of a product's pool.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "license_key")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of what.
    pub product_id: Uuid,
    /// By which a key is found: keyed, so that the table tells none.
    pub digest: Vec<u8>,
    /// The key, sealed under the master key.
    pub sealed: Vec<u8>,
    /// Where it stands.
    pub status: Status,
    /// The order line or the grant that it is held for or belongs to.
    pub source_id: Option<Uuid>,
    /// UTC.
    pub added_at: DateTimeUtc,
    /// UTC, when its owner saw it first: then it is delivered.
    pub shown_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
