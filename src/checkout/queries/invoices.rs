//! Statements on invoices, credit notes and the counters of their numbers.
use chrono::{DateTime, Datelike, Utc};
use entity::{
    invoice::{Column, Entity, Model},
    invoice_counter, order, order_line, refund, refund_line,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set, Statement, Unchanged,
    sea_query::{Expr, LockType, OnConflict},
};
use uuid::Uuid;

/// The counter of the series in the year of a moment, locked until the transaction ends. It begins before that year.
pub(crate) async fn locked_counter(
    tx: &impl ConnectionTrait,
    series: &str,
    at: DateTime<Utc>,
) -> Result<invoice_counter::Model, DbErr> {
    let first = at.date_naive().with_ordinal(1).unwrap_or_default();
    let until = first.and_time(chrono::NaiveTime::MIN).and_utc();
    let row = invoice_counter::Model { series: series.to_owned(), year: at.year(), last: 0, until };
    let there = OnConflict::columns([invoice_counter::Column::Series, invoice_counter::Column::Year])
        .do_nothing()
        .to_owned();
    invoice_counter::Entity::insert(row.into_active_model())
        .on_conflict(there)
        .exec_without_returning(tx)
        .await?;
    invoice_counter::Entity::find_by_id((series.to_owned(), at.year()))
        .lock(LockType::Update)
        .one(tx)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("a counter that was just written".to_owned()))
}

/// Notes how far a counter has come.
pub(crate) async fn move_counter(
    tx: &impl ConnectionTrait,
    counter: &invoice_counter::Model,
) -> Result<(), DbErr> {
    let moved = invoice_counter::ActiveModel {
        series: Unchanged(counter.series.clone()),
        year: Unchanged(counter.year),
        last: Set(counter.last),
        until: Set(counter.until),
    };
    invoice_counter::Entity::update(moved).exec(tx).await?;
    Ok(())
}

/// New documents.
pub(crate) async fn insert_invoices(tx: &impl ConnectionTrait, documents: Vec<Model>) -> Result<(), DbErr> {
    let rows = documents.into_iter().map(IntoActiveModel::into_active_model);
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// The invoice of an order.
pub(crate) async fn invoice_of(db: &impl ConnectionTrait, order: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::OrderId.eq(order)).filter(Column::RefundId.is_null()).one(db).await
}

/// The credit note of a refund.
pub(crate) async fn credit_note_of(db: &impl ConnectionTrait, refund: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::RefundId.eq(refund)).one(db).await
}

/// The invoices and credit notes of orders, each order's from the first.
pub(crate) async fn invoices(db: &impl ConnectionTrait, orders: &[Uuid]) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(Column::OrderId)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// What was paid in a span and has no invoice, in the order of payment.
pub(crate) async fn orders_without_invoice(
    tx: &impl ConnectionTrait,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<order::Model>, DbErr> {
    let its = Expr::col((Entity, Column::OrderId)).equals((order::Entity, order::Column::Id));
    let numbered = Entity::find().filter(Column::RefundId.is_null()).filter(its).into_query();
    order::Entity::find()
        .filter(order::Column::PaidAt.between(from, to))
        .filter(order::Column::Total.gt(0))
        .filter(Expr::not_exists(numbered))
        .order_by_asc(order::Column::PaidAt)
        .order_by_asc(order::Column::Id)
        .limit(limit)
        .all(tx)
        .await
}

/// What was given back in a span and has no credit note, in the order in which it was decided.
pub(crate) async fn refunds_without_credit_note(
    tx: &impl ConnectionTrait,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<refund::Model>, DbErr> {
    let its = Expr::col((Entity, Column::RefundId)).equals((refund::Entity, refund::Column::Id));
    let numbered = Entity::find().filter(its).into_query();
    refund::Entity::find()
        .filter(refund::Column::CreatedAt.between(from, to))
        .filter(refund::Column::Amount.gt(0))
        .filter(Expr::not_exists(numbered))
        .order_by_asc(refund::Column::CreatedAt)
        .order_by_asc(refund::Column::Id)
        .limit(limit)
        .all(tx)
        .await
}

/// The lines that a refund gives back, in the order of the order.
pub(crate) async fn lines_of_refund(
    db: &impl ConnectionTrait,
    refund: Uuid,
) -> Result<Vec<order_line::Model>, DbErr> {
    let given = refund_line::Entity::find()
        .select_only()
        .column(refund_line::Column::LineId)
        .filter(refund_line::Column::RefundId.eq(refund))
        .into_query();
    order_line::Entity::find()
        .filter(order_line::Column::Id.in_subquery(given))
        .order_by_asc(order_line::Column::Position)
        .all(db)
        .await
}

/// A series in a year.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Series {
    pub(crate) series: String,
    pub(crate) year: i32,
}

/// The series whose numbers are not those from 1 to the last that was given: found by one statement, for they grow.
pub(crate) async fn gaps(db: &impl ConnectionTrait) -> Result<Vec<Series>, DbErr> {
    let sql = "SELECT c.series AS series, c.year AS year FROM invoice_counter c \
        LEFT JOIN (SELECT series, year, COUNT(*) AS given, MAX(number) AS largest FROM invoice GROUP BY series, year) i \
            ON i.series = c.series AND i.year = c.year \
        WHERE c.last <> COALESCE(i.given, 0) OR c.last <> COALESCE(i.largest, 0)";
    Series::find_by_statement(Statement::from_string(db.get_database_backend(), sql)).all(db).await
}
