//! In which language an account is written to.
use uuid::Uuid;

use super::{Row, queries};
use crate::{app::App, error::Result, languages::Language, values::Locale, web::locale::Wanted};

/// The language of an account's mail: the one it chose, else the one it was made in, else the store's.
pub async fn language(app: &App, id: Uuid) -> Result<Language> {
    let row = queries::account(&app.db.read, id).await?;
    Ok(row.map_or_else(|| spoken(app, None), |row| language_of(app, &row)))
}

/// The same, of an account that was read already.
pub(super) fn language_of(app: &App, row: &Row) -> Language {
    spoken(app, row.locale.as_deref().or(row.signup_locale.as_deref()))
}

fn spoken(app: &App, tag: Option<&str>) -> Language {
    let wanted = tag.and_then(|tag| Locale::parse(tag).ok()).map(Wanted::from).unwrap_or_default();
    Language::of(&wanted, &app.config.store.locale)
}
