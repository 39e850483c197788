//! The language in which an account was made.
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let language = text_null("signup_locale");
        manager.alter_table(Table::alter().table("account").add_column(language).to_owned()).await
    }
}
