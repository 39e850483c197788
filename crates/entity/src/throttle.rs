//! What was lately counted against one limit: failed sign-ins to an account, registrations from an address.
use sea_orm::entity::prelude::*;

/// What was lately counted against one limit: failed sign-ins to an account, registrations from an address.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "throttle")]
pub struct Model {
    /// Keyed digest of what is counted: names neither account nor address.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bucket: Vec<u8>,
    /// JSON: when each happened, and a keyed digest of who did it.
    pub attempts: String,
    /// UTC; nothing of it counts any more after it.
    pub until: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
