//! A product as the index knows it.
use chrono::NaiveDate;
use sea_orm::ActiveEnum;
use search::{BasePrice, Document, Labels, Need, SaleWindow, Text};

use crate::{
    catalog::Published,
    values::{Locale, fold},
};

/// Raised when documents are made otherwise than before: an index of another version is built anew.
pub(super) const VERSION: u32 = 5;

/// What is indexed of a product; `own` is the language that the catalog is written in.
pub(super) fn document(published: Published, own: &Locale) -> Document {
    let Published { product, translations, prices, shelves, tag_names, needs, sales } = published;
    let makers = [product.publisher.as_deref(), product.developer.as_deref()].into_iter().flatten();
    let names = makers.chain(tag_names.iter().map(String::as_str)).collect::<Vec<_>>().join("\n");
    let text = |language, title, body| Text { language, title, body };
    // A translation without a summary is shown with the product's own.
    let mut texts = vec![text(own.to_string(), product.title.clone(), product.summary.clone())];
    texts.extend(translations.into_iter().map(|translated| {
        let summary = translated.summary.unwrap_or_else(|| product.summary.clone());
        text(translated.locale, translated.title, summary)
    }));
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let words = |values: &serde_json::Value| values.as_array().into_iter().flatten().map(word).collect();
    Document {
        id: product.id,
        texts,
        names,
        labels: Labels {
            kind: serde_json::to_value(product.kind).map(|kind| word(&kind)).unwrap_or_default(),
            tags: words(&product.tags),
            categories: shelves,
            platforms: words(&product.platforms),
            needs: needs
                .into_iter()
                .map(|(platform, memory)| Need { platform: platform.to_value(), memory })
                .collect(),
            languages: words(&product.languages),
            publisher: product.publisher.as_deref().map(fold),
        },
        prices: prices
            .into_iter()
            .filter_map(|price| {
                let country = letters(&price.country);
                Some(BasePrice { currency: letters(&price.currency)?, country, amount: price.amount })
            })
            .collect(),
        sales: sales
            .into_iter()
            .map(|sale| SaleWindow {
                percent: u8::try_from(sale.percent).unwrap_or_default(),
                starts_at: sale.starts_at.timestamp_micros(),
                ends_at: sale.ends_at.timestamp_micros(),
            })
            .collect(),
        release_date: product.release_date.map(day),
        rating_average: product.rating_average,
        rating_count: product.rating_count,
        popularity: product.popularity,
        created_at: product.created_at.timestamp_micros(),
        published_at: product.published_at.unwrap_or(product.created_at).timestamp(),
        sort_title: product.sort_title,
    }
}

/// A code of exactly so many letters.
pub(in crate::storefront) fn letters<const N: usize>(code: &str) -> Option<[u8; N]> {
    code.as_bytes().try_into().ok()
}

/// Days since 1970-01-01.
pub(in crate::storefront) fn day(date: NaiveDate) -> i32 {
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).unwrap_or_default()
}
