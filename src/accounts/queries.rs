//! Every statement on accounts, sessions, refresh tokens and API keys.
use chrono::{DateTime, Utc};
use entity::{account, api_key, refresh_token, session};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Func, LikeExpr},
};
use uuid::Uuid;

use super::{Role, staff::Filter};

/// One account.
pub(super) async fn account(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<account::Model>, DbErr> {
    account::Entity::find_by_id(id).one(db).await
}

/// The account of a canonical address.
pub(super) async fn account_by_email(
    db: &impl ConnectionTrait,
    email: &str,
) -> Result<Option<account::Model>, DbErr> {
    account::Entity::find().filter(account::Column::Email.eq(email)).one(db).await
}

/// One account, held against other writers until the transaction ends.
pub(super) async fn lock_account(
    tx: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<account::Model>, DbErr> {
    account::Entity::find_by_id(id).lock_exclusive().one(tx).await
}

/// The ids of the admins who may sign in, held against other writers in one order.
pub(super) async fn lock_active_admins(tx: &impl ConnectionTrait) -> Result<Vec<Uuid>, DbErr> {
    let admins = account::Entity::find()
        .filter(account::Column::Admin.eq(true))
        .filter(account::Column::Status.eq(account::Status::Active))
        .order_by_asc(account::Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    Ok(admins.into_iter().map(|row| row.id).collect())
}

/// Accounts, newest first: those made before `after`.
pub(super) async fn accounts(
    db: &impl ConnectionTrait,
    filter: &Filter,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<account::Model>, DbErr> {
    let mut condition = Condition::all();
    if let Some(text) = &filter.q {
        condition = condition.add(mentions(text));
    }
    match filter.role {
        None | Some(Role::Customer) => {}
        Some(Role::Editor) => condition = condition.add(account::Column::Editor.eq(true)),
        Some(Role::Support) => condition = condition.add(account::Column::Support.eq(true)),
        Some(Role::Admin) => condition = condition.add(account::Column::Admin.eq(true)),
    }
    if let Some(status) = filter.status {
        condition = condition.add(account::Column::Status.eq(status));
    }
    if let Some(after) = after {
        condition = condition.add(account::Column::Id.lt(after));
    }
    account::Entity::find().filter(condition).order_by_desc(account::Column::Id).limit(most).all(db).await
}

/// Address or name holds the text, ASCII in either case (all that `LOWER` folds on both databases), or it is the id.
fn mentions(text: &str) -> Condition {
    let escaped = text.to_ascii_lowercase().replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    let holds = |column: account::Column| {
        let pattern = LikeExpr::new(format!("%{escaped}%")).escape('\\');
        Expr::expr(Func::lower(Expr::col(column))).like(pattern)
    };
    Condition::any()
        .add(holds(account::Column::Email))
        .add(holds(account::Column::DisplayName))
        .add_option(Uuid::try_parse(text).ok().map(|id| account::Column::Id.eq(id)))
}

/// Writes a new account; a unique violation when the address has one.
pub(super) async fn insert_account(db: &impl ConnectionTrait, row: account::Model) -> Result<(), DbErr> {
    account::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Writes what is set of an account, by its id.
pub(super) async fn update_account(
    tx: &impl ConnectionTrait,
    changed: account::ActiveModel,
) -> Result<account::Model, DbErr> {
    account::Entity::update(changed).exec(tx).await
}

/// One session, whether live or not.
pub(super) async fn session(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<session::Model>, DbErr> {
    session::Entity::find_by_id(id).one(db).await
}

/// One session, held against other writers until the transaction ends.
pub(super) async fn lock_session(
    tx: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<session::Model>, DbErr> {
    session::Entity::find_by_id(id).lock_exclusive().one(tx).await
}

/// The live sessions of an account, newest first: those begun before `after`.
pub(super) async fn live_sessions(
    db: &impl ConnectionTrait,
    account: Uuid,
    now: DateTime<Utc>,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<session::Model>, DbErr> {
    session::Entity::find()
        .filter(session::Column::AccountId.eq(account))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now))
        .filter(Condition::all().add_option(after.map(|after| session::Column::Id.lt(after))))
        .order_by_desc(session::Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Writes a new session.
pub(super) async fn insert_session(db: &impl ConnectionTrait, row: session::Model) -> Result<(), DbErr> {
    session::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Writes what is set of a session, by its id.
pub(super) async fn update_session(
    tx: &impl ConnectionTrait,
    changed: session::ActiveModel,
) -> Result<(), DbErr> {
    session::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Revokes one live session of an account; false when there is none of that id.
pub(super) async fn revoke_session(
    tx: &impl ConnectionTrait,
    account: Uuid,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let live = Condition::all()
        .add(session::Column::Id.eq(id))
        .add(session::Column::AccountId.eq(account))
        .add(session::Column::ExpiresAt.gt(now));
    Ok(revoke(tx, live, now).await? == 1)
}

/// Revokes every session of an account, but for one.
pub(super) async fn revoke_sessions(
    tx: &impl ConnectionTrait,
    account: Uuid,
    except: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let theirs = Condition::all()
        .add(session::Column::AccountId.eq(account))
        .add_option(except.map(|id| session::Column::Id.ne(id)));
    revoke(tx, theirs, now).await?;
    Ok(())
}

async fn revoke(tx: &impl ConnectionTrait, which: Condition, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let changed = session::ActiveModel { revoked_at: Set(Some(now)), ..Default::default() };
    let done = session::Entity::update_many()
        .set(changed)
        .filter(which)
        .filter(session::Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// The refresh token of a digest, used or not.
pub(super) async fn refresh_token(
    tx: &impl ConnectionTrait,
    token_hash: &[u8],
) -> Result<Option<refresh_token::Model>, DbErr> {
    refresh_token::Entity::find_by_id(token_hash.to_vec()).one(tx).await
}

/// Uses a refresh token up; false when that happened before.
pub(super) async fn use_refresh_token(
    tx: &impl ConnectionTrait,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let used = refresh_token::ActiveModel { used_at: Set(Some(now)), ..Default::default() };
    let done = refresh_token::Entity::update_many()
        .set(used)
        .filter(refresh_token::Column::TokenHash.eq(token_hash))
        .filter(refresh_token::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Writes a new refresh token; a unique violation when its session has a live one.
pub(super) async fn insert_refresh_token(
    db: &impl ConnectionTrait,
    row: refresh_token::Model,
) -> Result<(), DbErr> {
    refresh_token::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Whether there is any account.
pub(super) async fn has_accounts(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(account::Entity::find().one(db).await?.is_some())
}

/// The API key of a digest, whether live or not.
pub(super) async fn api_key(
    db: &impl ConnectionTrait,
    token_hash: &[u8],
) -> Result<Option<api_key::Model>, DbErr> {
    api_key::Entity::find().filter(api_key::Column::TokenHash.eq(token_hash)).one(db).await
}

/// The keys of an account that are not revoked.
fn kept_api_keys(account: Uuid) -> Select<api_key::Entity> {
    api_key::Entity::find()
        .filter(api_key::Column::AccountId.eq(account))
        .filter(api_key::Column::RevokedAt.is_null())
}

/// How many keys of an account are not revoked.
pub(super) async fn count_api_keys(db: &impl ConnectionTrait, account: Uuid) -> Result<u64, DbErr> {
    kept_api_keys(account).count(db).await
}

/// The keys of an account that are not revoked, newest first: those made before `after`.
pub(super) async fn api_keys(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<api_key::Model>, DbErr> {
    kept_api_keys(account)
        .filter(Condition::all().add_option(after.map(|after| api_key::Column::Id.lt(after))))
        .order_by_desc(api_key::Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Writes a new key.
pub(super) async fn insert_api_key(db: &impl ConnectionTrait, row: api_key::Model) -> Result<(), DbErr> {
    api_key::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Revokes a key of an account; false when there is none that isn't revoked.
pub(super) async fn revoke_api_key(
    tx: &impl ConnectionTrait,
    account: Uuid,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let revoked = api_key::ActiveModel { revoked_at: Set(Some(now)), ..Default::default() };
    let done = api_key::Entity::update_many()
        .set(revoked)
        .filter(api_key::Column::Id.eq(id))
        .filter(api_key::Column::AccountId.eq(account))
        .filter(api_key::Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Notes the use of a key, unless one was noted after `since`.
pub(super) async fn use_api_key(
    tx: &impl ConnectionTrait,
    id: Uuid,
    now: DateTime<Utc>,
    since: DateTime<Utc>,
) -> Result<(), DbErr> {
    let last = api_key::Column::LastUsedAt;
    api_key::Entity::update_many()
        .set(api_key::ActiveModel { last_used_at: Set(Some(now)), ..Default::default() })
        .filter(api_key::Column::Id.eq(id))
        .filter(Condition::any().add(last.is_null()).add(last.lte(since)))
        .exec(tx)
        .await?;
    Ok(())
}
