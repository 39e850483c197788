//! Statements on orders, their lines and their history.
use chrono::{DateTime, Utc};
use entity::{
    gift,
    order::{ActiveModel, Column, Entity, Model, Status},
    order_line, order_place, order_transition, payment, refund,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set, Statement, Value,
    sea_query::{LockType, OnConflict},
};
use uuid::Uuid;

use crate::{clock::first_id_since, values::Country};

/// An order with its lines.
pub(crate) async fn insert_order(
    tx: &impl ConnectionTrait,
    order: &Model,
    lines: &[order_line::Model],
) -> Result<(), DbErr> {
    Entity::insert(order.clone().into_active_model()).exec_without_returning(tx).await?;
    let lines = lines.iter().map(|line| line.clone().into_active_model());
    order_line::Entity::insert_many(lines).exec_without_returning(tx).await?;
    Ok(())
}

/// The numbers of orders.
pub(crate) async fn numbers(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, DbErr> {
    Entity::find()
        .select_only()
        .columns([Column::Id, Column::Number])
        .filter(Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await
}

/// The number of the order that a line is of.
pub(crate) async fn number_of_line(db: &impl ConnectionTrait, line: Uuid) -> Result<Option<String>, DbErr> {
    let order = order_line::Entity::find()
        .select_only()
        .column(order_line::Column::OrderId)
        .filter(order_line::Column::Id.eq(line))
        .into_query();
    Entity::find()
        .select_only()
        .column(Column::Number)
        .filter(Column::Id.in_subquery(order))
        .into_tuple()
        .one(db)
        .await
}

/// What tells where the buyer of an order was.
pub(crate) async fn insert_places(
    tx: &impl ConnectionTrait,
    places: Vec<order_place::Model>,
) -> Result<(), DbErr> {
    if places.is_empty() {
        return Ok(());
    }
    let places = places.into_iter().map(IntoActiveModel::into_active_model);
    order_place::Entity::insert_many(places).exec_without_returning(tx).await?;
    Ok(())
}

/// One thing more that tells where the buyer of an order was; what was told before stays.
pub(crate) async fn insert_place(
    tx: &impl ConnectionTrait,
    order: Uuid,
    source: order_place::Source,
    country: &Country,
) -> Result<(), DbErr> {
    let row = order_place::Model { order_id: order, source, country: country.to_string() };
    let known = OnConflict::columns([order_place::Column::OrderId, order_place::Column::Source])
        .do_nothing()
        .to_owned();
    order_place::Entity::insert(row.into_active_model())
        .on_conflict(known)
        .try_insert()
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// What tells where the buyers of orders were.
pub(crate) async fn places(
    db: &impl ConnectionTrait,
    orders: &[Uuid],
) -> Result<Vec<order_place::Model>, DbErr> {
    order_place::Entity::find()
        .filter(order_place::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(order_place::Column::Source)
        .all(db)
        .await
}

/// One step of an order's history.
pub(crate) async fn insert_transition(
    tx: &impl ConnectionTrait,
    id: Uuid,
    order: Uuid,
    from: Option<Status>,
    to: Status,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = order_transition::Model { id, order_id: order, from_status: from, to_status: to, at };
    order_transition::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Moves an order on, if it still stands where it is thought to; says whether it did.
pub(crate) async fn move_order(
    tx: &impl ConnectionTrait,
    id: Uuid,
    from: Status,
    to: Status,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let mut change = ActiveModel { status: Set(to), ..Default::default() };
    if from == Status::Pending && to == Status::Paid {
        change.paid_at = Set(Some(at));
    }
    let moved = Entity::update_many()
        .set(change)
        .filter(Column::Id.eq(id))
        .filter(Column::Status.eq(from))
        .exec(tx)
        .await?;
    Ok(moved.rows_affected == 1)
}

/// How often each product was bought since a moment and not given back.
pub(crate) async fn sold_since(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
) -> Result<Vec<(Uuid, i64)>, DbErr> {
    let paid = Entity::find().select_only().column(Column::Id).filter(Column::PaidAt.gte(since));
    order_line::Entity::find()
        .select_only()
        .column(order_line::Column::ProductId)
        .column_as(order_line::Column::Id.count(), "sold")
        .filter(order_line::Column::OrderId.in_subquery(paid.into_query()))
        .filter(order_line::Column::Refunded.eq(false))
        .group_by(order_line::Column::ProductId)
        .into_tuple()
        .all(db)
        .await
}

/// What paid orders since a moment hold beside these products, neither given back: the product, the other, how many
/// orders hold both.
pub(crate) async fn sold_together(
    db: &impl ConnectionTrait,
    products: &[Uuid],
    since: DateTime<Utc>,
) -> Result<Vec<(Uuid, Uuid, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Pair {
        product: Uuid,
        other: Uuid,
        orders: i64,
    }
    let numbers: Vec<String> = (2..products.len() + 2).map(|number| format!("${number}")).collect();
    let sql = format!(
        "SELECT a.product_id AS product, b.product_id AS other, COUNT(*) AS orders FROM order_line a \
         JOIN orders o ON o.id = a.order_id JOIN order_line b ON b.order_id = a.order_id \
         WHERE a.product_id IN ({}) AND b.product_id <> a.product_id AND o.paid_at >= $1 \
         AND NOT a.refunded AND NOT b.refunded GROUP BY a.product_id, b.product_id",
        numbers.join(", ")
    );
    let values = std::iter::once(since.into()).chain(products.iter().map(|id| Value::from(*id)));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let pairs = Pair::find_by_statement(statement).all(db).await?;
    Ok(pairs.into_iter().map(|pair| (pair.product, pair.other, pair.orders)).collect())
}

/// One order, whosever it is.
pub(crate) async fn order(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// One order, locked until the transaction ends.
pub(crate) async fn locked_order(tx: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx).await
}

/// One order of an account.
pub(crate) async fn order_of(
    db: &impl ConnectionTrait,
    account: Uuid,
    id: Uuid,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).filter(Column::AccountId.eq(account)).one(db).await
}

/// The orders of an account, newest first, from behind `after`.
pub(crate) async fn orders_of(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    newest_first(Condition::all().add(Column::AccountId.eq(account)), after, limit, db).await
}

/// What stands behind every letter of a number.
const BEHIND: char = '~';

/// What somebody looks for among orders: each is found by an index.
#[derive(Debug)]
pub(crate) enum Sought {
    /// Orders whose number begins so.
    Number(String),
    /// An order, or the orders of an account.
    Id(Uuid),
    /// The orders of an account; of nobody's address none.
    Buyer(Option<Uuid>),
}

impl Sought {
    fn condition(&self) -> Condition {
        match self {
            // A range, for LIKE reads every row: SQLite's knows no case.
            Self::Number(number) => Condition::all()
                .add(Column::Number.gte(number))
                .add(Column::Number.lt(format!("{number}{BEHIND}"))),
            Self::Id(id) => Condition::any().add(Column::Id.eq(*id)).add(Column::AccountId.eq(*id)),
            Self::Buyer(account) => Condition::all().add(Column::AccountId.is_in(*account)),
        }
    }
}

/// Which orders the back office asks for.
#[derive(Debug, Default)]
pub(crate) struct Search {
    /// What is sought among them.
    pub(crate) sought: Option<Sought>,
    /// Alternatives.
    pub(crate) status: Option<Vec<Status>>,
    /// Made at this time or later.
    pub(crate) from: Option<DateTime<Utc>>,
    /// Made before this time.
    pub(crate) to: Option<DateTime<Utc>>,
}

/// Everybody's orders, newest first, from behind `after`.
pub(crate) async fn search(
    db: &impl ConnectionTrait,
    search: &Search,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut wanted = Condition::all();
    wanted = wanted.add_option(search.sought.as_ref().map(Sought::condition));
    if let Some(status) = &search.status {
        wanted = wanted.add(Column::Status.is_in(status.iter().copied()));
    }
    if let Some(from) = search.from {
        wanted = wanted.add(Column::CreatedAt.gte(from));
    }
    if let Some(to) = search.to {
        wanted = wanted.add(Column::CreatedAt.lt(to));
    }
    newest_first(wanted, after, limit, db).await
}

async fn newest_first(
    wanted: Condition,
    after: Option<Uuid>,
    limit: u64,
    db: &impl ConnectionTrait,
) -> Result<Vec<Model>, DbErr> {
    let wanted = match after {
        Some(after) => wanted.add(Column::Id.lt(after)),
        None => wanted,
    };
    Entity::find().filter(wanted).order_by_desc(Column::Id).limit(limit).all(db).await
}

/// Every order by id, from behind `after`, or those that changed since a moment: for going through all of them.
pub(crate) async fn all_orders(
    db: &impl ConnectionTrait,
    since: Option<DateTime<Utc>>,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut orders = Entity::find();
    if let Some(since) = since {
        orders = orders.filter(changed_since(since));
    }
    if let Some(after) = after {
        orders = orders.filter(Column::Id.gt(after));
    }
    orders.order_by_asc(Column::Id).limit(limit).all(db).await
}

/// Orders that a step of their history, a refund, or the end of a gift changed since a moment. Ids are in the order of time.
pub(crate) fn changed_since(at: DateTime<Utc>) -> Condition {
    let since = first_id_since(at);
    let steps = order_transition::Entity::find()
        .select_only()
        .column(order_transition::Column::OrderId)
        .filter(order_transition::Column::Id.gte(since));
    let refunds = refund::Entity::find()
        .select_only()
        .column(refund::Column::OrderId)
        .filter(refund::Column::Id.gte(since));
    let gifts = gift::Entity::find()
        .select_only()
        .column(gift::Column::OrderId)
        .filter(gift::Column::EndedAt.gte(at));
    Condition::any()
        .add(Column::Id.in_subquery(steps.into_query()))
        .add(Column::Id.in_subquery(refunds.into_query()))
        .add(Column::Id.in_subquery(gifts.into_query()))
}

/// The open orders of an account that share a product with a selection: of those for the account itself, or of its gifts.
pub(crate) async fn open_orders_with(
    tx: &impl ConnectionTrait,
    account: Uuid,
    products: &[Uuid],
    as_gift: bool,
) -> Result<Vec<Model>, DbErr> {
    let open = Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::Status.eq(Status::Pending))
        .order_by_asc(Column::Id)
        .all(tx)
        .await?;
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let sharing: Vec<Uuid> = order_line::Entity::find()
        .select_only()
        .column(order_line::Column::OrderId)
        .distinct()
        .filter(order_line::Column::OrderId.is_in(open.iter().map(|order| order.id)))
        .filter(order_line::Column::ProductId.is_in(products.iter().copied()))
        .into_tuple()
        .all(tx)
        .await?;
    let gifts: Vec<Uuid> = gift::Entity::find()
        .select_only()
        .column(gift::Column::OrderId)
        .filter(gift::Column::OrderId.is_in(sharing.iter().copied()))
        .into_tuple()
        .all(tx)
        .await?;
    let alike = |order: &Model| sharing.contains(&order.id) && gifts.contains(&order.id) == as_gift;
    Ok(open.into_iter().filter(alike).collect())
}

/// Open orders whose time is over, of one account or of all, by id from behind `after`, each with when it was: but for
/// those that could not be closed and are put off.
pub(crate) async fn overdue(
    db: &impl ConnectionTrait,
    account: Option<Uuid>,
    now: DateTime<Utc>,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<(Uuid, DateTime<Utc>)>, DbErr> {
    let put_off = payment::Entity::find()
        .select_only()
        .column(payment::Column::OrderId)
        .filter(payment::Column::LookAt.gt(now));
    let mut overdue = Entity::find()
        .select_only()
        .columns([Column::Id, Column::ExpiresAt])
        .filter(Column::Status.eq(Status::Pending))
        .filter(Column::ExpiresAt.lte(now))
        .filter(Column::Id.not_in_subquery(put_off.into_query()));
    if let Some(account) = account {
        overdue = overdue.filter(Column::AccountId.eq(account));
    }
    if let Some(after) = after {
        overdue = overdue.filter(Column::Id.gt(after));
    }
    overdue.order_by_asc(Column::Id).limit(limit).into_tuple().all(db).await
}

/// The lines of orders, in their order.
pub(crate) async fn lines(
    db: &impl ConnectionTrait,
    orders: &[Uuid],
) -> Result<Vec<order_line::Model>, DbErr> {
    order_line::Entity::find()
        .filter(order_line::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(order_line::Column::OrderId)
        .order_by_asc(order_line::Column::Position)
        .all(db)
        .await
}

/// Lines by their ids.
pub(crate) async fn lines_by_id(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<Vec<order_line::Model>, DbErr> {
    order_line::Entity::find().filter(order_line::Column::Id.is_in(ids.iter().copied())).all(db).await
}

/// The history of orders, each from its beginning.
pub(crate) async fn transitions(
    db: &impl ConnectionTrait,
    orders: &[Uuid],
) -> Result<Vec<order_transition::Model>, DbErr> {
    order_transition::Entity::find()
        .filter(order_transition::Column::OrderId.is_in(orders.iter().copied()))
        .order_by_asc(order_transition::Column::OrderId)
        .order_by_asc(order_transition::Column::At)
        .order_by_asc(order_transition::Column::Id)
        .all(db)
        .await
}

/// The ids of an account's open orders.
pub(crate) async fn open_orders(db: &impl ConnectionTrait, account: Uuid) -> Result<Vec<Uuid>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::AccountId.eq(account))
        .filter(Column::Status.eq(Status::Pending))
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(db)
        .await
}

/// Blanks the addresses on the web that an account's orders and their payments lead to.
pub(crate) async fn forget_urls(tx: &impl ConnectionTrait, account: Uuid) -> Result<(), DbErr> {
    let blank =
        ActiveModel { success_url: Set(None), cancel_url: Set(None), ip: Set(None), ..Default::default() };
    Entity::update_many().set(blank).filter(Column::AccountId.eq(account)).exec(tx).await?;
    let theirs =
        Entity::find().select_only().column(Column::Id).filter(Column::AccountId.eq(account)).into_query();
    let blank = payment::ActiveModel { checkout_url: Set(None), ..Default::default() };
    payment::Entity::update_many()
        .set(blank)
        .filter(payment::Column::OrderId.in_subquery(theirs))
        .exec(tx)
        .await?;
    Ok(())
}

/// Blanks the addresses of at most `limit` orders from before a time; says how many.
pub(crate) async fn forget_addresses(
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
