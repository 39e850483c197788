//! What people are called by others.
use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::queries;
use crate::error::Result;

/// The names under which others see accounts. Who was erased has the name of nobody.
pub async fn display_names(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    Ok(queries::display_names(db, ids).await?.into_iter().collect())
}
