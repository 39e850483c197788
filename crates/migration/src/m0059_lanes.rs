//! Jobs that run one after the other, such as the mails to one account.
use sea_orm_migration::{prelude::*, schema::*};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("job").add_column(uuid_null("lane")).to_owned()).await?;
        manager
            .create_index(ddl::index_where(
                "job_lane_idx",
                "job",
                &["lane", "id"],
                "state IN ('ready', 'running') AND lane IS NOT NULL",
            ))
            .await
    }
}
