//! The product that a line asks for.
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{product::Status, product_translation};
use serde_json::json;
use uuid::Uuid;

use super::line::Wanted;
use crate::{
    catalog::Product,
    values::{Locale, Slug, Word},
};

impl Wanted {
    /// A product's row as this line says it is.
    pub(super) fn applied(&self, mut row: Product, slug: Slug, now: DateTime<Utc>) -> Product {
        let line = &self.line;
        let text = |word: &Option<Word>| word.as_ref().map(Word::to_string);
        row.slug = slug.into_string();
        row.kind = line.kind;
        row.title = line.title.to_string();
        row.summary = line.summary.clone().unwrap_or_default();
        row.description = line.description.clone().unwrap_or_default();
        row.publisher = text(&line.publisher);
        row.developer = text(&line.developer);
        row.release_date = line.release_date;
        row.media_urls = json!(self.media_urls);
        row.status = line.status.unwrap_or(row.status);
        if row.status == Status::Published {
            row.published_at = row.published_at.or(Some(now));
        }
        row.tags = json!(self.tags);
        row.categories = json!(self.categories);
        let platforms: BTreeSet<String> =
            line.platforms.iter().flatten().map(sea_orm::ActiveEnum::to_value).collect();
        let languages: BTreeSet<&str> = line.languages.iter().flatten().map(Locale::as_str).collect();
        row.platforms = json!(platforms);
        row.languages = json!(languages);
        row
    }

    /// The rows of its texts in other languages.
    pub(super) fn translation_rows(&self, product_id: Uuid) -> Vec<product_translation::Model> {
        self.translations
            .iter()
            .map(|(locale, texts)| product_translation::Model {
                product_id,
                locale: locale.clone(),
                title: texts.title.to_string(),
                summary: texts.summary.clone(),
                description: texts.description.clone(),
            })
            .collect()
    }
}
