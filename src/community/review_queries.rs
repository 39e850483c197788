//! Every statement on reviews.
use chrono::{DateTime, Utc};
use entity::review::{ActiveModel, Column, Entity, Model, Status};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, LockType},
};
use uuid::Uuid;

/// One review, whatever its status.
pub(super) async fn by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// One review, held until the transaction ends. Its product is locked before it, by whoever changes what it counts.
pub(super) async fn lock(tx: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx).await
}

/// An account's review of a product, one taken back too.
pub(super) async fn of_account(
    db: &impl ConnectionTrait,
    account: Uuid,
    product: Uuid,
) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::AccountId.eq(account)).filter(Column::ProductId.eq(product)).one(db).await
}

/// A new review; the unique index refuses a second of the same account and product.
pub(super) async fn insert(tx: &impl ConnectionTrait, row: Model) -> Result<Model, DbErr> {
    Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(row)
}

/// Writes the columns that are set.
pub(super) async fn update(tx: &impl ConnectionTrait, row: ActiveModel) -> Result<Model, DbErr> {
    Entity::update(row).validate()?.exec(tx).await
}

/// Takes a review away, with its votes and reports.
pub(super) async fn delete(tx: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Leaves nothing of a review but that it was there.
pub(super) async fn empty(tx: &impl ConnectionTrait, id: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    let emptied = ActiveModel {
        id: Unchanged(id),
        title: Set(None),
        body: Set(None),
        answer: Set(None),
        answered_at: Set(None),
        updated_at: Set(now),
        removed_at: Set(Some(now)),
        ..Default::default()
    };
    update(tx, emptied).await.map(drop)
}

/// Writes how many reports of a review are open.
pub(super) async fn set_open_reports(tx: &impl ConnectionTrait, id: Uuid, open: i64) -> Result<(), DbErr> {
    let counted = ActiveModel { id: Unchanged(id), open_reports: Set(open), ..Default::default() };
    update(tx, counted).await.map(drop)
}

/// How many published reviews give how many stars: the product, the stars, the reviews.
pub(super) async fn counts(
    db: &impl ConnectionTrait,
    products: &[Uuid],
) -> Result<Vec<(Uuid, i32, i64)>, DbErr> {
    Entity::find()
        .select_only()
        .columns([Column::ProductId, Column::Rating])
        .column_as(Column::Id.count(), "reviews")
        .filter(Column::ProductId.is_in(products.iter().copied()))
        .filter(Column::Status.eq(Status::Published))
        .group_by(Column::ProductId)
        .group_by(Column::Rating)
        .into_tuple()
        .all(db)
        .await
}

/// Reviews behind one, by id: for going through all of them.
pub(super) async fn after(db: &impl ConnectionTrait, id: Uuid, limit: u64) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Id.gt(id)).order_by_asc(Column::Id).limit(limit).all(db).await
}

/// The reviews of an account, by id.
pub(super) async fn all_of(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Condition::all().add_option(after.map(|after| Column::Id.gt(after))))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// Takes away what support noted of an account's reviews.
pub(super) async fn blank_notes(tx: &impl ConnectionTrait, account: Uuid) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Note, Expr::value(Option::<String>::None))
        .filter(Column::AccountId.eq(account))
        .filter(Column::Note.is_not_null())
        .exec(tx)
        .await?;
    Ok(())
}
