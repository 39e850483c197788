//! Disputes one by one, and what banks took beyond what was given back.
use sea_orm_migration::{prelude::*, schema::*};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("dispute")
                    .col(text("provider"))
                    .col(text("reference"))
                    .col(uuid("payment_id"))
                    .col(big_integer_null("amount"))
                    .col(text("status"))
                    .col(timestamp_with_time_zone("told_at"))
                    .col(timestamp_with_time_zone_null("ended_at"))
                    .primary_key(Index::create().col("provider").col("reference"))
                    .foreign_key(&mut ddl::restrict("dispute", "payment_id", "payment", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::index("dispute_payment_idx", "dispute", &["payment_id"])).await?;
        for (table, column) in [("payment", "lost"), ("refund", "taken")] {
            let column = big_integer(column).default(0).to_owned();
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
