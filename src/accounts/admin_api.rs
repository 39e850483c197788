//! The back office's accounts over HTTP.
use axum::{
    extract::{OriginalUri, State},
    response::Response,
};
use entity::account::Status;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Role, Support,
    answers::AdminAccount,
    profile,
    staff::{self, AccountEdit, Filter},
};
use crate::{
    app::App,
    error::Result,
    web::{Cursor, Json, Page, Path, Query, page::DEFAULT_LIMIT},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_accounts)).routes(routes!(read_account, edit_account))
}

/// Which accounts are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AccountsQuery {
    /// A part of the address or the name, or the id.
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
    /// Who holds this role; everybody is a customer.
    #[param(inline)]
    role: Option<Role>,
    /// Who is in this state.
    #[param(inline)]
    status: Option<Status>,
    /// Items at most.
    #[param(minimum = 1, maximum = 100, default = 24)]
    limit: Option<u64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Accounts, newest first.
#[utoipa::path(
    get, path = "/admin/accounts", tag = "back office", params(AccountsQuery), security(("bearer" = ["support"])),
    responses((status = 200, body = Page<AdminAccount>)),
)]
async fn list_accounts(
    State(app): State<App>,
    _: Support,
    Query(query): Query<AccountsQuery>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    let filter = Filter { q: query.q, role: query.role, status: query.status };
    let name = format!("accounts {filter:?}");
    let after =
        query.cursor.as_deref().map(|text| Cursor::read(&app.keys.cursor, &name, text)).transpose()?;
    let rows = staff::list(&app, &filter, after, limit + 1).await?;
    let page = Page::of(rows, limit, &app.keys.cursor, &name, |row| row.id)?;
    Ok(page.map(AdminAccount::from).answer(&uri))
}

/// One account.
#[utoipa::path(
    get, path = "/admin/accounts/{id}", tag = "back office", params(("id" = Uuid, Path)),
    security(("bearer" = ["support"])), responses((status = 200, body = AdminAccount)),
)]
async fn read_account(
    State(app): State<App>,
    _: Support,
    Path(id): Path<Uuid>,
) -> Result<Json<AdminAccount>> {
    Ok(Json::of(profile::find(&app, id).await?.into()))
}

/// What is changed of an account; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AdminAccountPatch {
    /// All the roles that it holds from now on; everybody stays a customer. For admins only.
    #[schema(nullable = false, max_items = 4)]
    roles: Option<Vec<Role>>,
    /// Whether it may sign in; who is suspended is signed out everywhere.
    #[schema(nullable = false)]
    status: Option<Status>,
}

impl From<AdminAccountPatch> for AccountEdit {
    fn from(body: AdminAccountPatch) -> Self {
        Self { roles: body.roles.map(|roles| roles.into_iter().collect()), status: body.status }
    }
}

/// Give and take roles (admins only), suspend and readmit.
///
/// Staff are changed by admins alone: 403 for others. 409
/// `last_admin` when nobody would remain who may do everything.
#[utoipa::path(
    patch, path = "/admin/accounts/{id}", tag = "back office", params(("id" = Uuid, Path)),
    security(("bearer" = ["support"])), responses((status = 200, body = AdminAccount)),
)]
async fn edit_account(
    State(app): State<App>,
    Support(actor): Support,
    Path(id): Path<Uuid>,
    body: Json<AdminAccountPatch>,
) -> Result<Json<AdminAccount>> {
    staff::may_edit(&app, &actor, id).await?;
    let row = staff::edit(&app, &actor, id, body.read()?.into()).await?;
    Ok(Json::of(row.into()))
}
