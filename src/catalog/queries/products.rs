//! Products as rows: found for an edit, written, deleted.
use chrono::{DateTime, NaiveDate, Utc};
use entity::product;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Value,
    prelude::Json,
    sea_query::{CaseStatement, Expr, LockType},
};
use uuid::Uuid;

/// Rows of one statement: far below the parameters that either database takes.
const ROWS: usize = 200;

/// A product, held until the transaction ends.
pub(in crate::catalog) async fn lock(
    tx: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<product::Model>, DbErr> {
    product::Entity::find_by_id(id).lock_exclusive().one(tx).await
}

/// A product, held until the transaction ends by the weaker of the two exclusive locks: rows that point to it may still be
/// written.
pub(in crate::catalog) async fn lock_weakly(
    tx: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<product::Model>, DbErr> {
    product::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx).await
}

/// Products behind one, by id.
pub(in crate::catalog) async fn after(
    db: &impl ConnectionTrait,
    id: Uuid,
    limit: u64,
) -> Result<Vec<product::Model>, DbErr> {
    let behind = product::Entity::find().filter(product::Column::Id.gt(id));
    behind.order_by_asc(product::Column::Id).limit(limit).all(db).await
}

/// Products in the order of their ids, held until the transaction ends.
pub(in crate::catalog) async fn lock_all(
    tx: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<Vec<product::Model>, DbErr> {
    product::Entity::find()
        .filter(product::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(product::Column::Id)
        .lock_exclusive()
        .all(tx)
        .await
}

/// Products that came from a file under these ids, held until the transaction ends.
pub(in crate::catalog) async fn lock_imported(
    tx: &impl ConnectionTrait,
    external_ids: Vec<String>,
) -> Result<Vec<product::Model>, DbErr> {
    product::Entity::find()
        .filter(product::Column::ExternalId.is_in(external_ids))
        .order_by_asc(product::Column::Id)
        .lock_exclusive()
        .all(tx)
        .await
}

/// The columns of a product that feeds say beside its summary.
#[derive(FromQueryResult)]
pub(in crate::catalog) struct ImprintRow {
    pub(in crate::catalog) id: Uuid,
    pub(in crate::catalog) slug: String,
    pub(in crate::catalog) languages: serde_json::Value,
    pub(in crate::catalog) created_at: DateTime<Utc>,
    pub(in crate::catalog) updated_at: DateTime<Utc>,
    pub(in crate::catalog) published_at: Option<DateTime<Utc>>,
}

/// Those columns by id, in no order.
pub(in crate::catalog) async fn imprints(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<Vec<ImprintRow>, DbErr> {
    use product::Column::{CreatedAt, Id, Languages, PublishedAt, Slug, UpdatedAt};
    product::Entity::find()
        .select_only()
        .columns([Id, Slug, Languages, CreatedAt, UpdatedAt, PublishedAt])
        .filter(Id.is_in(ids.iter().copied()))
        .into_model()
        .all(db)
        .await
}

/// Pre-orders whose day is after one day and until another, those that were archived too.
pub(in crate::catalog) async fn preorders_of_days(
    db: &impl ConnectionTrait,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<Uuid>, DbErr> {
    use product::Column::{Id, Preorder, ReleaseDate};
    product::Entity::find()
        .select_only()
        .column(Id)
        .filter(Preorder.eq(true))
        .filter(ReleaseDate.gt(from))
        .filter(ReleaseDate.lte(to))
        .into_tuple()
        .all(db)
        .await
}

/// The products whose last edit was at a moment.
pub(in crate::catalog) async fn changed_at(
    db: &impl ConnectionTrait,
    at: DateTime<Utc>,
) -> Result<Vec<Uuid>, DbErr> {
    let changed = product::Entity::find().filter(product::Column::UpdatedAt.eq(at));
    changed.select_only().column(product::Column::Id).into_tuple().all(db).await
}

/// The products in the store that are released on a day after one and until another: id, day, first publication.
pub(in crate::catalog) async fn released_in(
    db: &impl ConnectionTrait,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<(Uuid, NaiveDate, Option<DateTime<Utc>>)>, DbErr> {
    use product::Column::{Id, PublishedAt, ReleaseDate, Status};
    product::Entity::find()
        .select_only()
        .columns([Id, ReleaseDate, PublishedAt])
        .filter(Status.eq(product::Status::Published))
        .filter(ReleaseDate.gt(from))
        .filter(ReleaseDate.lte(to))
        .into_tuple()
        .all(db)
        .await
}

/// The products that sold lately as they were last counted, with how often.
pub(in crate::catalog) async fn popular(db: &impl ConnectionTrait) -> Result<Vec<(Uuid, i64)>, DbErr> {
    let sold = product::Entity::find().filter(product::Column::Popularity.ne(0));
    let columns = [product::Column::Id, product::Column::Popularity];
    sold.select_only().columns(columns).into_tuple().all(db).await
}

/// Sets how often a product sold lately; says whether there is one.
pub(in crate::catalog) async fn set_popularity(
    tx: &impl ConnectionTrait,
    id: Uuid,
    popularity: i64,
) -> Result<bool, DbErr> {
    let set = product::Entity::update_many()
        .col_expr(product::Column::Popularity, Expr::value(popularity))
        .filter(product::Column::Id.eq(id));
    Ok(set.exec(tx).await?.rows_affected == 1)
}

/// New products.
pub(in crate::catalog) async fn insert(
    tx: &impl ConnectionTrait,
    rows: Vec<product::Model>,
) -> Result<(), DbErr> {
    for rows in rows.chunks(ROWS) {
        let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
        product::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Writes the columns that are set.
pub(in crate::catalog) async fn update(
    tx: &impl ConnectionTrait,
    row: product::ActiveModel,
) -> Result<(), DbErr> {
    if row.is_changed() {
        product::Entity::update(row).validate()?.exec(tx).await?;
    }
    Ok(())
}

/// What a row says of labels.
pub(in crate::catalog) struct Relabelled {
    pub(in crate::catalog) id: Uuid,
    /// Slugs.
    pub(in crate::catalog) tags: Json,
    /// Slugs.
    pub(in crate::catalog) categories: Json,
    pub(in crate::catalog) search_text: String,
}

/// Writes what rows say of labels, all by one statement; the versions rise.
pub(in crate::catalog) async fn relabel(
    tx: &impl ConnectionTrait,
    rows: &[Relabelled],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    use product::Column::{Categories, Id, SearchText, Tags, UpdatedAt, Version};
    if rows.is_empty() {
        return Ok(());
    }
    let of_each = |value: fn(&Relabelled) -> Value| -> Expr {
        let each = rows.iter().fold(CaseStatement::new(), |each, row| {
            each.case(Expr::col(Id).eq(row.id), Expr::value(value(row)))
        });
        each.into()
    };
    product::Entity::update_many()
        .col_expr(Tags, of_each(|row| row.tags.clone().into()))
        .col_expr(Categories, of_each(|row| row.categories.clone().into()))
        .col_expr(SearchText, of_each(|row| row.search_text.clone().into()))
        .col_expr(Version, Expr::col(Version).add(1))
        .col_expr(UpdatedAt, Expr::value(now))
        .filter(Id.is_in(rows.iter().map(|row| row.id)))
        .exec(tx)
        .await?;
    Ok(())
}

/// Another edit was made: the version rises.
pub(in crate::catalog) async fn raise_version(
    tx: &impl ConnectionTrait,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    product::Entity::update_many()
        .col_expr(product::Column::Version, Expr::col(product::Column::Version).add(1))
        .col_expr(product::Column::UpdatedAt, Expr::value(now))
        .filter(product::Column::Id.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Deletes a product with all that is part of it; the foreign keys refuse what was sold.
pub(in crate::catalog) async fn delete(tx: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    product::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Notes of which of these products buyers choose what to pay, and of the others that they don't.
pub(in crate::catalog) async fn mark_chosen(
    tx: &impl ConnectionTrait,
    ids: &[Uuid],
    chosen: &[Uuid],
) -> Result<(), DbErr> {
    let among = product::Column::Id.is_in(chosen.iter().copied());
    for (marked, which) in [(true, among.clone()), (false, among.not())] {
        product::Entity::update_many()
            .col_expr(product::Column::PayWhatYouWant, Expr::value(marked))
            .filter(product::Column::Id.is_in(ids.iter().copied()))
            .filter(product::Column::PayWhatYouWant.eq(!marked))
            .filter(which)
            .exec(tx)
            .await?;
    }
    Ok(())
}
