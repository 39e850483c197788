//! A program elsewhere that is told of events.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why the store stopped telling an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[schema(as = WebhookDisabled)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Disabled {
    /// An admin said so.
    #[sea_orm(string_value = "by_admin")]
    ByAdmin,
    /// It answered 410.
    #[sea_orm(string_value = "gone")]
    Gone,
    /// It failed for days on end.
    #[sea_orm(string_value = "failing")]
    Failing,
}

/// A program elsewhere that is told of events.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// One of the places there are: unique, so that there are never more endpoints than places.
    pub slot: i32,
    /// Where it is told.
    pub url: String,
    /// A list of the kinds of events it is told of.
    #[sea_orm(column_type = "JsonBinary")]
    pub events: Json,
    /// Why it is told nothing; none: it is told.
    pub disabled: Option<Disabled>,
    /// Signs what it is told, sealed under the master key.
    pub secret: Vec<u8>,
    /// The secret before, sealed too.
    pub former_secret: Option<Vec<u8>>,
    /// UTC; until then the secret before signs too.
    pub former_until: Option<DateTimeUtc>,
    /// Those before it that still sign, the latest first: a list of `{sealed, until}`.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub earlier_secrets: Option<Json>,
    /// UTC; the first failure since it last took something.
    pub failing_since: Option<DateTimeUtc>,
    /// UTC; the last of those failures.
    pub failed_at: Option<DateTimeUtc>,
    /// UTC.
    pub created_at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
