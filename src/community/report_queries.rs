//! Every statement on reports.
use chrono::{DateTime, Utc};
use entity::review_report::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

/// Whether an account ever reported a review.
pub(super) async fn is_reported(
    db: &impl ConnectionTrait,
    review: Uuid,
    account: Uuid,
) -> Result<bool, DbErr> {
    Ok(Entity::find_by_id((review, account)).one(db).await?.is_some())
}

/// A new report.
pub(super) async fn insert(tx: &impl ConnectionTrait, report: Model) -> Result<(), DbErr> {
    Entity::insert(report.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The open reports of a review, oldest first.
pub(super) async fn open(db: &impl ConnectionTrait, review: Uuid, limit: u64) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::ReviewId.eq(review))
        .filter(Column::ResolvedAt.is_null())
        .order_by_asc(Column::ReportedAt)
        .order_by_asc(Column::AccountId)
        .limit(limit)
        .all(db)
        .await
}

/// Closes every open report of a review.
pub(super) async fn resolve(tx: &impl ConnectionTrait, review: Uuid, at: DateTime<Utc>) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::ResolvedAt, Expr::value(at))
        .filter(Column::ReviewId.eq(review))
        .filter(Column::ResolvedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Blanks the reasons of a batch of reports that were closed before a time, and says of how many.
pub(super) async fn blank_old(
    tx: &impl ConnectionTrait,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<u64, DbErr> {
    let old: Vec<(Uuid, Uuid)> = Entity::find()
        .select_only()
        .columns([Column::ReviewId, Column::AccountId])
        .filter(Column::ResolvedAt.lt(before))
        .filter(Column::Reason.is_not_null())
        .limit(limit)
        .into_tuple()
        .all(tx)
        .await?;
    let Some(these) = any_of(&old) else { return Ok(0) };
    let blanked = Entity::update_many()
        .col_expr(Column::Reason, Expr::value(Option::<String>::None))
        .filter(these)
        .exec(tx)
        .await?;
    Ok(blanked.rows_affected)
}

fn any_of(reports: &[(Uuid, Uuid)]) -> Option<Condition> {
    let one =
        |(review, account): &(Uuid, Uuid)| Column::ReviewId.eq(*review).and(Column::AccountId.eq(*account));
    (!reports.is_empty()).then(|| reports.iter().map(one).fold(Condition::any(), Condition::add))
}

/// Blanks the reasons that an account gave.
pub(super) async fn blank_of(tx: &impl ConnectionTrait, account: Uuid) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Reason, Expr::value(Option::<String>::None))
        .filter(Column::AccountId.eq(account))
        .exec(tx)
        .await?;
    Ok(())
}

/// The reports of an account, by review.
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
