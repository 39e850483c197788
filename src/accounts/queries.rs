//! Every statement on accounts, sessions and refresh tokens.
use chrono::{DateTime, Utc};
use entity::{account, refresh_token, session, sign_in_code};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Func, LikeExpr},
};
use uuid::Uuid;

use super::{Role, staff::Filter};

/// Where accounts say they are, as a part of other slices' statements: `id` and `country`.
pub const COUNTRIES: &str = "SELECT id, country FROM account";

/// One account.
pub(super) async fn account(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<account::Model>, DbErr> {
    account::Entity::find_by_id(id).one(db).await
}

/// What accounts are called by others.
pub(super) async fn display_names(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, String)>, DbErr> {
    account::Entity::find()
        .select_only()
        .columns([account::Column::Id, account::Column::DisplayName])
        .filter(account::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await
}

/// Where accounts say they are.
pub(super) async fn countries(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, Option<String>)>, DbErr> {
    account::Entity::find()
        .select_only()
        .columns([account::Column::Id, account::Column::Country])
        .filter(account::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await
}

/// The ids of the accounts that may sign in and hold one of these roles.
pub(super) async fn holders(db: &impl ConnectionTrait, roles: &[Role]) -> Result<Vec<Uuid>, DbErr> {
    let held = roles.iter().fold(Condition::any(), |any, role| match role {
        Role::Customer => any,
        Role::Editor => any.add(account::Column::Editor.eq(true)),
        Role::Support => any.add(account::Column::Support.eq(true)),
        Role::Admin => any.add(account::Column::Admin.eq(true)),
    });
    account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(held)
        .filter(account::Column::Status.eq(account::Status::Active))
        .order_by_asc(account::Column::Id)
        .into_tuple()
        .all(db)
        .await
}

/// The account of a canonical address.
pub(super) async fn account_by_email(
    db: &impl ConnectionTrait,
    email: &str,
) -> Result<Option<account::Model>, DbErr> {
    account::Entity::find().filter(account::Column::Email.eq(email)).one(db).await
}

/// The account of a canonical address, held against other writers until the transaction ends.
pub(super) async fn lock_account_by_email(
    tx: &impl ConnectionTrait,
    email: &str,
) -> Result<Option<account::Model>, DbErr> {
    account::Entity::find().filter(account::Column::Email.eq(email)).lock_exclusive().one(tx).await
}

/// One account, held against other writers until the transaction ends; none when it was erased.
pub(super) async fn lock_account(
    tx: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<account::Model>, DbErr> {
    let live = account::Entity::find_by_id(id).filter(account::Column::ErasedAt.is_null());
    live.lock_exclusive().one(tx).await
}

/// The ids of the admins who may sign in.
pub(super) async fn active_admins(db: &impl ConnectionTrait) -> Result<Vec<Uuid>, DbErr> {
    let admins = admins().all(db).await?;
    Ok(admins.into_iter().map(|row| row.id).collect())
}

fn admins() -> Select<account::Entity> {
    account::Entity::find()
        .filter(account::Column::Admin.eq(true))
        .filter(account::Column::Status.eq(account::Status::Active))
        .order_by_asc(account::Column::Id)
}

/// The ids of the admins who may sign in, held against other writers in one order.
pub(super) async fn lock_active_admins(tx: &impl ConnectionTrait) -> Result<Vec<Uuid>, DbErr> {
    let admins = admins().lock_exclusive().all(tx).await?;
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

/// Whether an account had a session, live or not, from this address under this name; true as well for its very first.
pub(super) async fn knows_device(
    tx: &impl ConnectionTrait,
    account: Uuid,
    ip: &str,
    user_agent: &str,
) -> Result<bool, DbErr> {
    let theirs = session::Entity::find().filter(session::Column::AccountId.eq(account));
    let alike = theirs
        .clone()
        .filter(session::Column::Ip.eq(ip))
        .filter(session::Column::UserAgent.eq(user_agent))
        .one(tx)
        .await?;
    Ok(alike.is_some() || theirs.one(tx).await?.is_none())
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
    // A code that a frontend has not swapped yet would be one more session.
    sign_in_code::Entity::delete_many().filter(sign_in_code::Column::AccountId.eq(account)).exec(tx).await?;
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

/// Notes that a used refresh token of a session came again.
pub(super) async fn note_reuse(
    tx: &impl ConnectionTrait,
    session: Uuid,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let noted = session::ActiveModel { reused_at: Set(Some(now)), ..Default::default() };
    session::Entity::update_many().set(noted).filter(session::Column::Id.eq(session)).exec(tx).await?;
    Ok(())
}

/// The addresses of an account's sessions on a kind of device, live or ended, but for those that were found stolen.
pub(super) async fn addresses_of(
    db: &impl ConnectionTrait,
    account: Uuid,
    user_agent: &str,
    since: DateTime<Utc>,
) -> Result<Vec<String>, DbErr> {
    session::Entity::find()
        .select_only()
        .column(session::Column::Ip)
        .distinct()
        .filter(session::Column::AccountId.eq(account))
        .filter(session::Column::UserAgent.eq(user_agent))
        .filter(session::Column::LastUsedAt.gt(since))
        .filter(session::Column::ReusedAt.is_null())
        .into_tuple()
        .all(db)
        .await
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

/// The sessions of an account, ended ones too, from behind `after`.
pub(super) async fn all_sessions(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<session::Model>, DbErr> {
    session::Entity::find()
        .filter(session::Column::AccountId.eq(account))
        .filter(Condition::all().add_option(after.map(|after| session::Column::Id.gt(after))))
        .order_by_asc(session::Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Removes the sessions of an account; their tokens go with them.
pub(super) async fn delete_sessions(tx: &impl ConnectionTrait, account: Uuid) -> Result<(), DbErr> {
    session::Entity::delete_many().filter(session::Column::AccountId.eq(account)).exec(tx).await?;
    Ok(())
}

/// Removes at most `limit` sessions that ended before a time; says how many.
pub(super) async fn prune_sessions(
    tx: &impl ConnectionTrait,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<u64, DbErr> {
    let ended = session::Column::ExpiresAt.lt(before).or(session::Column::RevokedAt.lt(before));
    let ended = session::Entity::find().select_only().column(session::Column::Id).filter(ended).limit(limit);
    let ended = session::Column::Id.in_subquery(ended.into_query());
    Ok(session::Entity::delete_many().filter(ended).exec(tx).await?.rows_affected)
}

/// Removes at most `limit` tokens that were used before a time; says how many.
pub(super) async fn prune_tokens(
    tx: &impl ConnectionTrait,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<u64, DbErr> {
    let used = refresh_token::Entity::find()
        .select_only()
        .column(refresh_token::Column::TokenHash)
        .filter(refresh_token::Column::UsedAt.lt(before))
        .limit(limit);
    let used = refresh_token::Column::TokenHash.in_subquery(used.into_query());
    Ok(refresh_token::Entity::delete_many().filter(used).exec(tx).await?.rows_affected)
}

/// Blanks address and user agent of at most `limit` sessions that were last used before a time; says how many.
pub(super) async fn forget_addresses(
    tx: &impl ConnectionTrait,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<u64, DbErr> {
    let told = session::Column::Ip.ne("").or(session::Column::UserAgent.ne(""));
    let old = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::LastUsedAt.lt(before).and(told))
        .limit(limit);
    let blank =
        session::ActiveModel { ip: Set(String::new()), user_agent: Set(String::new()), ..Default::default() };
    let done = session::Entity::update_many()
        .set(blank)
        .filter(session::Column::Id.in_subquery(old.into_query()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}
