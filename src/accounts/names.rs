//! What people are called by others, and where they say they are.
use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::queries;
use crate::error::Result;

/// The names under which others see accounts. Who was erased has the name of nobody.
pub async fn display_names(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    Ok(queries::display_names(db, ids).await?.into_iter().collect())
}

/// Where accounts say they are, ISO 3166-1 alpha-2; those that don't are missing.
pub async fn countries(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let rows = queries::countries(db, ids).await?;
    Ok(rows.into_iter().filter_map(|(id, country)| Some((id, country?))).collect())
}
