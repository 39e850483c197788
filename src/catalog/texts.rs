//! The prices of a product, and its texts in other languages.
use entity::product_translation;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    contents::{NewPrice, price_faults, price_rows},
    edit::{finish, locked},
    pricing::replace_prices,
    queries::parts,
};
use crate::{
    app::App,
    error::{Error, NOT_FOUND, Result},
    values::{Locale, Word},
    web::if_match::IfMatch,
};

/// A product's texts in another language.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTranslation {
    /// Its title.
    pub title: Word,
    /// One or two sentences; the product's own when absent.
    #[schema(max_length = 500)]
    pub summary: Option<String>,
    /// Markdown; the product's own when absent.
    #[schema(max_length = 100_000)]
    pub description: Option<String>,
}

/// A product's texts in another language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Translation {
    /// Its title.
    pub title: String,
    /// Null where the product's own is shown.
    pub summary: Option<String>,
    /// Markdown; null where the product's own is shown.
    pub description: Option<String>,
}

/// Replaces all prices of a product.
pub(super) async fn put_prices(
    app: &App,
    editor: Uuid,
    id: Uuid,
    asked: &IfMatch,
    prices: &[NewPrice],
) -> Result<()> {
    let faults = price_faults("", prices.iter());
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    app.db
        .write(async |tx| {
            locked(tx, id, asked).await?;
            replace_prices(tx, &[id], price_rows(id, prices), &app.clock).await?;
            finish(tx, app, editor, id, "product.updated").await
        })
        .await
}

/// Writes or replaces a product's texts in a language.
pub(super) async fn translate(
    app: &App,
    editor: Uuid,
    id: Uuid,
    asked: &IfMatch,
    locale: &Locale,
    new: &NewTranslation,
) -> Result<()> {
    app.db
        .write(async |tx| {
            locked(tx, id, asked).await?;
            let row = product_translation::Model {
                product_id: id,
                locale: locale.to_string(),
                title: new.title.to_string(),
                summary: new.summary.clone(),
                description: new.description.clone(),
            };
            parts::put_translation(tx, row).await?;
            finish(tx, app, editor, id, "product.updated").await
        })
        .await
}

/// Deletes a product's texts in a language.
pub(super) async fn untranslate(
    app: &App,
    editor: Uuid,
    id: Uuid,
    asked: &IfMatch,
    locale: &Locale,
) -> Result<()> {
    app.db
        .write(async |tx| {
            locked(tx, id, asked).await?;
            if !parts::delete_translation(tx, id, locale.as_str()).await? {
                return Err(NOT_FOUND.into());
            }
            finish(tx, app, editor, id, "product.updated").await
        })
        .await
}
