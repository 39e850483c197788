//! The rows of which products consist beside their own: prices, translations, labels, platforms, languages.
use entity::{
    product_category, product_language, product_platform, product_price, product_tag, product_translation,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

/// Rows of one statement: far below the parameters that either database takes.
const ROWS: usize = 1000;

/// Replacing a part of products, and reading it, by the product they belong to.
macro_rules! part {
    ($replace:ident, $read:ident, $table:ident) => {
        /// Replaces the rows of products, none of which are new ones, by these.
        pub(in crate::catalog) async fn $replace(
            tx: &impl ConnectionTrait,
            products: &[Uuid],
            rows: Vec<$table::Model>,
        ) -> Result<(), DbErr> {
            if !products.is_empty() {
                $table::Entity::delete_many()
                    .filter($table::Column::ProductId.is_in(products.iter().copied()))
                    .exec(tx)
                    .await?;
            }
            for rows in rows.chunks(ROWS) {
                let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
                $table::Entity::insert_many(rows).exec_without_returning(tx).await?;
            }
            Ok(())
        }

        /// The rows of products, in no order.
        pub(in crate::catalog) async fn $read(
            db: &impl ConnectionTrait,
            products: &[Uuid],
        ) -> Result<Vec<$table::Model>, DbErr> {
            $table::Entity::find()
                .filter($table::Column::ProductId.is_in(products.iter().copied()))
                .all(db)
                .await
        }
    };
}

part!(replace_prices, prices, product_price);
part!(replace_translations, translations, product_translation);
part!(replace_tags, tags, product_tag);
part!(replace_categories, categories, product_category);
part!(replace_platforms, platforms, product_platform);
part!(replace_languages, languages, product_language);

/// What products run on, as a part of other slices' statements: `product_id` and `platform`.
pub const RUNS_ON: &str = "SELECT product_id, platform FROM product_platform";

/// Notes the memory that a product needs on a platform.
pub(in crate::catalog) async fn set_memory(
    tx: &impl ConnectionTrait,
    product: Uuid,
    platform: product_platform::Platform,
    memory_mb: Option<i64>,
) -> Result<(), DbErr> {
    product_platform::Entity::update_many()
        .col_expr(product_platform::Column::MemoryMb, Expr::value(memory_mb))
        .filter(product_platform::Column::ProductId.eq(product))
        .filter(product_platform::Column::Platform.eq(platform))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes a translation, in place of the one there was.
pub(in crate::catalog) async fn put_translation(
    tx: &impl ConnectionTrait,
    row: product_translation::Model,
) -> Result<(), DbErr> {
    use product_translation::Column::{Description, Locale, ProductId, Summary, Title};
    let same =
        OnConflict::columns([ProductId, Locale]).update_columns([Title, Summary, Description]).to_owned();
    product_translation::Entity::insert(row.into_active_model())
        .on_conflict(same)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Deletes a translation; false when there is none.
pub(in crate::catalog) async fn delete_translation(
    tx: &impl ConnectionTrait,
    product: Uuid,
    locale: &str,
) -> Result<bool, DbErr> {
    let gone = product_translation::Entity::delete_by_id((product, locale.to_owned())).exec(tx).await?;
    Ok(gone.rows_affected == 1)
}

/// Every price of a product, by currency and country.
pub(in crate::catalog) async fn price_list(
    db: &impl ConnectionTrait,
    product: Uuid,
) -> Result<Vec<product_price::Model>, DbErr> {
    product_price::Entity::find()
        .filter(product_price::Column::ProductId.eq(product))
        .order_by_asc(product_price::Column::Currency)
        .order_by_asc(product_price::Column::Country)
        .all(db)
        .await
}
