//! Prices of which buyers choose the amount, and what they chose in their carts.
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            ("product_price", big_integer_null("minimum_amount")),
            ("product_price", big_integer_null("suggested_amount")),
            ("product", boolean("pay_what_you_want").default(false).to_owned()),
            ("cart_item", big_integer_null("amount")),
            ("cart_item", text_null("currency")),
        ];
        // SQLite adds one column by each statement.
        for (table, column) in columns {
            manager
                .alter_table(Table::alter().table(Alias::new(table)).add_column(column).to_owned())
                .await?;
        }
        Ok(())
    }
}
