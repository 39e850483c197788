//! Builds for one processor, extras, and releases that reach their owners by and by.
use sea_orm_migration::{prelude::*, schema::*};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let arch = text("arch").default("any").to_owned();
        let kind = text("kind").default("build").to_owned();
        let percent = integer("rollout_percent")
            .default(100)
            .check(Expr::col("rollout_percent").between(0, 100))
            .to_owned();
        for column in [arch, kind, percent] {
            manager.alter_table(Table::alter().table("build").add_column(column).to_owned()).await?;
        }
        // The wider key comes first, so that there is none without one.
        manager
            .create_index(ddl::unique(
                "build_made_for_key",
                "build",
                &["product_id", "version", "platform", "channel", "arch", "kind"],
            ))
            .await?;
        manager.drop_index(Index::drop().name("build_version_key").table("build").to_owned()).await
    }
}
