//! From where orders were placed and downloads asked for, as long as that is kept.
use sea_orm_migration::{prelude::*, schema::*};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["orders", "download_grant"] {
            let add = Table::alter().table(Alias::new(table)).add_column(text_null("ip")).to_owned();
            manager.alter_table(add).await?;
            let kept = ddl::index_where(&format!("{table}_ip_idx"), table, &["created_at"], "ip IS NOT NULL");
            manager.create_index(kept).await?;
        }
        Ok(())
    }
}
