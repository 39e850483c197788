//! An address that nothing is mailed to any more, because mail to it came back or was complained of.
use sea_orm::entity::prelude::*;

/// Why nothing is mailed to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Reason {
    /// Mail to it came back for good.
    #[sea_orm(string_value = "bounce")]
    Bounce,
    /// Its reader complained of mail.
    #[sea_orm(string_value = "complaint")]
    Complaint,
}

/// An address that nothing is mailed to any more, because mail to it came back or was complained of.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "suppressed_address")]
pub struct Model {
    /// Keyed digest of the address, which is not kept.
    #[sea_orm(primary_key, auto_increment = false)]
    pub address_hash: Vec<u8>,
    /// Why, as it was told first.
    pub reason: Reason,
    /// UTC.
    pub at: DateTimeUtc,
}

/// No relation is declared: slices join by columns in their own statements.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
