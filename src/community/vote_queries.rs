//! Every statement on votes.
use entity::{
    review,
    review_vote::{Column, Entity, Model},
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::OnConflict,
};
use uuid::Uuid;

use super::votes::Tally;

/// An account's vote on a review.
pub(super) async fn vote(
    db: &impl ConnectionTrait,
    review: Uuid,
    account: Uuid,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id((review, account)).one(db).await
}

/// Sets a vote, whatever it was.
pub(super) async fn put(tx: &impl ConnectionTrait, vote: Model) -> Result<(), DbErr> {
    let before = OnConflict::columns([Column::ReviewId, Column::AccountId])
        .update_columns([Column::Helpful, Column::VotedAt])
        .to_owned();
    Entity::insert(vote.into_active_model()).on_conflict(before).exec_without_returning(tx).await?;
    Ok(())
}

/// Takes a vote away.
pub(super) async fn delete(tx: &impl ConnectionTrait, review: Uuid, account: Uuid) -> Result<(), DbErr> {
    Entity::delete_by_id((review, account)).exec(tx).await?;
    Ok(())
}

/// Writes how many votes a review has, and how far up they bring it.
pub(super) async fn tally(tx: &impl ConnectionTrait, review: Uuid, tally: Tally) -> Result<(), DbErr> {
    let counted = review::ActiveModel {
        id: Unchanged(review),
        helpful_count: Set(tally.helpful),
        unhelpful_count: Set(tally.unhelpful),
        score: Set(tally.score()),
        ..Default::default()
    };
    review::Entity::update(counted).validate()?.exec(tx).await?;
    Ok(())
}

/// How many votes each of these reviews has: its id, what they found, and how many.
pub(super) async fn counts(
    db: &impl ConnectionTrait,
    reviews: &[Uuid],
) -> Result<Vec<(Uuid, bool, i64)>, DbErr> {
    Entity::find()
        .select_only()
        .columns([Column::ReviewId, Column::Helpful])
        .column_as(Column::AccountId.count(), "votes")
        .filter(Column::ReviewId.is_in(reviews.iter().copied()))
        .group_by(Column::ReviewId)
        .group_by(Column::Helpful)
        .into_tuple()
        .all(db)
        .await
}

/// The votes of an account, by review.
pub(super) async fn of_account(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Condition::all().add_option(after.map(|after| Column::ReviewId.gt(after))))
        .order_by_asc(Column::ReviewId)
        .limit(limit)
        .all(db)
        .await
}
