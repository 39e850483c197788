//! One line of an import: what it says, and what a product is that says the same.
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::{
    product::{Kind, Status},
    product_platform::Platform,
};
use serde::Deserialize;
use url::Url;
use utoipa::ToSchema;

use crate::{
    catalog::{
        contents::{NewPrice, price_faults},
        sales::NewSale,
        texts::NewTranslation,
    },
    error::{Error, Fault, Result},
    languages::Sentence,
    values::{Currency, Locale, Slug, Word},
    web::json,
};

/// Longest address of a picture, bytes.
const LONGEST_URL: usize = 2000;
/// Most languages that a product is described in.
const MOST_TRANSLATIONS: usize = 100;

/// A product as a line of an import says it.
///
/// It says all of it: what is absent is empty, but for `slug`, `status` and `sales`, which then stay as they are, and for
/// what a line can't say: prices of single countries, what buyers may choose to pay, age ratings, system requirements.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportLine {
    /// Its id in the file: the product that bears it is updated.
    pub external_id: Word,
    /// What it is.
    pub kind: Kind,
    /// Its name in addresses; made from the title when absent.
    pub slug: Option<Slug>,
    /// In the store's own language.
    pub title: Word,
    /// One or two sentences.
    #[schema(max_length = 500)]
    pub summary: Option<String>,
    /// Markdown.
    #[schema(max_length = 100_000)]
    pub description: Option<String>,
    /// Who sells it.
    pub publisher: Option<Word>,
    /// Who made it.
    pub developer: Option<Word>,
    /// First released.
    pub release_date: Option<NaiveDate>,
    /// Slugs; those that are not there are made.
    #[schema(max_items = 50)]
    pub tags: Option<Vec<Slug>>,
    /// Slugs; those that are not there are made.
    #[schema(max_items = 50)]
    pub categories: Option<Vec<Slug>>,
    /// What it runs on.
    #[schema(max_items = 20)]
    pub platforms: Option<Vec<Platform>>,
    /// BCP 47.
    #[schema(max_items = 200)]
    pub languages: Option<Vec<Locale>>,
    /// One for each currency.
    #[schema(max_items = 200)]
    pub prices: Option<Vec<ImportPrice>>,
    /// The sales that run or are to come, which stay as they are when absent; what is over is passed over.
    #[schema(max_items = 20)]
    pub sales: Option<Vec<NewSale>>,
    /// By BCP 47 tag.
    pub translations: Option<BTreeMap<String, NewTranslation>>,
    /// Addresses of pictures, http or https; the first is the cover.
    #[schema(max_items = 50)]
    pub media_urls: Option<Vec<String>>,
    /// Where it stands; a new one is a draft when absent.
    pub status: Option<Status>,
}

/// What a product costs in a currency, everywhere.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportPrice {
    /// ISO 4217.
    pub currency: Currency,
    /// Minor units; 0 is free.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub amount: i64,
}

/// A line that was read and found right.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// What it says.
    pub line: ImportLine,
    /// Sorted.
    pub tags: BTreeSet<String>,
    /// Sorted.
    pub categories: BTreeSet<String>,
    /// For everywhere.
    pub prices: Vec<NewPrice>,
    /// By canonical BCP 47 tag.
    pub translations: BTreeMap<String, NewTranslation>,
    /// Canonical.
    pub media_urls: Vec<String>,
}

/// Reads a line; 422 with everything that is wrong with it.
pub(super) fn read(bytes: &[u8]) -> Result<Wanted> {
    let mut line: ImportLine = json::parse(bytes)?;
    let mut faults = Vec::new();
    let prices = line.prices.take().unwrap_or_default().into_iter();
    let prices: Vec<NewPrice> = prices.map(|price| NewPrice::plain(price.currency, price.amount)).collect();
    faults.extend(price_faults("prices", prices.iter()));
    let translations = translations(line.translations.take().unwrap_or_default(), &mut faults);
    let media_urls = media_urls(&line.media_urls.take().unwrap_or_default(), &mut faults);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let slugs = |slugs: &Option<Vec<Slug>>| slugs.iter().flatten().map(Slug::to_string).collect();
    Ok(Wanted {
        tags: slugs(&line.tags),
        categories: slugs(&line.categories),
        prices,
        translations,
        media_urls,
        line,
    })
}

fn translations(
    given: BTreeMap<String, NewTranslation>,
    faults: &mut Vec<Fault>,
) -> BTreeMap<String, NewTranslation> {
    let mut read = BTreeMap::new();
    if given.len() > MOST_TRANSLATIONS {
        let rule = Sentence::from("must have at most { $most } items").with("most", MOST_TRANSLATIONS);
        faults.push(Fault::new("translations", "too_many", rule));
    }
    for (tag, texts) in given {
        let field = format!("translations.{tag}");
        match Locale::parse(&tag) {
            Err(invalid) => faults.push(Fault::of(field, invalid)),
            Ok(locale) => {
                if read.insert(locale.into_string(), texts).is_some() {
                    faults.push(Fault::new(field, "duplicate", "is there in another spelling"));
                }
            }
        }
    }
    read
}

fn media_urls(given: &[String], faults: &mut Vec<Fault>) -> Vec<String> {
    let mut read = Vec::new();
    for (index, text) in given.iter().enumerate() {
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.as_str().len() <= LONGEST_URL => {
                read.push(url.into());
            }
            _ => {
                let rule = Sentence::from("is not an address of http or https of at most { $most } bytes");
                let rule = rule.with("most", LONGEST_URL);
                faults.push(Fault::new(format!("media_urls[{index}]"), "invalid_url", rule));
            }
        }
    }
    read
}
