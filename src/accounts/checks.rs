//! What must be true of sessions.
use entity::refresh_token::{Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{app::App, check::Violation, error::Result};

/// The sessions with more than one live refresh token.
pub async fn violations(app: &App) -> Result<Vec<Violation>> {
    let sessions: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::SessionId)
        .filter(Column::UsedAt.is_null())
        .group_by(Column::SessionId)
        .having(Column::TokenHash.count().gt(1))
        .into_tuple()
        .all(&app.db.read)
        .await?;
    let violation =
        |id| Violation::new("a session has at most one live refresh token", format!("session {id}"));
    Ok(sessions.into_iter().map(violation).collect())
}
