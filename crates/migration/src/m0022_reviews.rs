//! Reviews with their votes and reports, and how many stars products have.
use sea_orm_migration::{prelude::*, schema::*};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for stars in ["stars_1", "stars_2", "stars_3", "stars_4", "stars_5"] {
            let column = big_integer(stars).default(0).to_owned();
            manager.alter_table(Table::alter().table("product").add_column(column).to_owned()).await?;
        }
        reviews(manager).await?;
        votes(manager).await?;
        reports(manager).await
    }
}

async fn reviews(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("review")
                .col(uuid("id"))
                .col(uuid("product_id"))
                .col(uuid("account_id"))
                .col(integer("rating"))
                .col(text("locale"))
                .col(text("status"))
                .col(big_integer("helpful_count"))
                .col(big_integer("unhelpful_count"))
                .col(big_integer("score"))
                .col(big_integer("open_reports"))
                .col(timestamp_with_time_zone("created_at"))
                .col(timestamp_with_time_zone("updated_at"))
                .col(timestamp_with_time_zone_null("removed_at"))
                .col(timestamp_with_time_zone_null("answered_at"))
                .col(text_null("title"))
                .col(text_null("body"))
                .col(text_null("note"))
                .col(text_null("answer"))
                .primary_key(Index::create().col("id"))
                .foreign_key(&mut ddl::cascade("review", "product_id", "product", "id"))
                .foreign_key(&mut ddl::cascade("review", "account_id", "account", "id"))
                .to_owned(),
        )
        .await?;
    let once = ddl::unique("review_account_product_key", "review", &["account_id", "product_id"]);
    manager.create_index(once).await?;
    for (name, columns) in [
        ("review_helpful_idx", &["product_id", "status", "score", "id"][..]),
        ("review_newest_idx", &["product_id", "status", "created_at", "id"]),
        ("review_rating_idx", &["product_id", "status", "rating", "created_at", "id"]),
        ("review_all_idx", &["created_at", "id"]),
    ] {
        manager.create_index(ddl::index(name, "review", columns)).await?;
    }
    let reported =
        ddl::index_where("review_reported_idx", "review", &["created_at", "id"], "open_reports > 0");
    manager.create_index(reported).await
}

async fn votes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("review_vote")
                .col(uuid("review_id"))
                .col(uuid("account_id"))
                .col(boolean("helpful"))
                .col(timestamp_with_time_zone("voted_at"))
                .primary_key(Index::create().col("review_id").col("account_id"))
                .foreign_key(&mut ddl::cascade("review_vote", "review_id", "review", "id"))
                .foreign_key(&mut ddl::cascade("review_vote", "account_id", "account", "id"))
                .to_owned(),
        )
        .await?;
    manager
        .create_index(ddl::index("review_vote_account_idx", "review_vote", &["account_id", "review_id"]))
        .await
}

async fn reports(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("review_report")
                .col(uuid("review_id"))
                .col(uuid("account_id"))
                .col(text_null("reason"))
                .col(timestamp_with_time_zone("reported_at"))
                .col(timestamp_with_time_zone_null("resolved_at"))
                .primary_key(Index::create().col("review_id").col("account_id"))
                .foreign_key(&mut ddl::cascade("review_report", "review_id", "review", "id"))
                .foreign_key(&mut ddl::cascade("review_report", "account_id", "account", "id"))
                .to_owned(),
        )
        .await?;
    let own = ddl::index("review_report_account_idx", "review_report", &["account_id", "review_id"]);
    manager.create_index(own).await?;
    let old = ["resolved_at"];
    manager
        .create_index(ddl::index_where("review_report_old_idx", "review_report", &old, "reason IS NOT NULL"))
        .await
}
