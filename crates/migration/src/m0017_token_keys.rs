//! The keys of access tokens: several, so that they can be rotated.
use sea_orm_migration::{prelude::*, schema::*, sea_orm::ConnectionTrait};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("token_key")
                    .col(integer("ordinal"))
                    .col(blob("sealed"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("signs_from"))
                    .col(timestamp_with_time_zone_null("ends_at"))
                    .primary_key(Index::create().col("ordinal"))
                    .to_owned(),
            )
            .await?;
        // The one key there was goes on.
        let db = manager.get_connection();
        db.execute_unprepared(
            "INSERT INTO token_key (ordinal, sealed, created_at, signs_from) \
             SELECT 1, sealed, created_at, created_at FROM secret_key WHERE name = 'access_token'",
        )
        .await?;
        db.execute_unprepared("DELETE FROM secret_key WHERE name = 'access_token'").await?;
        Ok(())
    }
}
