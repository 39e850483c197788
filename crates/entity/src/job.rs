//! Work to be done after a commit, at least once.
use sea_orm::entity::prelude::*;

/// Work to be done after a commit, at least once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Which handler.
    pub kind: String,
    /// Ids alone.
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: Json,
    /// `ready`, `running`, `done`, `dead`.
    pub state: String,
    /// At most one unfinished job bears it.
    pub dedupe_key: Option<String>,
    /// Counted when claimed.
    pub attempts: i32,
    /// Dead after so many.
    pub max_attempts: i32,
    /// Epoch milliseconds.
    pub run_at: i64,
    /// Epoch milliseconds.
    pub lease_until: Option<i64>,
    /// Who holds it.
    pub lease_token: Option<Uuid>,
    /// Of the last attempt.
    pub last_error: Option<String>,
    /// Epoch milliseconds.
    pub created_at: i64,
    /// Epoch milliseconds.
    pub finished_at: Option<i64>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
