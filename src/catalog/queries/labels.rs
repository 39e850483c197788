//! Tags and categories, their names in other languages, and which products bear them.
use std::collections::{BTreeMap, HashMap};

use entity::{category, category_translation, product_category, product_tag, tag, tag_translation};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};
use uuid::Uuid;

/// What tags and categories have in common.
macro_rules! label {
    ($table:ident, $names:ident, $products:ident, $key:ident) => {
        /// The ids of these slugs, held against deletion until the transaction ends.
        pub(in crate::catalog) async fn ids(
            tx: &impl ConnectionTrait,
            slugs: &[String],
        ) -> Result<HashMap<String, Uuid>, DbErr> {
            if slugs.is_empty() {
                return Ok(HashMap::new());
            }
            let rows = $table::Entity::find()
                .filter($table::Column::Slug.is_in(slugs))
                .order_by_asc($table::Column::Id)
                .lock_shared()
                .all(tx)
                .await?;
            Ok(rows.into_iter().map(|row| (row.slug, row.id)).collect())
        }

        /// The one of a slug.
        pub(in crate::catalog) async fn by_slug(
            db: &impl ConnectionTrait,
            slug: &str,
        ) -> Result<Option<$table::Model>, DbErr> {
            $table::Entity::find().filter($table::Column::Slug.eq(slug)).one(db).await
        }

        /// Makes those whose slugs are not there yet.
        pub(in crate::catalog) async fn ensure(
            tx: &impl ConnectionTrait,
            rows: Vec<$table::Model>,
        ) -> Result<(), DbErr> {
            if rows.is_empty() {
                return Ok(());
            }
            let there = OnConflict::column($table::Column::Slug).do_nothing().to_owned();
            $table::Entity::insert_many(rows.into_iter().map(IntoActiveModel::into_active_model))
                .on_conflict(there)
                .exec_without_returning(tx)
                .await?;
            Ok(())
        }

        /// A new one; a unique violation when its slug is taken.
        pub(in crate::catalog) async fn insert(
            tx: &impl ConnectionTrait,
            row: $table::Model,
        ) -> Result<(), DbErr> {
            $table::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
            Ok(())
        }

        /// Writes the columns that are set; a unique violation when its slug is taken.
        pub(in crate::catalog) async fn update(
            tx: &impl ConnectionTrait,
            row: $table::ActiveModel,
        ) -> Result<(), DbErr> {
            if row.is_changed() {
                $table::Entity::update(row).validate()?.exec(tx).await?;
            }
            Ok(())
        }

        /// Deletes one, from every product too.
        pub(in crate::catalog) async fn delete(tx: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
            $table::Entity::delete_by_id(id).exec(tx).await?;
            Ok(())
        }

        /// The products that bear it.
        pub(in crate::catalog) async fn products(
            db: &impl ConnectionTrait,
            id: Uuid,
        ) -> Result<Vec<Uuid>, DbErr> {
            $products::Entity::find()
                .select_only()
                .column($products::Column::ProductId)
                .filter($products::Column::$key.eq(id))
                .order_by_asc($products::Column::ProductId)
                .into_tuple()
                .all(db)
                .await
        }

        /// Its names in other languages, by language.
        pub(in crate::catalog) async fn names(
            db: &impl ConnectionTrait,
            id: Uuid,
        ) -> Result<BTreeMap<String, String>, DbErr> {
            let rows = $names::Entity::find().filter($names::Column::$key.eq(id)).all(db).await?;
            Ok(rows.into_iter().map(|row| (row.locale, row.name)).collect())
        }

        /// Names it in a language.
        pub(in crate::catalog) async fn put_name(
            tx: &impl ConnectionTrait,
            row: $names::Model,
        ) -> Result<(), DbErr> {
            let same = OnConflict::columns([$names::Column::$key, $names::Column::Locale])
                .update_column($names::Column::Name)
                .to_owned();
            $names::Entity::insert(row.into_active_model())
                .on_conflict(same)
                .exec_without_returning(tx)
                .await?;
            Ok(())
        }

        /// Forgets its name in a language; false when there was none.
        pub(in crate::catalog) async fn delete_name(
            tx: &impl ConnectionTrait,
            id: Uuid,
            locale: &str,
        ) -> Result<bool, DbErr> {
            let gone = $names::Entity::delete_by_id((id, locale.to_owned())).exec(tx).await?;
            Ok(gone.rows_affected == 1)
        }
    };
}

/// Statements on tags.
pub(in crate::catalog) mod tags {
    use super::*;

    label!(tag, tag_translation, product_tag, TagId);

    /// A tag, held until the transaction ends.
    pub(in crate::catalog) async fn lock(
        tx: &impl ConnectionTrait,
        slug: &str,
    ) -> Result<Option<tag::Model>, DbErr> {
        tag::Entity::find().filter(tag::Column::Slug.eq(slug)).lock_exclusive().one(tx).await
    }

    /// Tags by id, or all there are, in no order.
    pub(in crate::catalog) async fn by_ids(
        db: &impl ConnectionTrait,
        ids: Option<&[Uuid]>,
    ) -> Result<Vec<tag::Model>, DbErr> {
        let of = |ids: &[Uuid]| tag::Column::Id.is_in(ids.iter().copied());
        tag::Entity::find().filter(Condition::all().add_option(ids.map(of))).all(db).await
    }

    /// What tags, or all there are, are called in other languages, in no order.
    pub(in crate::catalog) async fn all_names(
        db: &impl ConnectionTrait,
        ids: Option<&[Uuid]>,
    ) -> Result<Vec<tag_translation::Model>, DbErr> {
        let of = |ids: &[Uuid]| tag_translation::Column::TagId.is_in(ids.iter().copied());
        tag_translation::Entity::find().filter(Condition::all().add_option(ids.map(of))).all(db).await
    }
}

/// Statements on categories.
pub(in crate::catalog) mod categories {
    use super::*;

    label!(category, category_translation, product_category, CategoryId);

    /// The whole tree, in the order of ids, held until the transaction ends.
    pub(in crate::catalog) async fn lock_tree(
        tx: &impl ConnectionTrait,
    ) -> Result<Vec<category::Model>, DbErr> {
        category::Entity::find().order_by_asc(category::Column::Id).lock_exclusive().all(tx).await
    }

    /// Every category, in no order.
    pub(in crate::catalog) async fn all(db: &impl ConnectionTrait) -> Result<Vec<category::Model>, DbErr> {
        category::Entity::find().all(db).await
    }

    /// Categories by id, in no order.
    pub(in crate::catalog) async fn by_ids(
        db: &impl ConnectionTrait,
        ids: &[Uuid],
    ) -> Result<Vec<category::Model>, DbErr> {
        category::Entity::find().filter(category::Column::Id.is_in(ids.iter().copied())).all(db).await
    }
}
