//! What opens a stream of notifications once, where no header can be sent.
use sea_orm::entity::prelude::*;

/// What opens a stream of notifications once, where no header can be sent.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stream_ticket")]
pub struct Model {
    /// SHA-256 of the ticket.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ticket_hash: Vec<u8>,
    /// Whose notifications.
    pub account_id: Uuid,
    /// The session or API key that asked for it: with it the stream ends.
    pub credential_id: Uuid,
    /// UTC, when that credential ends in any case.
    pub ends_at: Option<DateTimeUtc>,
    /// UTC, until when it opens a stream.
    pub expires_at: DateTimeUtc,
    /// UTC.
    pub used_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
