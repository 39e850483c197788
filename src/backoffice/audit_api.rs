//! Front door of the audit log.
use axum::{
    extract::{OriginalUri, State},
    response::Response,
};
use chrono::{DateTime, Utc};
use entity::audit_entry;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::audit::{self, Filter};
use crate::{
    accounts::Admin,
    app::App,
    error::Result,
    web::{Page, Query, page::DEFAULT_LIMIT},
};

/// Which entries to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// Items at most.
    #[param(minimum = 1, maximum = 100, default = 24)]
    limit: Option<u64>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// What this account did.
    actor: Option<Uuid>,
    /// This kind of deed, such as `product.published`.
    #[param(max_length = 100, example = "product.published")]
    action: Option<String>,
    /// What was done to the thing with this id.
    subject: Option<Uuid>,
    /// Not before this time.
    from: Option<DateTime<Utc>>,
    /// Before this time.
    to: Option<DateTime<Utc>>,
}

/// What somebody did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditEntry {
    /// UUIDv7.
    id: Uuid,
    /// When.
    at: DateTime<Utc>,
    /// Who.
    #[schema(required)]
    actor_id: Option<Uuid>,
    /// What, such as `product.published`.
    action: String,
    /// To what kind of thing, such as `product`.
    subject_type: String,
    /// To which one.
    subject_id: Uuid,
    /// From where, while that is kept.
    #[schema(required)]
    ip: Option<String>,
    /// Ids and numbers that belong to it.
    #[schema(value_type = Object)]
    details: Value,
}

/// What people did, newest first.
#[utoipa::path(
    get, path = "/admin/audit-log", tag = "back office", params(AuditQuery),
    security(("bearer" = ["admin"])),
    responses((status = 200, body = Page<AuditEntry>)),
)]
pub(super) async fn audit_log(
    State(app): State<App>,
    _: Admin,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<AuditQuery>,
) -> Result<Response> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    let AuditQuery { actor, action, subject, from, to, .. } = query;
    let filter = Filter { actor, action, subject, from, to };
    let page = audit::list(&app, &filter, limit, query.cursor.as_deref()).await?;
    Ok(page.map(AuditEntry::from).answer(&uri))
}

impl From<audit_entry::Model> for AuditEntry {
    fn from(row: audit_entry::Model) -> Self {
        Self {
            id: row.id,
            at: row.at,
            actor_id: row.actor_id,
            action: row.action,
            subject_type: row.subject_type,
            subject_id: row.subject_id,
            ip: row.ip,
            details: row.details,
        }
    }
}
