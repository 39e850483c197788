//! The query parameters of a list of products.
use chrono::NaiveDate;
use entity::{
    product::{Kind, Status},
    product_platform::Platform,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Filters, ListQuery, Sort, filters::Search, sort::By};
use crate::{
    accounts::Account,
    catalog::Market,
    config,
    error::{Error, Fault, Result},
    languages::Sentence,
    values::{Country, Currency, Locale, Slug, fold},
    web::page::DEFAULT_LIMIT,
};

/// Most words of a search.
const MOST_WORDS: usize = 16;

/// What is asked of a list of products. Repeated parameters are alternatives, except `tag`.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListParameters {
    /// Words: each must begin a word of the product's titles, summaries, makers or tags, in any language.
    #[param(max_length = 200)]
    pub q: Option<String>,
    /// Any of these.
    #[param(inline, max_items = 10)]
    pub kind: Option<Vec<Kind>>,
    /// All of these, by slug.
    #[param(inline, max_items = 20)]
    pub tag: Option<Vec<Slug>>,
    /// Any of these or of what stands below them, by slug.
    #[param(inline, max_items = 20)]
    pub category: Option<Vec<Slug>>,
    /// Any of these.
    #[param(inline, max_items = 10)]
    pub platform: Option<Vec<Platform>>,
    /// What runs on any of these: it is for the platform, or for `any`.
    #[param(inline, max_items = 10)]
    pub runs_on: Option<Vec<Platform>>,
    /// What runs with so many megabytes of memory: it is not known to need more on the platforms of `runs_on`, or on one
    /// of its own.
    #[param(minimum = 1, maximum = 16_777_216)]
    pub memory_mb: Option<i64>,
    /// Any of these languages that the product speaks, exactly: `pt` doesn't find `pt-BR`.
    #[param(inline, max_items = 20)]
    pub language: Option<Vec<Locale>>,
    /// Any of these, whole names; case and diacritics don't count.
    #[param(max_items = 20)]
    pub publisher: Option<Vec<String>>,
    /// Minor units, inclusive. What has no price in the market is left out.
    #[param(minimum = 0)]
    pub price_min: Option<i64>,
    /// Minor units, inclusive. What has no price in the market is left out.
    #[param(minimum = 0)]
    pub price_max: Option<i64>,
    /// What costs nothing, or what costs something. What has no price in the market is left out.
    pub free: Option<bool>,
    /// What is reduced at present, or what isn't. What has no price in the market is left out.
    pub on_sale: Option<bool>,
    /// A day, inclusive.
    pub released_after: Option<NaiveDate>,
    /// A day, inclusive.
    pub released_before: Option<NaiveDate>,
    /// Average stars, inclusive.
    #[param(minimum = 0, maximum = 5)]
    pub rating_min: Option<f64>,
    /// `relevance` (best first) goes with `q` and is then the default; else that is `-popularity`. What is equally relevant
    /// comes by popularity, then by stars. Ties are broken by id; what lacks a price or a date comes last in both directions.
    #[param(inline)]
    pub sort: Option<Sort>,
    /// Whether to add `total`.
    pub count: Option<bool>,
    /// Prices are in it; default: the store's.
    #[param(inline)]
    pub currency: Option<Currency>,
    /// Prices are for it; default: the account's, else the store's.
    #[param(inline)]
    pub country: Option<Country>,
    /// Texts are in it where they are translated; default: the account's, then `Accept-Language`, then the store's.
    #[param(inline)]
    pub locale: Option<Locale>,
    /// Items at most.
    #[param(minimum = 1, maximum = 100, default = 24)]
    pub limit: Option<u64>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl ListParameters {
    /// The market that is asked for.
    pub fn market(&self, account: Option<&Account>, store: &config::Store) -> Market {
        Market::asked(self.currency.clone(), self.country.clone(), account, store)
    }

    /// The list that is asked for, of products of these statuses; all when there are none.
    pub fn query(self, status: &[Status]) -> Result<ListQuery> {
        let words = self.q.as_deref().and_then(Search::of);
        let mut faults = Vec::new();
        if words.as_ref().is_some_and(|search| search.words.len() > MOST_WORDS) {
            let most = Sentence::from("must have at most { $most } words").with("most", MOST_WORDS);
            faults.push(Fault::new("q", "too_many", most));
        }
        let default = if words.is_some() { Sort::RELEVANCE } else { Sort::POPULAR };
        let sort = self.sort.unwrap_or(default);
        if sort.by == By::Relevance && words.is_none() {
            faults.push(Fault::new("sort", "invalid_choice", "goes by relevance only with `q`"));
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let slugs = |slugs: Option<Vec<Slug>>| set(slugs.into_iter().flatten().map(Slug::into_string));
        let filters = Filters {
            status: status.to_vec(),
            words,
            kind: self.kind.unwrap_or_default(),
            tag: slugs(self.tag),
            category: slugs(self.category),
            platform: self.platform.unwrap_or_default(),
            runs_on: self.runs_on.unwrap_or_default(),
            memory_mb: self.memory_mb,
            language: set(self.language.into_iter().flatten().map(Locale::into_string)),
            publisher: set(self.publisher.into_iter().flatten().map(|name| fold(&name))),
            spellings: Vec::new(),
            price_min: self.price_min,
            price_max: self.price_max,
            free: self.free,
            on_sale: self.on_sale,
            released_after: self.released_after,
            released_before: self.released_before,
            rating_min: self.rating_min,
        };
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        Ok(ListQuery { filters, sort, count: self.count.unwrap_or_default(), limit, cursor: self.cursor })
    }
}

/// In one order and each once, so that a cursor doesn't depend on how they were written.
fn set(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut values: Vec<String> = values.collect();
    values.sort_unstable();
    values.dedup();
    values
}
