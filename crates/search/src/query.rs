//! What is asked, and what is answered.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::analysis;

/// Where prices are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Market {
    /// ISO 4217.
    pub currency: [u8; 3],
    /// ISO 3166-1 alpha-2: a price of its own comes before the one for everywhere.
    pub country: [u8; 2],
}

/// What decides the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// How well the words fit, then popularity, then stars.
    Relevance,
    /// The folded title.
    Title,
    /// What it costs now; what has no price comes last in both directions.
    Price,
    /// When it was released; what has no date comes last in both directions.
    ReleaseDate,
    /// The average, then the count of stars.
    Rating,
    /// How often it was bought lately.
    Popularity,
    /// When it was added.
    CreatedAt,
    /// When it was first there for everybody.
    PublishedAt,
}

/// An order; ties are broken by id, in the same direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// What decides.
    pub by: By,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// Where a document stands in an order. What is missing has no key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Key {
    /// A price, a day, a count, a time.
    Number(i64),
    /// Stars and their count.
    Pair(i64, i64),
    /// How well the words fit, popularity, stars and their count.
    Fit(i64, i64, i64, i64),
    /// A title.
    Text(String),
}

/// A place in an order: what comes behind it is the next page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// None for what has no key in this order.
    pub key: Option<Key>,
    /// Breaks ties.
    pub id: Uuid,
}

/// Words that are searched for, within bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The whole text, folded.
    pub(crate) text: String,
    /// Its words, folded.
    pub(crate) words: Vec<String>,
}

impl Words {
    /// Words of a query at most; more are not looked at.
    pub const MOST: usize = 16;
    /// Characters of a query at most; more are not looked at.
    pub const LONGEST: usize = 200;

    /// The words of a text; none when it is blank.
    pub fn of(text: &str) -> Option<Self> {
        let text: String = text.chars().take(Self::LONGEST).collect();
        let folded = analysis::fold(&text);
        let mut words = analysis::words(&text);
        words.truncate(Self::MOST);
        (!folded.is_empty()).then_some(Self { text: folded, words })
    }

    /// Whether each of them begins a word of a name.
    pub fn begin(&self, name: &str) -> bool {
        let there = analysis::words(name);
        !self.words.is_empty()
            && self.words.iter().all(|word| there.iter().any(|other| other.starts_with(word.as_str())))
    }
}

/// What a machine is and has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// Any of these platforms; all when there are none.
    pub platforms: Vec<String>,
    /// Megabytes of memory; what a document needs isn't compared when absent.
    pub memory: Option<i64>,
}

/// Which documents; what is absent or empty restricts nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filters {
    /// Any of these.
    pub kinds: Vec<String>,
    /// All of these.
    pub tags: Vec<String>,
    /// Any of these.
    pub categories: Vec<String>,
    /// Any of these.
    pub platforms: Vec<String>,
    /// What runs on it.
    pub machine: Option<Machine>,
    /// Any of these.
    pub languages: Vec<String>,
    /// Any of these, folded.
    pub publishers: Vec<String>,
    /// Minor units, inclusive.
    pub price_min: Option<i64>,
    /// Minor units, inclusive.
    pub price_max: Option<i64>,
    /// Whether it costs nothing, or something.
    pub free: Option<bool>,
    /// Whether a sale runs on it; what has no price is neither.
    pub on_sale: Option<bool>,
    /// Days since 1970, inclusive.
    pub released_after: Option<i32>,
    /// Days since 1970, inclusive.
    pub released_before: Option<i32>,
    /// Average stars, inclusive.
    pub rating_min: Option<f64>,
}

/// What documents are counted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Facet {
    /// What it is.
    Kind,
    /// Its tags.
    Tag,
    /// Its categories, with those above.
    Category,
    /// What it runs on.
    Platform,
    /// Its languages.
    Language,
    /// Its price, from each of these bounds to the next; ascending, minor units.
    Price(Vec<i64>),
}

/// A question.
#[derive(Clone, Debug)]
pub struct Query {
    /// What is searched for.
    pub words: Option<Words>,
    /// The languages that the reader would like, best first: BCP 47.
    pub languages: Vec<String>,
    /// Which documents.
    pub filters: Filters,
    /// Where prices are asked for.
    pub market: Market,
    /// Microseconds since 1970: when prices are asked for.
    pub now: i64,
    /// In which order.
    pub sort: Sort,
    /// Where the page before ended.
    pub after: Option<Place>,
    /// Documents at most.
    pub limit: usize,
    /// What to count by, each as if its own filter were off.
    pub facets: Vec<Facet>,
    /// Whether to count all that fit.
    pub count: bool,
}

/// A document that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its id.
    pub id: Uuid,
    /// Its place in the order.
    pub place: Place,
}

/// How many documents cost between two bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Minor units, inclusive.
    pub from: i64,
    /// Minor units, exclusive; none above the last bound.
    pub to: Option<i64>,
    /// How many.
    pub count: u64,
}

/// The counts of a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counts {
    /// Labels that occur, with how often; in the order of the labels.
    Labels(Vec<(String, u64)>),
    /// Every bucket, empty ones too.
    Buckets(Vec<Bucket>),
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// A page.
    pub hits: Vec<Hit>,
    /// Whether more come behind it.
    pub more: bool,
    /// How many there are, if that was asked.
    pub total: Option<u64>,
    /// What was asked to be counted, in the order in which it was asked.
    pub facets: Vec<Counts>,
    /// Microseconds since 1970: when a sale begins or ends next, and this answer may be another one.
    pub until: Option<i64>,
    /// Other words that find something, where these are found nowhere.
    pub did_you_mean: Option<String>,
}
