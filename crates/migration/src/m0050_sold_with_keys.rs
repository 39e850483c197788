//! Order lines that were sold with a licence key, whatever is said of their product later.
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let with_key = boolean("with_key").default(false).to_owned();
        manager.alter_table(Table::alter().table("order_line").add_column(with_key).to_owned()).await?;
        // What holds a key, and what waits for its payment to get one made.
        manager
            .get_connection()
            .execute_unprepared(
                "UPDATE order_line SET with_key = TRUE WHERE id IN \
                 (SELECT source_id FROM license_key WHERE source_id IS NOT NULL) \
                 OR (product_id IN (SELECT product_id FROM license_policy WHERE generated) \
                 AND order_id IN (SELECT id FROM orders WHERE status = 'pending'))",
            )
            .await?;
        Ok(())
    }
}
