//! The secret of an account's time-based codes.
use sea_orm::entity::prelude::*;

/// The secret of an account's time-based codes: asked for at sign-in once `account.totp_enabled` says so.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "totp_factor")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// Nonce and AES-256-GCM ciphertext.
    pub sealed: Vec<u8>,
    /// The thirty-second step of the last code that was taken; no code of it or of an earlier one is taken again.
    pub last_step: i64,
    /// UTC.
    pub created_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
