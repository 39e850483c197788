//! What the catalog's readers look for among all products: what one edit changed, and which languages there are.
use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_index(ddl::index("product_updated_idx", "product", &["updated_at"])).await?;
        manager
            .create_index(ddl::index("product_translation_locale_idx", "product_translation", &["locale"]))
            .await
    }
}
