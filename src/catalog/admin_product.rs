//! A product as those who keep the catalog see it: in the store's own language, with all prices and texts.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::product::Status;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Market, Opened, ProductDetail, product_detail,
    queries::{
        self, parts,
        shown::{Which, shown},
    },
    relations::Relations,
    texts::Translation,
};
use crate::{
    app::App,
    error::{NOT_FOUND, Result},
    web::locale::{AcceptLanguage, Wanted},
};

/// A product as the back office shows it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct AdminProduct {
    /// What its page shows of it, in the store's own language, currency and country.
    #[serde(flatten)]
    pub product: ProductDetail,
    /// Where it stands between draft and archive.
    pub status: Status,
    /// Its id in the file it was imported from.
    pub external_id: Option<String>,
    /// Every price, by currency and country.
    pub prices: Vec<PriceRow>,
    /// Its texts in other languages, by BCP 47 tag.
    pub translations: BTreeMap<String, Translation>,
    /// What it is to others, published or not.
    pub relations: Relations,
    /// Raised by every edit; the `ETag`.
    pub version: i64,
    /// UTC, of the first publication.
    pub published_at: Option<DateTime<Utc>>,
}

/// What a product costs in a currency, everywhere or in one country.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct PriceRow {
    /// ISO 4217.
    pub currency: String,
    /// Minor units; 0 is free.
    pub amount: i64,
    /// ISO 3166-1 alpha-2; null for everywhere else.
    pub country: Option<String>,
    /// `true` where the buyer chooses what to pay; left out elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub pay_what_you_want: Option<bool>,
    /// Minor units: the least that may be chosen; left out where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub minimum_amount: Option<i64>,
    /// Minor units: what is proposed to choose; left out where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub suggested_amount: Option<i64>,
}

/// A product as the back office shows it; 404 when there is none.
///
/// The row is read first: who edits while the rest is read makes the version stale, never the other way round.
pub(super) async fn admin_product(app: &App, id: Uuid) -> Result<AdminProduct> {
    let db = &app.db.read;
    let store = &app.config.store;
    let market = Market { currency: store.currency.clone(), country: store.country.clone() };
    let shown = shown(db, Which::Id(id), &market).await?.ok_or(NOT_FOUND)?;
    let row = &shown.row;
    let own = Wanted::new(Some(store.locale.clone()), None, AcceptLanguage::default());
    let prices = parts::price_list(db, id).await?;
    let translations = queries::translations(db, &[id]).await?;
    let relations = Relations::of(&queries::relations::of(db, &[id]).await?, id);
    Ok(AdminProduct {
        status: row.status,
        relations,
        external_id: row.external_id.clone(),
        version: row.version,
        published_at: row.published_at,
        prices: prices
            .into_iter()
            .map(|row| PriceRow {
                currency: row.currency,
                amount: row.amount,
                country: Some(row.country).filter(|country| !country.is_empty()),
                pay_what_you_want: row.minimum_amount.map(|_| true),
                minimum_amount: row.minimum_amount,
                suggested_amount: row.suggested_amount,
            })
            .collect(),
        translations: translations
            .into_iter()
            .map(|row| {
                (
                    row.locale,
                    Translation { title: row.title, summary: row.summary, description: row.description },
                )
            })
            .collect(),
        product: product_detail(app, Opened(shown), &market, &own, app.clock.now()).await?,
    })
}
