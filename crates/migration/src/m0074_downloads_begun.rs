//! Since when an owner has had bytes of what a right gives.
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let begun = timestamp_with_time_zone_null("download_begun_at");
        manager.alter_table(Table::alter().table("entitlement").add_column(begun).to_owned()).await
    }
}
