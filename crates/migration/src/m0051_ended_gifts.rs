//! Gifts by when they ended, for the check of what changed lately.
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let ended = Index::create().name("gift_ended_at_idx").table("gift").col("ended_at").to_owned();
        manager.create_index(ended).await
    }
}
