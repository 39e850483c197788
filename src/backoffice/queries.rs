//! Every statement on the back office's tables.
use entity::audit_entry::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};

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
