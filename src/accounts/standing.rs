//! What becomes of a credential while something that it opened goes on.
use uuid::Uuid;

use super::{Account, api_key_cache, session_cache};
use crate::{app::App, error::Result};

/// The account behind a session or an API key as it stands now; none once that was ended, expired, or its owner suspended.
/// 503 when the database does not answer.
pub async fn standing(app: &App, credential: Uuid) -> Result<Option<Account>> {
    match session_cache::account(app, credential).await? {
        Some(account) => Ok(Some(account)),
        None => api_key_cache::holder(app, credential).await,
    }
}
