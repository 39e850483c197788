//! A device on which a licence key is active.
use sea_orm::entity::prelude::*;

/// A device on which a licence key is active.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "license_activation")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of which key.
    pub key_id: Uuid,
    /// As the software names the device: personal data.
    pub fingerprint: String,
    /// As its owner calls it: personal data.
    pub name: Option<String>,
    /// UTC.
    pub activated_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
