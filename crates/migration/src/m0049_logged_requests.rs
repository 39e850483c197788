//! Which requests for files were counted by logs.
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
                    .table("logged_request")
                    .col(text("request_id"))
                    .col(timestamp_with_time_zone("at"))
                    .primary_key(Index::create().col("request_id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::index("logged_request_at_idx", "logged_request", &["at"])).await
    }
}
