//! A signed-in device, and the family of its refresh tokens.
use sea_orm::entity::prelude::*;

/// A signed-in device, and the family of its refresh tokens.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// The `sid` of its access tokens.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub account_id: Uuid,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC, of the last refresh.
    pub last_used_at: DateTimeUtc,
    /// UTC; no refresh after it.
    pub expires_at: DateTimeUtc,
    /// Address of the last use.
    pub ip: String,
    /// As the device names itself, cut.
    pub user_agent: String,
    /// UTC, when a password or a second factor was last given on it.
    pub proven_at: DateTimeUtc,
    /// UTC; set once, by logout, revocation or reuse.
    pub revoked_at: Option<DateTimeUtc>,
    /// UTC, when a used refresh token came again: from then on its device is no longer trusted to be the owner's.
    pub reused_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
