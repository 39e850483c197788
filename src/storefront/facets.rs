//! By what products are counted, and how the counts are shown.
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cards::names;
use crate::{
    app::App,
    catalog::{Market, listing::LabelKind},
    error::Result,
    web::locale::Wanted,
};

/// Values of one facet at most, those with the most products.
const MOST_VALUES: usize = 200;
/// Where buckets of prices end, in hundredths of a major unit, or in hundreds of a currency that has no minor ones.
const BOUNDS: [i64; 6] = [500, 1_000, 2_000, 3_000, 5_000, 10_000];

/// By what products are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Facet {
    /// Tags.
    Tag,
    /// Categories; each counts what stands below it.
    Category,
    /// What it is.
    Kind,
    /// What it runs on.
    Platform,
    /// Languages that it speaks.
    Language,
    /// Ranges of the price in the market.
    Price,
}

/// Counts by facet, each as if its own filter were off; of those that were asked for. The values of a facet that the most
/// products have come first, 200 at most.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Facets {
    /// Tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tag: Option<Vec<FacetValue>>,
    /// Categories; each counts what stands below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub category: Option<Vec<FacetValue>>,
    /// What products are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub kind: Option<Vec<FacetValue>>,
    /// What they run on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub platform: Option<Vec<FacetValue>>,
    /// Languages that they speak.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub language: Option<Vec<FacetValue>>,
    /// Ranges of the price in the market, minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub price: Option<Vec<PriceBucket>>,
}

/// How many products have a value.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FacetValue {
    /// As the filter takes it.
    pub value: String,
    /// As it is shown, in the reader's language where there is a translation.
    pub label: String,
    /// Products.
    pub count: u64,
}

/// How many products cost between two amounts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PriceBucket {
    /// Minor units, inclusive.
    pub from: i64,
    /// Minor units, exclusive; null: without end.
    pub to: Option<i64>,
    /// Products.
    pub count: u64,
}

impl Facet {
    /// As the index counts it in a market.
    pub(super) fn counted(self, market: &Market) -> search::Facet {
        match self {
            Self::Tag => search::Facet::Tag,
            Self::Category => search::Facet::Category,
            Self::Kind => search::Facet::Kind,
            Self::Platform => search::Facet::Platform,
            Self::Language => search::Facet::Language,
            Self::Price => {
                let scale = 10_i64.pow(market.currency.exponent().saturating_sub(2));
                search::Facet::Price([0, 1].into_iter().chain(BOUNDS.map(|bound| bound * scale)).collect())
            }
        }
    }
}

impl Facets {
    fn set(&mut self, facet: Facet, values: Vec<FacetValue>) {
        let place = match facet {
            Facet::Tag => &mut self.tag,
            Facet::Category => &mut self.category,
            Facet::Kind => &mut self.kind,
            Facet::Platform => &mut self.platform,
            // Prices are counted by buckets.
            Facet::Language | Facet::Price => &mut self.language,
        };
        *place = Some(values);
    }
}

/// The counts of facets, labelled for a reader; `counts` stands in the order of `asked`.
pub(super) async fn shown(
    app: &App,
    asked: &[Facet],
    counts: Vec<search::Counts>,
    wanted: &Wanted,
) -> Result<Facets> {
    let mut facets = Facets::default();
    for (facet, counts) in asked.iter().zip(counts) {
        match counts {
            search::Counts::Buckets(buckets) => {
                let bucket = |bucket: search::Bucket| PriceBucket {
                    from: bucket.from,
                    to: bucket.to,
                    count: bucket.count,
                };
                facets.price = Some(buckets.into_iter().map(bucket).collect());
            }
            search::Counts::Labels(mut values) => {
                values.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
                values.truncate(MOST_VALUES);
                let names = match facet {
                    Facet::Tag => names(app, LabelKind::Tag, wanted).await?,
                    Facet::Category => names(app, LabelKind::Category, wanted).await?,
                    _ => Arc::default(),
                };
                let value = |(value, count): (String, u64)| {
                    let label = names.get(&value).map_or_else(|| spelt(&value), |label| label.name.clone());
                    FacetValue { label, value, count }
                };
                facets.set(*facet, values.into_iter().map(value).collect());
            }
        }
    }
    Ok(facets)
}

/// How a value is shown that is its own name in every language.
fn spelt(value: &str) -> String {
    let name = match value {
        "game" => "Game",
        "software" => "Software",
        "ebook" => "E-book",
        "windows" => "Windows",
        "macos" => "macOS",
        "linux" => "Linux",
        "android" => "Android",
        "ios" => "iOS",
        "web" => "Web",
        "any" => "Any",
        other => other,
    };
    name.to_owned()
}
