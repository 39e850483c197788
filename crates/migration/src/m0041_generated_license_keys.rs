//! Products whose licence keys are made when they are paid.
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let generated = boolean("generated").default(false).to_owned();
        manager.alter_table(Table::alter().table("license_policy").add_column(generated).to_owned()).await
    }
}
