//! Store credit: what each account holds, how it came to that, and its books in the ledger.
use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["orders", "refund"] {
            let credit = big_integer("credit").default(0).to_owned();
            manager.alter_table(Table::alter().table(table).add_column(credit).to_owned()).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("credit_balance")
                    .col(uuid("account_id"))
                    .col(text("currency"))
                    .col(big_integer("balance").check(Expr::col("balance").gte(0)))
                    .primary_key(Index::create().col("account_id").col("currency"))
                    .foreign_key(&mut ddl::restrict("credit_balance", "account_id", "account", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("credit_entry")
                    .col(uuid("id"))
                    .col(uuid("account_id"))
                    .col(text("currency"))
                    .col(big_integer("amount"))
                    .col(text("kind"))
                    .col(text_null("reason"))
                    .col(uuid_null("actor_id"))
                    .col(uuid_null("order_id"))
                    .col(uuid_null("refund_id"))
                    .col(timestamp_with_time_zone("at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::restrict("credit_entry", "account_id", "account", "id"))
                    .foreign_key(&mut ddl::restrict("credit_entry", "order_id", "orders", "id"))
                    .foreign_key(&mut ddl::restrict("credit_entry", "refund_id", "refund", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(ddl::index("credit_entry_account_idx", "credit_entry", &["account_id", "id"]))
            .await?;
        // An order spends its credit once and gets it back once; a refund is paid out once.
        let once = "kind IN ('spent', 'given_back')";
        let columns = &["order_id", "kind"];
        manager
            .create_index(ddl::unique_where("credit_entry_order_key", "credit_entry", columns, once))
            .await?;
        manager.create_index(ddl::unique("credit_entry_refund_key", "credit_entry", &["refund_id"])).await?;
        free_the_ledger(manager).await
    }
}

/// What staff grants belongs to no order: the ledger's lines need none any more.
async fn free_the_ledger(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Postgres {
        for statement in [
            "ALTER TABLE ledger_entry ALTER COLUMN order_id DROP NOT NULL",
            "ALTER TABLE ledger_entry ALTER COLUMN payment_id DROP NOT NULL",
            "ALTER TABLE ledger_entry ADD COLUMN credit_entry_id uuid \
             CONSTRAINT ledger_entry_credit_entry_id_fkey REFERENCES credit_entry (id) ON DELETE RESTRICT",
        ] {
            connection.execute_unprepared(statement).await?;
        }
    } else {
        // SQLite can't lift a constraint: the table is written anew. No other table points to it.
        connection.execute_unprepared("DROP INDEX ledger_entry_order_idx").await?;
        connection.execute_unprepared("ALTER TABLE ledger_entry RENAME TO ledger_entry_before").await?;
        manager
            .create_table(
                Table::create()
                    .table("ledger_entry")
                    .col(uuid("id"))
                    .col(uuid_null("order_id"))
                    .col(uuid_null("payment_id"))
                    .col(text("account"))
                    .col(big_integer("amount"))
                    .col(text("currency"))
                    .col(timestamp_with_time_zone("at"))
                    .col(uuid_null("credit_entry_id"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::restrict("ledger_entry", "order_id", "orders", "id"))
                    .foreign_key(&mut ddl::restrict("ledger_entry", "payment_id", "payment", "id"))
                    .foreign_key(&mut ddl::restrict("ledger_entry", "credit_entry_id", "credit_entry", "id"))
                    .to_owned(),
            )
            .await?;
        let columns = "id, order_id, payment_id, account, amount, currency, at";
        connection
            .execute_unprepared(&format!(
                "INSERT INTO ledger_entry ({columns}) SELECT {columns} FROM ledger_entry_before"
            ))
            .await?;
        connection.execute_unprepared("DROP TABLE ledger_entry_before").await?;
        manager.create_index(ddl::index("ledger_entry_order_idx", "ledger_entry", &["order_id"])).await?;
    }
    Ok(())
}
