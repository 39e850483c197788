//! What is indexed.
use uuid::Uuid;

/// Something to be found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Its id.
    pub id: Uuid,
    /// Its title folded for sorting.
    pub sort_title: String,
    /// What it is called and what is said of it, in every language there is.
    pub texts: Vec<Text>,
    /// What else it is found by, whichever the language: names of its makers and its tags.
    pub names: String,
    /// What it may be filtered and counted by.
    pub labels: Labels,
    /// Where it costs what, without any sale.
    pub prices: Vec<BasePrice>,
    /// When it costs less: none overlaps another.
    pub sales: Vec<SaleWindow>,
    /// Days since 1970-01-01, negative before.
    pub release_date: Option<i32>,
    /// Average stars, 0 without any.
    pub rating_average: f64,
    /// How many stars the average is of.
    pub rating_count: i64,
    /// How often it was bought lately.
    pub popularity: i64,
    /// Microseconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970: when it was first there for everybody.
    pub published_at: i64,
}

/// What a document says in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// BCP 47.
    pub language: String,
    /// What it is called.
    pub title: String,
    /// What else it is found by in that language: a summary.
    pub body: String,
}

/// The labels of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// What it is.
    pub kind: String,
    /// Of which a filter asks for all.
    pub tags: Vec<String>,
    /// With everything that stands above them.
    pub categories: Vec<String>,
    /// What it runs on.
    pub platforms: Vec<String>,
    /// What it needs, on each platform of which that is known.
    pub needs: Vec<Need>,
    /// BCP 47.
    pub languages: Vec<String>,
    /// Who sells it, folded.
    pub publisher: Option<String>,
}

/// What a document needs on a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// As in [`Labels::platforms`].
    pub platform: String,
    /// Megabytes of memory at least.
    pub memory: i64,
}

/// What a document costs somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasePrice {
    /// ISO 4217.
    pub currency: [u8; 3],
    /// ISO 3166-1 alpha-2; none where no price of the country's own is.
    pub country: Option<[u8; 2]>,
    /// Minor units.
    pub amount: i64,
}

/// A time in which a document costs less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaleWindow {
    /// 1 to 100.
    pub percent: u8,
    /// Microseconds since 1970, inclusive.
    pub starts_at: i64,
    /// Microseconds since 1970, exclusive.
    pub ends_at: i64,
}

impl SaleWindow {
    /// Whether it runs at a time.
    pub fn runs_at(&self, now: i64) -> bool {
        self.starts_at <= now && now < self.ends_at
    }
}

/// An amount less some percent, rounded half away from zero to whole minor units, whichever the currency's are.
pub fn reduced(amount: i64, percent: i64) -> i64 {
    let hundredfold = amount.saturating_mul(100 - percent);
    hundredfold.saturating_add(hundredfold.signum() * 50) / 100
}
