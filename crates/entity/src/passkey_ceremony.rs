//! A passkey's registration or sign-in that began and has not come back yet.
use sea_orm::entity::prelude::*;

/// A passkey's registration or sign-in that began and has not come back yet; good for once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkey_ceremony")]
pub struct Model {
    /// UUIDv4: nobody guesses it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who registers one; none who signs in.
    pub account_id: Option<Uuid>,
    /// The challenge and what must hold of the answer, under the master key.
    pub sealed: Vec<u8>,
    /// UTC; worth nothing from then on.
    pub expires_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
