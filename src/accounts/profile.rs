//! One's own account.
use entity::account;
use sea_orm::ActiveValue::{Set, Unchanged};
use uuid::Uuid;

use super::{Account, Row, queries};
use crate::{
    app::App,
    error::{NOT_FOUND, Result},
    values::{Country, DisplayName, Locale},
};

/// What is changed of a profile: an outer none keeps, an inner none clears.
#[derive(Clone, Debug, Default)]
pub(super) struct ProfileEdit {
    pub(super) display_name: Option<DisplayName>,
    pub(super) locale: Option<Option<Locale>>,
    pub(super) country: Option<Option<Country>>,
}

/// One account as it stands; 404 when there is none.
pub(super) async fn find(app: &App, id: Uuid) -> Result<Row> {
    Ok(queries::account(&app.db.read, id).await?.ok_or(NOT_FOUND)?)
}

/// Changes one's own profile.
pub(super) async fn edit(app: &App, who: &Account, edit: ProfileEdit) -> Result<Row> {
    let row = app
        .db
        .write(async |tx| {
            let row = queries::lock_account(tx, who.id).await?.ok_or(NOT_FOUND)?;
            let mut changed = account::ActiveModel {
                id: Unchanged(row.id),
                updated_at: Set(app.clock.now()),
                ..Default::default()
            };
            if let Some(name) = edit.display_name.clone() {
                changed.display_name = Set(name.into_string());
            }
            if let Some(locale) = edit.locale.clone() {
                changed.locale = Set(locale.map(Locale::into_string));
            }
            if let Some(country) = edit.country.clone() {
                changed.country = Set(country.map(Country::into_string));
            }
            Ok(queries::update_account(tx, changed).await?)
        })
        .await?;
    app.identity.forget_account(who.id).await;
    Ok(row)
}
