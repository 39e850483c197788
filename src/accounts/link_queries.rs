//! Every statement on mailed links.
use chrono::{DateTime, Utc};
use entity::account_link::{ActiveModel, Column, Entity, Model, Purpose};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

/// One link, live or not.
pub(super) async fn link(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// The link of a token's digest, live or not.
pub(super) async fn link_of_token(
    db: &impl ConnectionTrait,
    token_hash: &[u8],
) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::TokenHash.eq(token_hash)).one(db).await
}

/// The links of an account, live or not, the oldest first: those made after `after`.
pub(super) async fn links_of(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Condition::all().add_option(after.map(|after| Column::Id.gt(after))))
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// How many links of a purpose an account was given after a time.
pub(super) async fn links_since(
    tx: &impl ConnectionTrait,
    account: Uuid,
    purpose: Purpose,
    after: DateTime<Utc>,
) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::Purpose.eq(purpose))
        .filter(Column::CreatedAt.gt(after))
        .count(tx)
        .await
}

/// Writes a new link; a unique violation when the account has a live one of its purpose.
pub(super) async fn insert_link(tx: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Ends the links of an account that serve one of these purposes.
pub(super) async fn end_links(
    tx: &impl ConnectionTrait,
    account: Uuid,
    purposes: &[Purpose],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let theirs = Condition::all()
        .add(Column::AccountId.eq(account))
        .add(Column::Purpose.is_in(purposes.iter().copied()));
    end(tx, theirs, now).await?;
    Ok(())
}

/// Uses a link up; false when it is over.
pub(super) async fn use_link(tx: &impl ConnectionTrait, id: Uuid, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let live = Condition::all().add(Column::Id.eq(id)).add(Column::ExpiresAt.gt(now));
    Ok(end(tx, live, now).await? == 1)
}

async fn end(tx: &impl ConnectionTrait, which: Condition, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let ended = ActiveModel { ended_at: Set(Some(now)), ..Default::default() };
    let done =
        Entity::update_many().set(ended).filter(which).filter(Column::EndedAt.is_null()).exec(tx).await?;
    Ok(done.rows_affected)
}

/// Removes the links that expired before a time, and says how many.
pub(super) async fn delete_links(tx: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, DbErr> {
    Ok(Entity::delete_many().filter(Column::ExpiresAt.lt(before)).exec(tx).await?.rows_affected)
}

/// Removes the links of an account.
pub(super) async fn delete_links_of(tx: &impl ConnectionTrait, account: Uuid) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::AccountId.eq(account)).exec(tx).await?;
    Ok(())
}
