//! Products with prices, texts, tags and categories.
use sea_orm_migration::{prelude::*, schema::*};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("product")
                    .col(uuid("id"))
                    .col(text_null("external_id"))
                    .col(text("slug"))
                    .col(text("kind"))
                    .col(text("status"))
                    .col(text("title"))
                    .col(text("sort_title").extra(ddl::bytewise(manager)))
                    .col(text("summary"))
                    .col(text_null("publisher"))
                    .col(text_null("developer"))
                    .col(date_null("release_date"))
                    .col(integer_null("age_rating"))
                    .col(json_binary_null("system_requirements"))
                    .col(json_binary("media_urls"))
                    .col(json_binary("tags"))
                    .col(json_binary("categories"))
                    .col(json_binary("platforms"))
                    .col(json_binary("languages"))
                    .col(big_integer("rating_sum"))
                    .col(big_integer("rating_count"))
                    .col(double("rating_average"))
                    .col(big_integer("popularity"))
                    .col(big_integer("version"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .col(timestamp_with_time_zone_null("published_at"))
                    // The long texts stand last, so that SQLite finds what lists show without walking through them.
                    .col(text("description"))
                    .col(text("search_text"))
                    .primary_key(Index::create().col("id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::unique("product_slug_key", "product", &["slug"])).await?;
        manager.create_index(ddl::unique("product_external_id_key", "product", &["external_id"])).await?;
        manager
            .create_index(ddl::index("product_created_idx", "product", &["status", "created_at", "id"]))
            .await?;
        manager
            .create_index(ddl::index("product_title_idx", "product", &["status", "sort_title", "id"]))
            .await?;
        manager.create_index(ddl::index("product_publisher_idx", "product", &["publisher"])).await?;
        manager
            .create_index(ddl::index("product_released_idx", "product", &["status", "release_date", "id"]))
            .await?;
        manager
            .create_index(ddl::index("product_popularity_idx", "product", &["status", "popularity", "id"]))
            .await?;
        manager
            .create_index(ddl::index(
                "product_rating_idx",
                "product",
                &["status", "rating_average", "rating_count", "id"],
            ))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("retired_slug")
                    .col(text("slug"))
                    .col(uuid("product_id"))
                    .col(timestamp_with_time_zone("retired_at"))
                    .primary_key(Index::create().col("slug"))
                    .foreign_key(&mut ddl::cascade("retired_slug", "product_id", "product", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::index("retired_slug_product_idx", "retired_slug", &["product_id"])).await?;
        manager
            .create_table(ddl::clustered(
                Table::create()
                    .table("product_price")
                    .col(uuid("product_id"))
                    .col(text("currency"))
                    .col(text("country"))
                    .col(big_integer("amount"))
                    .primary_key(Index::create().col("product_id").col("currency").col("country"))
                    .foreign_key(&mut ddl::cascade("product_price", "product_id", "product", "id")),
                manager,
            ))
            .await?;
        manager
            .create_index(ddl::index(
                "product_price_amount_idx",
                "product_price",
                &["currency", "country", "amount", "product_id"],
            ))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("product_translation")
                    .col(uuid("product_id"))
                    .col(text("locale"))
                    .col(text("title"))
                    .col(text_null("summary"))
                    .col(text_null("description"))
                    .primary_key(Index::create().col("product_id").col("locale"))
                    .foreign_key(&mut ddl::cascade("product_translation", "product_id", "product", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("tag")
                    .col(uuid("id"))
                    .col(text("slug").extra(ddl::bytewise(manager)))
                    .col(text("name"))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().col("id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::unique("tag_slug_key", "tag", &["slug"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("tag_translation")
                    .col(uuid("tag_id"))
                    .col(text("locale"))
                    .col(text("name"))
                    .primary_key(Index::create().col("tag_id").col("locale"))
                    .foreign_key(&mut ddl::cascade("tag_translation", "tag_id", "tag", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(ddl::clustered(
                Table::create()
                    .table("product_tag")
                    .col(uuid("product_id"))
                    .col(uuid("tag_id"))
                    .primary_key(Index::create().col("product_id").col("tag_id"))
                    .foreign_key(&mut ddl::cascade("product_tag", "product_id", "product", "id"))
                    .foreign_key(&mut ddl::cascade("product_tag", "tag_id", "tag", "id")),
                manager,
            ))
            .await?;
        manager
            .create_index(ddl::index("product_tag_tag_idx", "product_tag", &["tag_id", "product_id"]))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("category")
                    .col(uuid("id"))
                    .col(text("slug"))
                    .col(text("name"))
                    .col(uuid_null("parent_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .primary_key(Index::create().col("id"))
                    .foreign_key(&mut ddl::restrict("category", "parent_id", "category", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(ddl::unique("category_slug_key", "category", &["slug"])).await?;
        manager.create_index(ddl::index("category_parent_idx", "category", &["parent_id"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("category_translation")
                    .col(uuid("category_id"))
                    .col(text("locale"))
                    .col(text("name"))
                    .primary_key(Index::create().col("category_id").col("locale"))
                    .foreign_key(&mut ddl::cascade("category_translation", "category_id", "category", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(ddl::clustered(
                Table::create()
                    .table("product_category")
                    .col(uuid("product_id"))
                    .col(uuid("category_id"))
                    .primary_key(Index::create().col("product_id").col("category_id"))
                    .foreign_key(&mut ddl::cascade("product_category", "product_id", "product", "id"))
                    .foreign_key(&mut ddl::cascade("product_category", "category_id", "category", "id")),
                manager,
            ))
            .await?;
        manager
            .create_index(ddl::index(
                "product_category_category_idx",
                "product_category",
                &["category_id", "product_id"],
            ))
            .await?;
        manager
            .create_table(ddl::clustered(
                Table::create()
                    .table("product_platform")
                    .col(uuid("product_id"))
                    .col(text("platform"))
                    .primary_key(Index::create().col("product_id").col("platform"))
                    .foreign_key(&mut ddl::cascade("product_platform", "product_id", "product", "id")),
                manager,
            ))
            .await?;
        manager
            .create_index(ddl::index(
                "product_platform_platform_idx",
                "product_platform",
                &["platform", "product_id"],
            ))
            .await?;
        manager
            .create_table(ddl::clustered(
                Table::create()
                    .table("product_language")
                    .col(uuid("product_id"))
                    .col(text("language"))
                    .primary_key(Index::create().col("product_id").col("language"))
                    .foreign_key(&mut ddl::cascade("product_language", "product_id", "product", "id")),
                manager,
            ))
            .await?;
        manager
            .create_index(ddl::index(
                "product_language_language_idx",
                "product_language",
                &["language", "product_id"],
            ))
            .await?;
        Ok(())
    }
}
