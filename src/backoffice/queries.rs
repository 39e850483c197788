//! Every statement on the back office's tables.
use chrono::{DateTime, Utc};
use entity::audit_entry::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Set, sea_query::Expr,
};
use uuid::Uuid;

use super::audit::{Filter, Place};

/// Adds entries to the audit log.
pub(super) async fn insert_audit_entries(
    db: &impl ConnectionTrait,
    entries: Vec<Model>,
) -> Result<(), DbErr> {
    if !entries.is_empty() {
        let rows = entries.into_iter().map(IntoActiveModel::into_active_model);
        Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}

/// The entries that match after a place, newest first.
pub(super) async fn audit_entries(
    db: &impl ConnectionTrait,
    filter: &Filter,
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut select = Entity::find();
    if let Some(actor) = filter.actor {
        select = select.filter(Column::ActorId.eq(actor));
    }
    if let Some(action) = &filter.action {
        select = select.filter(Column::Action.eq(action));
    }
    if let Some(subject) = filter.subject {
        select = select.filter(Column::SubjectId.eq(subject));
    }
    if let Some(from) = filter.from {
        select = select.filter(Column::At.gte(from));
    }
    if let Some(to) = filter.to {
        select = select.filter(Column::At.lt(to));
    }
    if let Some(Place { at, id }) = after {
        let row = Expr::tuple([Expr::col(Column::At), Expr::col(Column::Id)]);
        select = select.filter(row.lt(Expr::tuple([Expr::value(at), Expr::value(id)])));
    }
    select.order_by_desc(Column::At).order_by_desc(Column::Id).limit(limit).all(db).await
}

/// What an account did and what was done to it, from behind an entry.
pub(super) async fn entries_of(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::ActorId.eq(account).or(Column::AccountId.eq(account)))
        .filter(Condition::all().add_option(after.map(|after| Column::Id.gt(after))))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// What of some kinds an account did, or was done to it, in a span of time, from the first.
pub(super) async fn entries_near(
    db: &impl ConnectionTrait,
    account: Uuid,
    actions: &[&str],
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::ActorId.eq(account).or(Column::AccountId.eq(account)))
        .filter(Column::Action.is_in(actions.iter().copied()))
        .filter(Column::At.between(from, to))
        .order_by_asc(Column::At)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// Blanks the addresses of what an account did, and of what nobody signed in did to it.
pub(super) async fn forget_addresses_of(tx: &impl ConnectionTrait, account: Uuid) -> Result<(), DbErr> {
    let nobodys = Column::ActorId.is_null().and(Column::AccountId.eq(account));
    blank(tx, Column::ActorId.eq(account).or(nobodys)).await?;
    Ok(())
}

/// Blanks the addresses of at most `limit` entries from before a time; says how many.
pub(super) async fn forget_addresses(
    tx: &impl ConnectionTrait,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<u64, DbErr> {
    let old = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Ip.is_not_null())
        .filter(Column::At.lt(before))
        .limit(limit);
    blank(tx, Column::Id.in_subquery(old.into_query())).await
}

/// The one change that an entry suffers.
async fn blank(tx: &impl ConnectionTrait, which: Expr) -> Result<u64, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel { ip: Set(None), ..Default::default() })
        .filter(Column::Ip.is_not_null())
        .filter(which)
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}
