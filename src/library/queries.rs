//! Every statement on entitlements and grants.
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::{
    entitlement::{ActiveModel, Column, Entity, Model, Source, Status},
    staff_grant,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, IntoActiveModel,
    JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, Set,
    sea_query::{Alias, Expr, Order, Query, SelectStatement},
};
use uuid::Uuid;

use crate::catalog::Shelf;

/// The products that are asked for, as a table in the statements on a library.
const SHELF: &str = "shelf";
/// Another right of the same account to the same product.
const EARLIER: &str = "earlier";

/// To which of these products an account has a right that stands as one of these.
pub(super) async fn with_right(
    db: &impl ConnectionTrait,
    account: Uuid,
    products: &[Uuid],
    standing: &[Status],
) -> Result<HashSet<Uuid>, DbErr> {
    let rows: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::ProductId)
        .filter(Column::AccountId.eq(account))
        .filter(Column::ProductId.is_in(products.iter().copied()))
        .filter(Column::Status.is_in(standing.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Which of these accounts own which of these products.
pub(super) async fn owners(
    db: &impl ConnectionTrait,
    accounts: &[Uuid],
    products: &[Uuid],
) -> Result<HashSet<(Uuid, Uuid)>, DbErr> {
    let rows: Vec<(Uuid, Uuid)> = Entity::find()
        .select_only()
        .columns([Column::AccountId, Column::ProductId])
        .filter(Column::AccountId.is_in(accounts.iter().copied()))
        .filter(Column::ProductId.is_in(products.iter().copied()))
        .filter(Column::Status.eq(Status::Active))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// The products that an account owns.
pub(super) fn owned_by(account: Uuid) -> SelectStatement {
    let rows = Entity::find().select_only().column(Column::ProductId).filter(Column::AccountId.eq(account));
    rows.filter(Column::Status.eq(Status::Active)).into_query()
}

/// How many active rights an account has to a product, each held until the transaction ends.
pub(super) async fn lock_owned(
    tx: &impl ConnectionTrait,
    account: Uuid,
    product: Uuid,
) -> Result<usize, DbErr> {
    let rows = Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::ProductId.eq(product))
        .filter(Column::Status.eq(Status::Active))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    Ok(rows.len())
}

/// Whether nothing of a product was sent yet by one of the active rights of an account to it.
pub(super) async fn awaits_download(
    db: &impl ConnectionTrait,
    account: Uuid,
    product: Uuid,
) -> Result<bool, DbErr> {
    let row = Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::ProductId.eq(product))
        .filter(Column::Status.eq(Status::Active))
        .filter(Column::DownloadBegunAt.is_null())
        .one(db)
        .await?;
    Ok(row.is_some())
}

/// Notes on every active right of an account to a product that bytes of it are about to be sent.
pub(super) async fn begin_download(
    tx: &impl ConnectionTrait,
    account: Uuid,
    product: Uuid,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(ActiveModel { download_begun_at: Set(Some(at)), ..Default::default() })
        .filter(Column::AccountId.eq(account))
        .filter(Column::ProductId.eq(product))
        .filter(Column::Status.eq(Status::Active))
        .filter(Column::DownloadBegunAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Who owns a product by a right that was given until a moment, by account from behind one.
pub(super) async fn owners_after(
    db: &impl ConnectionTrait,
    product: Uuid,
    until: DateTime<Utc>,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Uuid>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::AccountId)
        .distinct()
        .filter(Column::ProductId.eq(product))
        .filter(Column::Status.eq(Status::Active))
        .filter(Column::GrantedAt.lte(until))
        .filter(Condition::all().add_option(after.map(|after| Column::AccountId.gt(after))))
        .order_by_asc(Column::AccountId)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}

/// New rights; each source gives one once.
pub(super) async fn insert(tx: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    if !rows.is_empty() {
        let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Moves the rights of sources from one status to another; says how many.
pub(super) async fn move_all(
    tx: &impl ConnectionTrait,
    origins: &[Source],
    sources: &[Uuid],
    from: Status,
    to: Status,
) -> Result<u64, DbErr> {
    let moved = Entity::update_many()
        .set(ActiveModel { status: Set(to), ..Default::default() })
        .filter(Column::Source.is_in(origins.iter().copied()))
        .filter(Column::SourceId.is_in(sources.iter().copied()))
        .filter(Column::Status.eq(from))
        .exec(tx)
        .await?;
    Ok(moved.rows_affected)
}

/// Revokes a right unless it is revoked already.
pub(super) async fn revoke(tx: &impl ConnectionTrait, id: Uuid, at: DateTime<Utc>) -> Result<bool, DbErr> {
    let revoked = Entity::update_many()
        .set(ActiveModel { status: Set(Status::Revoked), revoked_at: Set(Some(at)), ..Default::default() })
        .filter(Column::Id.eq(id))
        .filter(Column::Status.ne(Status::Revoked))
        .exec(tx)
        .await?;
    Ok(revoked.rows_affected == 1)
}

/// The first of the rights that give an account a product now.
pub(super) async fn first(
    db: &impl ConnectionTrait,
    account: Uuid,
    product: Uuid,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::ProductId.eq(product))
        .filter(Column::Status.eq(Status::Active))
        .order_by_asc(Column::GrantedAt)
        .order_by_asc(Column::Id)
        .one(db)
        .await
}

/// The rights that sources gave.
pub(super) async fn by_sources(
    db: &impl ConnectionTrait,
    origins: &[Source],
    sources: &[Uuid],
) -> Result<Vec<Model>, DbErr> {
    of_sources(origins, sources).all(db).await
}

/// The same, each held until the transaction ends.
pub(super) async fn lock_by_sources(
    tx: &impl ConnectionTrait,
    origins: &[Source],
    sources: &[Uuid],
) -> Result<Vec<Model>, DbErr> {
    // In one order, so that two who hold some of the same rows never wait for each other.
    of_sources(origins, sources).order_by_asc(Column::Id).lock_exclusive().all(tx).await
}

fn of_sources(origins: &[Source], sources: &[Uuid]) -> Select<Entity> {
    Entity::find()
        .filter(Column::Source.is_in(origins.iter().copied()))
        .filter(Column::SourceId.is_in(sources.iter().copied()))
}

/// The rights that come from somewhere, by id.
pub(super) async fn from(
    db: &impl ConnectionTrait,
    origins: &[Source],
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut rows = Entity::find().filter(Column::Source.is_in(origins.iter().copied()));
    if let Some(after) = after {
        rows = rows.filter(Column::Id.gt(after));
    }
    rows.order_by_asc(Column::Id).limit(limit).all(db).await
}

/// Notes a download on every active right of the account to the product.
pub(super) async fn note_download(
    tx: &impl ConnectionTrait,
    account: Uuid,
    product: Uuid,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let earlier =
        Condition::any().add(Column::LastDownloadedAt.is_null()).add(Column::LastDownloadedAt.lt(at));
    Entity::update_many()
        .set(ActiveModel { last_downloaded_at: Set(Some(at)), ..Default::default() })
        .filter(Column::AccountId.eq(account))
        .filter(Column::ProductId.eq(product))
        .filter(Column::Status.eq(Status::Active))
        .filter(earlier)
        .exec(tx)
        .await?;
    Ok(())
}

/// One product of a library.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Owned {
    pub(super) product_id: Uuid,
    pub(super) source: Source,
    pub(super) granted_at: DateTime<Utc>,
    pub(super) last_downloaded_at: Option<DateTime<Utc>>,
    /// What the list by title goes by.
    pub(super) sort_title: String,
}

/// The order of a library, and the place behind which a page begins.
pub(super) enum Place {
    Granted { descending: bool, after: Option<(DateTime<Utc>, Uuid)> },
    Title { descending: bool, after: Option<(String, Uuid)> },
}

/// What an account owns of a shelf, a product once however many rights it has.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    account: Uuid,
    shelf: SelectStatement,
    place: Place,
    limit: u64,
) -> Result<Vec<Owned>, DbErr> {
    let (granted, title) =
        (Expr::col((Entity, Column::GrantedAt)), Expr::col((Alias::new(SHELF), Shelf::SortTitle)));
    let (key, after, descending) = match place {
        Place::Granted { descending, after } => {
            (granted, after.map(|(at, id)| [Expr::value(at), Expr::value(id)]), descending)
        }
        Place::Title { descending, after } => {
            (title, after.map(|(title, id)| [Expr::value(title), Expr::value(id)]), descending)
        }
    };
    let tie = Expr::col((Entity, Column::ProductId));
    let mut rows = library(account, shelf);
    if let Some(after) = after {
        let (row, after) = (Expr::tuple([key.clone(), tie.clone()]), Expr::tuple(after));
        rows = rows.filter(if descending { row.lt(after) } else { row.gt(after) });
    }
    let order = if descending { Order::Desc } else { Order::Asc };
    rows.order_by(key, order.clone()).order_by(tie, order).limit(limit).into_model().all(db).await
}

/// One product of a library.
pub(super) async fn item(
    db: &impl ConnectionTrait,
    account: Uuid,
    shelf: SelectStatement,
    product: Uuid,
) -> Result<Option<Owned>, DbErr> {
    library(account, shelf).filter(Column::ProductId.eq(product)).into_model().one(db).await
}

/// The earliest active right of an account to each product of a shelf.
fn library(account: Uuid, shelf: SelectStatement) -> Select<Entity> {
    let earlier = |column| Expr::col((Alias::new(EARLIER), column));
    let earlier = Query::select()
        .expr(Expr::value(1))
        .from_as(Entity, Alias::new(EARLIER))
        .cond_where(
            Condition::all()
                .add(earlier(Column::AccountId).eq(account))
                .add(earlier(Column::Status).eq(Expr::value("active")))
                .add(earlier(Column::ProductId).eq(Expr::col((Entity, Column::ProductId))))
                .add(earlier(Column::Id).lt(Expr::col((Entity, Column::Id)))),
        )
        .to_owned();
    let mut rows = Entity::find()
        .select_only()
        .columns([Column::ProductId, Column::Source, Column::GrantedAt, Column::LastDownloadedAt])
        .expr(Expr::col((Alias::new(SHELF), Shelf::SortTitle)))
        .filter(Column::AccountId.eq(account))
        .filter(Column::Status.eq(Status::Active))
        .filter(Expr::exists(earlier).not());
    QuerySelect::query(&mut rows).join_subquery(
        JoinType::InnerJoin,
        shelf,
        Alias::new(SHELF),
        Expr::col((Alias::new(SHELF), Shelf::Id)).eq(Expr::col((Entity, Column::ProductId))),
    );
    rows
}

/// A gift of staff.
pub(super) async fn insert_grant(tx: &impl ConnectionTrait, row: &staff_grant::Model) -> Result<(), DbErr> {
    staff_grant::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// One gift of staff.
pub(super) async fn grant(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<staff_grant::Model>, DbErr> {
    staff_grant::Entity::find_by_id(id).one(db).await
}

/// The gifts of a product to an account, those taken back too.
pub(super) async fn grants(
    db: &impl ConnectionTrait,
    account: Uuid,
    product: Uuid,
) -> Result<Vec<Uuid>, DbErr> {
    staff_grant::Entity::find()
        .select_only()
        .column(staff_grant::Column::Id)
        .filter(staff_grant::Column::AccountId.eq(account))
        .filter(staff_grant::Column::ProductId.eq(product))
        .into_tuple()
        .all(db)
        .await
}

/// The rights of an account, lost ones too, from behind one.
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

/// The gifts to an account, those taken back too, from behind one.
pub(super) async fn grants_to(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<staff_grant::Model>, DbErr> {
    staff_grant::Entity::find()
        .filter(staff_grant::Column::AccountId.eq(account))
        .filter(Condition::all().add_option(after.map(|after| staff_grant::Column::Id.gt(after))))
        .order_by_asc(staff_grant::Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// Puts one text in the place of every reason of gifts to an account.
pub(super) async fn blank_reasons(tx: &impl ConnectionTrait, account: Uuid, text: &str) -> Result<(), DbErr> {
    let blank = staff_grant::ActiveModel { reason: Set(text.to_owned()), ..Default::default() };
    staff_grant::Entity::update_many()
        .set(blank)
        .filter(staff_grant::Column::AccountId.eq(account))
        .exec(tx)
        .await?;
    Ok(())
}

/// What gave an account the products that it owns of these: product and order line or grant.
pub(super) async fn sources(
    db: &impl ConnectionTrait,
    account: Uuid,
    products: &[Uuid],
) -> Result<Vec<(Uuid, Uuid)>, DbErr> {
    Entity::find()
        .select_only()
        .columns([Column::ProductId, Column::SourceId])
        .filter(Column::AccountId.eq(account))
        .filter(Column::ProductId.is_in(products.iter().copied()))
        .filter(Column::Status.eq(Status::Active))
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(db)
        .await
}

/// What gave an account anything, whatever became of it.
pub(super) fn sources_of(account: Uuid) -> SelectStatement {
    Entity::find().select_only().column(Column::SourceId).filter(Column::AccountId.eq(account)).into_query()
}
