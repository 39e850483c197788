//! From where an event was caused, until the audit log has taken it over: events themselves bear no address.
use sea_orm::entity::prelude::*;

/// From where an event was caused, until the audit log has taken it over: events themselves bear no address.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event_origin")]
pub struct Model {
    /// The event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: Uuid,
    /// Whose it concerns, as the event says.
    pub account_id: Option<Uuid>,
    /// Who caused it, as the event says.
    pub actor_id: Option<Uuid>,
    /// The address.
    pub ip: String,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
