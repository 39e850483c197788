//! A person who signs in: buyer, publisher or staff.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether an account may sign in.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[schema(as = AccountStatus)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    /// May sign in.
    #[sea_orm(string_value = "active")]
    Active,
    /// May not; nothing of it is lost.
    #[sea_orm(string_value = "suspended")]
    Suspended,
}

/// A person who signs in: buyer, publisher or staff.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Canonical address: see `Email`.
    pub email: String,
    /// Whether the address was proven by mail.
    pub email_verified: bool,
    /// Argon2id in PHC form.
    pub password_hash: String,
    /// What others see.
    pub display_name: String,
    /// BCP 47; none if it chose none.
    pub locale: Option<String>,
    /// BCP 47: the language that its maker's browser asked for.
    pub signup_locale: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Holds the role `editor`: catalog and files.
    pub editor: bool,
    /// Holds the role `support`: orders, accounts, moderation.
    pub support: bool,
    /// Holds the role `admin`: everything.
    pub admin: bool,
    /// Whether signing in asks for a code of its `totp_factor`.
    pub totp_enabled: bool,
    /// Whether the account may sign in.
    pub status: Status,
    /// UTC.
    pub created_at: DateTimeUtc,
    /// UTC.
    pub updated_at: DateTimeUtc,
    /// UTC; since then the row stands for nobody, and is kept for the orders that point to it.
    pub erased_at: Option<DateTimeUtc>,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
