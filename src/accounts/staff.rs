//! What staff do with accounts: find them, give roles, suspend.
use entity::account;
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait,
};
use uuid::Uuid;

use super::{Account, Role, Row, access::FORBIDDEN, profile, queries, roles::Roles};
use crate::{
    app::App,
    error::{NOT_FOUND, Refusal, Result},
    events::Event,
};

/// 409: somebody must remain who may do everything.
pub(super) const LAST_ADMIN: Refusal =
    Refusal::conflict("last_admin", "This is the last admin who may sign in.");

/// 403: what one may do is somebody else's to decide.
const OWN_ROLES: Refusal = Refusal::forbidden("forbidden", "Nobody changes their own roles.");

/// Which accounts are asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    /// In the address or the name, or the id.
    pub(super) q: Option<String>,
    /// Who holds it.
    pub(super) role: Option<Role>,
    /// Who is in it.
    pub(super) status: Option<account::Status>,
}

/// What is changed of an account.
#[derive(Clone, Debug, Default)]
pub(super) struct AccountEdit {
    /// All that it holds from now on.
    pub(super) roles: Option<Roles>,
    /// Whether it may sign in.
    pub(super) status: Option<account::Status>,
}

/// Who may sign in and holds one of these roles.
pub async fn holders(db: &impl ConnectionTrait, roles: &[Role]) -> Result<Vec<Uuid>> {
    Ok(queries::holders(db, roles).await?)
}

/// Accounts, newest first: those made before `after`.
pub(super) async fn list(app: &App, filter: &Filter, after: Option<Uuid>, most: u64) -> Result<Vec<Row>> {
    Ok(queries::accounts(&app.db.read, filter, after, most).await?)
}

/// 404 when there is no such account, 403 when it is staff's and the actor is no admin.
pub async fn may_edit(app: &App, actor: &Account, id: Uuid) -> Result<()> {
    judge(actor, &profile::find(app, id).await?)
}

/// 403 when an account is staff's and the actor is no admin.
pub(super) fn judge(actor: &Account, row: &Row) -> Result<()> {
    if Roles::from(row).is_staff() && !actor.admin { Err(FORBIDDEN.into()) } else { Ok(()) }
}

/// Gives and takes roles (admins only), suspends and readmits. Who is suspended is signed out everywhere.
pub(super) async fn edit(app: &App, actor: &Account, id: Uuid, edit: AccountEdit) -> Result<Row> {
    if edit.roles.is_some() && !actor.admin {
        return Err(FORBIDDEN.into());
    }
    let row = app.db.write(async |tx| apply(tx, app, actor, id, &edit).await).await?;
    app.identity.forget_account(id).await;
    Ok(row)
}

async fn apply(
    tx: &impl ConnectionTrait,
    app: &App,
    actor: &Account,
    id: Uuid,
    edit: &AccountEdit,
) -> Result<Row> {
    // Before the account itself, so that two who take each other's role wait in one order.
    let admins = queries::lock_active_admins(tx).await?;
    let row = queries::lock_account(tx, id).await?.ok_or(NOT_FOUND)?;
    judge(actor, &row)?;
    let before = Roles::from(&row);
    let (roles, status) = (edit.roles.unwrap_or(before), edit.status.unwrap_or(row.status));
    if admins == [id] && !(roles.admin && status == account::Status::Active) {
        return Err(LAST_ADMIN.into());
    }
    if roles == before && status == row.status {
        return Ok(row);
    }
    if actor.id == id && roles != before {
        return Err(OWN_ROLES.into());
    }
    let now = app.clock.now();
    let event = |kind| Event::new(kind, id).account(id).actor(actor.id);
    if roles != before {
        event("account.roles_changed").with("roles", roles.names()).record(tx, &app.clock).await?;
    }
    if status != row.status {
        let kind = match status {
            account::Status::Suspended => "account.suspended",
            account::Status::Active => "account.readmitted",
        };
        event(kind).record(tx, &app.clock).await?;
    }
    if status == account::Status::Suspended {
        queries::revoke_sessions(tx, id, None, now).await?;
    }
    let changed = account::ActiveModel {
        id: Unchanged(id),
        editor: Set(roles.editor),
        support: Set(roles.support),
        admin: Set(roles.admin),
        status: Set(status),
        updated_at: Set(now),
        ..Default::default()
    };
    Ok(queries::update_account(tx, changed).await?)
}
