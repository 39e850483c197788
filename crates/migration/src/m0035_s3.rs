//! Objects in S3: equal bytes are one row, and an upload says which pieces of it count and who writes it.
use sea_orm_migration::{prelude::*, schema::*};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Objects had their digests for names until now, so there are no two of one digest.
        manager.create_index(ddl::unique("object_sha256_key", "object", &["sha256"])).await?;
        manager.drop_index(Index::drop().name("object_sha256_idx").table("object").to_owned()).await?;
        for column in [text_null("state"), uuid_null("writer"), timestamp_with_time_zone_null("writer_until")]
        {
            manager.alter_table(Table::alter().table("upload").add_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
