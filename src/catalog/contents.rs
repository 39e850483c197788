//! The parts of a product that an editor hands in, whether it is new or edited: labels, platforms, prices.
use std::collections::{BTreeSet, HashMap};

use entity::{
    product_category, product_language,
    product_platform::{self, Platform},
    product_price, product_tag,
};
use sea_orm::ConnectionTrait;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    pricing::replace_prices,
    queries::{categories, parts, tags},
};
use crate::{
    clock::Clock,
    error::{Error, Fault, Result},
    languages::Sentence,
    values::{Country, Currency, Locale, Slug},
};

/// What a product costs in a currency, everywhere or in one country.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPrice {
    /// ISO 4217.
    pub currency: Currency,
    /// Minor units; 0 is free.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub amount: i64,
    /// ISO 3166-1 alpha-2; everywhere else when absent.
    pub country: Option<Country>,
    /// Whether the buyer chooses what to pay, and `amount` is paid by who chooses nothing; default: no.
    #[schema(nullable = false)]
    pub pay_what_you_want: Option<bool>,
    /// Minor units: the least that may be chosen, at most `amount`; default: 0. Only with `pay_what_you_want`.
    #[schema(nullable = false, minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub minimum_amount: Option<i64>,
    /// Minor units: what is proposed to choose, at least `minimum_amount`. Only with `pay_what_you_want`.
    #[schema(nullable = false, minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub suggested_amount: Option<i64>,
}

impl NewPrice {
    /// A price of which nobody chooses the amount, for everywhere.
    pub(super) fn plain(currency: Currency, amount: i64) -> Self {
        Self {
            currency,
            amount,
            country: None,
            pay_what_you_want: None,
            minimum_amount: None,
            suggested_amount: None,
        }
    }

    /// The least that may be chosen; none where nothing is.
    fn minimum(&self) -> Option<i64> {
        (self.pay_what_you_want == Some(true)).then(|| self.minimum_amount.unwrap_or_default())
    }

    fn choice_faults(&self, field: &str) -> Vec<Fault> {
        let at = |member: &str| format!("{field}.{member}");
        let Some(minimum) = self.minimum() else {
            let given =
                [("minimum_amount", self.minimum_amount), ("suggested_amount", self.suggested_amount)];
            let stray = given.into_iter().filter(|(_, amount)| amount.is_some());
            return stray
                .map(|(member, _)| {
                    Fault::new(at(member), "nothing_to_choose", "must come with `pay_what_you_want`")
                })
                .collect();
        };
        let mut faults = Vec::new();
        if minimum > self.amount {
            let rule = Sentence::from("must be at most { $most }").with("most", self.amount);
            faults.push(Fault::new(at("minimum_amount"), "out_of_range", rule));
        }
        if self.suggested_amount.is_some_and(|suggested| suggested < minimum) {
            let rule = Sentence::from("must be at least { $least }").with("least", minimum);
            faults.push(Fault::new(at("suggested_amount"), "out_of_range", rule));
        }
        faults
    }
}

/// The parts of a product; what is absent stays as it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Contents {
    pub tags: Option<Vec<Slug>>,
    pub categories: Option<Vec<Slug>>,
    pub platforms: Option<Vec<Platform>>,
    pub languages: Option<Vec<Locale>>,
    pub prices: Option<Vec<NewPrice>>,
}

/// Parts whose tags and categories are known.
pub(super) struct Resolved<'a> {
    contents: &'a Contents,
    tags: Option<BTreeSet<Uuid>>,
    categories: Option<BTreeSet<Uuid>>,
}

impl Contents {
    /// Finds the tags and categories, and holds them against deletion. Comes before the product is locked, as all
    /// who lock both do. 422 with what is unknown or doubled, and with the `faults` that were found before.
    pub(super) async fn resolve(
        &self,
        tx: &impl ConnectionTrait,
        mut faults: Vec<Fault>,
    ) -> Result<Resolved<'_>> {
        let names = |slugs: &Option<Vec<Slug>>| -> Vec<String> {
            slugs.iter().flatten().map(Slug::to_string).collect()
        };
        let known_tags = tags::ids(tx, &names(&self.tags)).await?;
        let known_categories = categories::ids(tx, &names(&self.categories)).await?;
        let unknown = |field| Fault::new(field, "unknown_tag", "does not exist");
        let tags = pick("tags", unknown, self.tags.as_deref(), &known_tags, &mut faults);
        let unknown = |field| Fault::new(field, "unknown_category", "does not exist");
        let categories =
            pick("categories", unknown, self.categories.as_deref(), &known_categories, &mut faults);
        faults.extend(price_faults("prices", self.prices.iter().flatten()));
        if faults.is_empty() {
            Ok(Resolved { contents: self, tags, categories })
        } else {
            Err(Error::Invalid(faults))
        }
    }
}

impl Resolved<'_> {
    /// Writes the parts in place of those the product had.
    pub(super) async fn write(
        self,
        tx: &impl ConnectionTrait,
        product_id: Uuid,
        clock: &Clock,
    ) -> Result<()> {
        let id = [product_id];
        if let Some(tags) = self.tags {
            let rows = tags.into_iter().map(|tag_id| product_tag::Model { product_id, tag_id });
            parts::replace_tags(tx, &id, rows.collect()).await?;
        }
        if let Some(categories) = self.categories {
            let rows =
                categories.into_iter().map(|category_id| product_category::Model { product_id, category_id });
            parts::replace_categories(tx, &id, rows.collect()).await?;
        }
        if let Some(platforms) = &self.contents.platforms {
            parts::replace_platforms(tx, &id, platform_rows(product_id, platforms)).await?;
        }
        if let Some(languages) = &self.contents.languages {
            parts::replace_languages(tx, &id, language_rows(product_id, languages)).await?;
        }
        if let Some(prices) = &self.contents.prices {
            replace_prices(tx, &id, price_rows(product_id, prices), clock).await?;
        }
        Ok(())
    }
}

fn pick(
    field: &str,
    unknown: impl Fn(String) -> Fault,
    asked: Option<&[Slug]>,
    known: &HashMap<String, Uuid>,
    faults: &mut Vec<Fault>,
) -> Option<BTreeSet<Uuid>> {
    let mut found = BTreeSet::new();
    for (index, slug) in asked?.iter().enumerate() {
        match known.get(slug.as_str()) {
            Some(id) => {
                found.insert(*id);
            }
            None => faults.push(unknown(format!("{field}[{index}]"))),
        }
    }
    Some(found)
}

/// The prices that stand for the same currency and country as one before them, or let buyers choose what can't be.
pub(super) fn price_faults<'a>(field: &str, prices: impl Iterator<Item = &'a NewPrice>) -> Vec<Fault> {
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for (index, price) in prices.enumerate() {
        let market = (price.currency.as_str(), price.country.as_ref().map(Country::as_str));
        if !seen.insert(market) {
            faults.push(Fault::new(
                format!("{field}[{index}]"),
                "duplicate",
                "there is a price for this currency and country already",
            ));
        }
        faults.extend(price.choice_faults(&format!("{field}[{index}]")));
    }
    faults
}

pub(super) fn platform_rows(product_id: Uuid, platforms: &[Platform]) -> Vec<product_platform::Model> {
    let platforms: BTreeSet<Platform> = platforms.iter().copied().collect();
    platforms
        .into_iter()
        .map(|platform| product_platform::Model { product_id, platform, memory_mb: None })
        .collect()
}

pub(super) fn language_rows(product_id: Uuid, languages: &[Locale]) -> Vec<product_language::Model> {
    let languages: BTreeSet<String> = languages.iter().map(Locale::to_string).collect();
    languages.into_iter().map(|language| product_language::Model { product_id, language }).collect()
}

pub(super) fn price_rows(product_id: Uuid, prices: &[NewPrice]) -> Vec<product_price::Model> {
    prices
        .iter()
        .map(|price| product_price::Model {
            product_id,
            currency: price.currency.to_string(),
            country: price.country.as_ref().map(Country::to_string).unwrap_or_default(),
            amount: price.amount,
            minimum_amount: price.minimum(),
            suggested_amount: price.minimum().and(price.suggested_amount),
        })
        .collect()
}
