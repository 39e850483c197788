//! Whoever publishes events begins with those to come, not with what the log still holds.
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let begin = "INSERT INTO event_reader (name, seq) SELECT 'topic', seq FROM event_reader WHERE name = 'sequencer'";
        manager.get_connection().execute_unprepared(begin).await?;
        Ok(())
    }
}
