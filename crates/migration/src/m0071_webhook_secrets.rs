//! Secrets of webhooks that were replaced before the last one and still sign, and the end of deliveries that nobody sends.
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What was being sent by a process that died when its endpoint was disabled.
const GIVE_UP: &str = "UPDATE webhook_delivery SET status = 'failed', next_attempt_at = NULL, \
                       finished_at = COALESCE(lease_until, created_at) WHERE status = 'pending' AND webhook_id IN ( \
                       SELECT id FROM webhook WHERE disabled IS NOT NULL)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let earlier = json_binary_null("earlier_secrets");
        manager.alter_table(Table::alter().table("webhook").add_column(earlier).to_owned()).await?;
        manager.get_connection().execute_unprepared(GIVE_UP).await?;
        Ok(())
    }
}
