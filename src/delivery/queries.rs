//! Every statement on the grants of downloads.
use chrono::{DateTime, Utc};
use entity::download_grant::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set, Statement, Value,
    sea_query::{CaseStatement, Expr, ExprTrait, Func},
};
use uuid::Uuid;

use super::statistics::{Asked, By};
use crate::{accounts, catalog::builds, periods::MOST_ROWS};

pub(super) async fn insert(tx: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

pub(super) async fn grant(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// When the `n`th newest grant since then was made, if there are that many. `n` counts from 1; the 0th is at `since`.
pub(super) async fn nth_newest(
    db: &impl ConnectionTrait,
    account: Uuid,
    product: Uuid,
    since: DateTime<Utc>,
    n: u64,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let Some(skipped) = n.checked_sub(1) else { return Ok(Some(since)) };
    Entity::find()
        .select_only()
        .column(Column::CreatedAt)
        .filter(Column::AccountId.eq(account))
        .filter(Column::ProductId.eq(product))
        .filter(Column::CreatedAt.gt(since))
        .order_by_desc(Column::CreatedAt)
        .offset(skipped)
        .limit(1)
        .into_tuple()
        .one(db)
        .await
}

/// Adds to the bytes that were sent over a grant; those that count for deliveries end at the size of its file.
pub(super) async fn add_bytes(
    tx: &impl ConnectionTrait,
    id: Uuid,
    bytes: i64,
    size: i64,
) -> Result<(), DbErr> {
    let sum = || Expr::col(Column::DeliveredBytes).add(bytes);
    let capped = CaseStatement::new().case(sum().gt(size), size).finally(sum());
    Entity::update_many()
        .col_expr(Column::DeliveredBytes, capped.into())
        .col_expr(Column::SentBytes, Expr::col(Column::SentBytes).add(bytes))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// What was sent over the grants of an account that were made since then.
#[derive(Debug, FromQueryResult)]
pub(super) struct Traffic {
    pub(super) bytes: i64,
    /// When the first of them was made, if there is one.
    pub(super) first: Option<DateTime<Utc>>,
}

pub(super) async fn traffic(
    db: &impl ConnectionTrait,
    account: Uuid,
    since: DateTime<Utc>,
) -> Result<Option<Traffic>, DbErr> {
    // PostgreSQL's sum of whole numbers is none of them.
    let bytes = Expr::col(Column::SentBytes).sum().cast_as("bigint");
    Entity::find()
        .select_only()
        .column_as(Expr::expr(Func::coalesce([bytes, Expr::value(0_i64)])), "bytes")
        .column_as(Column::CreatedAt.min(), "first")
        .filter(Column::AccountId.eq(account))
        .filter(Column::CreatedAt.gt(since))
        .filter(Column::SentBytes.gt(0))
        .into_model()
        .one(db)
        .await
}

/// The bytes of a grant's file that were sent over it and, since the file was last delivered whole, over the account's
/// other grants of it.
pub(super) async fn bytes_since_delivery(tx: &impl ConnectionTrait, grant: &Model) -> Result<i64, DbErr> {
    let same = || {
        Entity::find()
            .select_only()
            .filter(Column::AccountId.eq(grant.account_id))
            .filter(Column::BuildId.eq(grant.build_id))
            .filter(Column::FileName.eq(grant.file_name.as_str()))
    };
    // Ids are in the order in which grants were made.
    let delivered: Option<Uuid> = same()
        .column(Column::Id)
        .filter(Column::DeliveredAt.is_not_null())
        .order_by_desc(Column::Id)
        .into_tuple()
        .one(tx)
        .await?;
    let sent: Vec<i64> = same()
        .column(Column::DeliveredBytes)
        .filter(Column::DeliveredAt.is_null())
        .filter(Column::Id.eq(grant.id).or(Column::Id.gt(delivered.unwrap_or(Uuid::nil()))))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(sent.into_iter().fold(0, i64::saturating_add))
}

/// Whether the grant was open until now and is delivered from now on.
pub(super) async fn deliver(tx: &impl ConnectionTrait, id: Uuid, at: DateTime<Utc>) -> Result<bool, DbErr> {
    let changed = Entity::update_many()
        .col_expr(Column::DeliveredAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .filter(Column::DeliveredAt.is_null())
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// The grants of an account, from behind one.
pub(super) async fn grants_of(
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

/// The grants of some products to an account, from the first.
pub(super) async fn grants_to(
    db: &impl ConnectionTrait,
    account: Uuid,
    products: &[Uuid],
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::ProductId.is_in(products.iter().copied()))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// Blanks the addresses of at most `limit` grants from before a time; says how many.
pub(super) async fn forget_addresses(
    tx: &impl ConnectionTrait,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<u64, DbErr> {
    let old = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Ip.is_not_null())
        .filter(Column::CreatedAt.lt(before))
        .limit(limit);
    let blank = ActiveModel { ip: Set(None), ..Default::default() };
    let done =
        Entity::update_many().set(blank).filter(Column::Id.in_subquery(old.into_query())).exec(tx).await?;
    Ok(done.rows_affected)
}

/// Removes the grants of an account.
pub(super) async fn delete_grants(tx: &impl ConnectionTrait, account: Uuid) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::AccountId.eq(account)).exec(tx).await?;
    Ok(())
}

/// What was sent in a span: of one product, or to one country or for one platform, if it is grouped.
#[derive(Debug, FromQueryResult)]
pub(super) struct Delivered {
    pub(super) span: String,
    pub(super) product: Option<Uuid>,
    pub(super) word: Option<String>,
    pub(super) deliveries: i64,
    pub(super) bytes: i64,
    pub(super) accounts: i64,
}

/// What was sent, by when it was whole, or by when its link was made where it never was. One row more than an answer
/// holds tells that there are too many.
pub(super) async fn delivered(db: &impl ConnectionTrait, asked: &Asked) -> Result<Vec<Delivered>, DbErr> {
    let backend = db.get_database_backend();
    let span = asked.period.span(backend, "COALESCE(g.delivered_at, g.created_at)");
    let (product, word, beside) = match asked.by {
        None => ("CAST(NULL AS UUID)", "CAST(NULL AS TEXT)", String::new()),
        Some(By::Product) => ("g.product_id", "CAST(NULL AS TEXT)", String::new()),
        Some(By::Country) => {
            let beside = format!("LEFT JOIN ({}) k ON k.id = g.account_id", accounts::COUNTRIES);
            ("CAST(NULL AS UUID)", "k.country", beside)
        }
        Some(By::Version) => {
            let beside = format!("LEFT JOIN ({}) k ON k.id = g.build_id", builds::VERSIONS);
            ("CAST(NULL AS UUID)", "k.version", beside)
        }
        Some(By::Platform) => {
            let beside = format!("LEFT JOIN ({}) k ON k.id = g.build_id", builds::PLATFORMS);
            ("CAST(NULL AS UUID)", "k.platform", beside)
        }
    };
    let mut values: Vec<Value> = vec![asked.period.from.into(), asked.period.to.into()];
    let of = if let Some(of) = asked.product {
        values.push(of.into());
        "AND g.product_id = $3"
    } else {
        ""
    };
    let most = MOST_ROWS + 1;
    let sql = format!(
        "SELECT {span} AS span, {product} AS product, {word} AS word, COUNT(g.delivered_at) AS deliveries, \
             CAST(SUM(g.delivered_bytes) AS BIGINT) AS bytes, COUNT(DISTINCT g.account_id) AS accounts \
         FROM download_grant g {beside} \
         WHERE (g.delivered_at >= $1 AND g.delivered_at < $2 \
             OR g.delivered_at IS NULL AND g.delivered_bytes > 0 AND g.created_at >= $1 AND g.created_at < $2) {of} \
         GROUP BY 1, 2, 3 LIMIT {most}"
    );
    Delivered::find_by_statement(Statement::from_sql_and_values(backend, sql, values)).all(db).await
}
