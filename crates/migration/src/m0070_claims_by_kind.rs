//! Claims that look for each kind of job by itself, and pass over what stands behind another of its lane.
use sea_orm_migration::{prelude::*, schema::*};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let behind = boolean("behind").default(false).to_owned();
        manager.alter_table(Table::alter().table("job").add_column(behind).to_owned()).await?;
        manager
            .create_index(ddl::index_where(
                "job_due_idx",
                "job",
                &["kind", "run_at", "id"],
                "state = 'ready' AND NOT behind",
            ))
            .await?;
        manager
            .create_index(ddl::index_where(
                "job_behind_idx",
                "job",
                &["lane", "id"],
                "state = 'ready' AND behind",
            ))
            .await?;
        manager.drop_index(Index::drop().name("job_ready_idx").table("job").to_owned()).await
    }
}
