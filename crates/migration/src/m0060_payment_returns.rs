//! Money that no order waits for, until it is back; and what finds whatever still waits for a provider.
use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("payment_return")
                    .col(uuid("payment_id"))
                    .col(big_integer("amount"))
                    .col(text("currency"))
                    .col(text("status"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("settled_at"))
                    .primary_key(Index::create().col("payment_id"))
                    .foreign_key(&mut ddl::restrict("payment_return", "payment_id", "payment", "id"))
                    .to_owned(),
            )
            .await?;
        let pending = "status = 'pending'";
        for (name, table, key) in [
            ("payment_return_waiting_idx", "payment_return", "payment_id"),
            ("refund_waiting_idx", "refund", "id"),
        ] {
            manager.create_index(ddl::index_where(name, table, &[key], pending)).await?;
        }
        let waiting = "applied_at IS NULL";
        manager
            .create_index(ddl::index_where("provider_event_waiting_idx", "provider_event", &["id"], waiting))
            .await?;
        take_up(manager).await
    }
}

/// What was known by its job alone, whether that is dead or not.
async fn take_up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let begun = match manager.get_database_backend() {
        DbBackend::Postgres => {
            "INSERT INTO payment_return (payment_id, amount, currency, status, created_at) \
             SELECT p.id, CAST(j.payload->>'amount' AS BIGINT), p.currency, 'pending', \
             to_timestamp(j.created_at / 1000.0) \
             FROM job j JOIN payment p ON p.id = CAST(j.payload->>'payment_id' AS UUID) \
             WHERE j.kind = 'return_money' AND j.state <> 'done' ORDER BY j.id ON CONFLICT DO NOTHING"
        }
        _ => {
            "INSERT INTO payment_return (payment_id, amount, currency, status, created_at) \
             SELECT p.id, json_extract(j.payload, '$.amount'), p.currency, 'pending', \
             strftime('%Y-%m-%dT%H:%M:%S+00:00', j.created_at / 1000, 'unixepoch') \
             FROM job j JOIN payment p ON lower(hex(p.id)) = replace(json_extract(j.payload, '$.payment_id'), '-', '') \
             WHERE j.kind = 'return_money' AND j.state <> 'done' ORDER BY j.id ON CONFLICT DO NOTHING"
        }
    };
    manager.get_connection().execute_unprepared(begun).await?;
    Ok(())
}
