//! Which products a list holds, as conditions on `product p`.
use chrono::NaiveDate;
use entity::{
    product::{Kind, Status},
    product_platform::Platform,
};
use sea_orm::ActiveEnum;
use serde::Serialize;

use super::{costs::Costs, sql::Sql};
use crate::values::{fold, words};

/// Which products; what is absent or empty restricts nothing.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Filters {
    /// Any of these.
    pub status: Vec<Status>,
    /// What is searched for.
    pub words: Option<Search>,
    /// Any of these.
    pub kind: Vec<Kind>,
    /// All of these, by slug.
    pub tag: Vec<String>,
    /// Any of these or of what stands below them, by slug.
    pub category: Vec<String>,
    /// Any of these.
    pub platform: Vec<Platform>,
    /// What runs on any of these.
    pub runs_on: Vec<Platform>,
    /// Megabytes: what is not known to need more memory.
    pub memory_mb: Option<i64>,
    /// Any of these.
    pub language: Vec<String>,
    /// Any of these, folded.
    pub publisher: Vec<String>,
    /// How the catalog spells those publishers.
    #[serde(skip)]
    pub(super) spellings: Vec<String>,
    /// Minor units, inclusive.
    pub price_min: Option<i64>,
    /// Minor units, inclusive.
    pub price_max: Option<i64>,
    /// Whether it costs nothing, or something.
    pub free: Option<bool>,
    /// Whether a sale runs.
    pub on_sale: Option<bool>,
    /// Inclusive.
    pub released_after: Option<NaiveDate>,
    /// Inclusive.
    pub released_before: Option<NaiveDate>,
    /// Average stars, inclusive.
    pub rating_min: Option<f64>,
}

/// What is searched for, folded.
#[derive(Clone, Debug, Serialize)]
pub struct Search {
    /// The whole text.
    pub text: String,
    /// Its words.
    pub words: Vec<String>,
}

impl Search {
    /// The words of a text; none when it is blank.
    pub fn of(text: &str) -> Option<Self> {
        let folded = fold(text);
        (!folded.is_empty()).then(|| Self { words: words(text), text: folded })
    }

    /// How well a title fits, 3 to 0: it is the text, begins with it, holds every word, or neither.
    pub(super) fn tier(&self, sql: &mut Sql) -> String {
        let text = sql.bind(self.text.as_str());
        let length = self.text.chars().count();
        let holds = self.words.iter().map(|word| {
            let pattern = sql.bind(format!("%{word}%"));
            format!("p.sort_title LIKE {pattern}")
        });
        let holds = holds.collect::<Vec<_>>().join(" AND ");
        let holds = if holds.is_empty() { "FALSE" } else { &holds };
        format!(
            "CASE WHEN p.sort_title = {text} THEN 3 WHEN substr(p.sort_title, 1, {length}) = {text} THEN 2 \
             WHEN {holds} THEN 1 ELSE 0 END"
        )
    }
}

impl Filters {
    /// Whether nothing without a price can be among them.
    pub(super) fn need_price(&self) -> bool {
        self.price_min.is_some() || self.price_max.is_some() || self.free.is_some() || self.on_sale.is_some()
    }

    /// Whether nothing without a date can be among them.
    pub(super) fn need_date(&self) -> bool {
        self.released_after.is_some() || self.released_before.is_some()
    }

    /// The conditions on `p`.
    pub(super) fn conditions(&self, costs: &Costs, sql: &mut Sql) -> Vec<String> {
        let mut all = vec![format!("p.status {}", one_of(&self.status))];
        if !self.kind.is_empty() {
            all.push(format!("p.kind {}", one_of(&self.kind)));
        }
        for tag in &self.tag {
            let tag = sql.bind(tag.as_str());
            all.push(format!(
                "EXISTS (SELECT 1 FROM product_tag x WHERE x.product_id = p.id \
                 AND x.tag_id = (SELECT t.id FROM tag t WHERE t.slug = {tag}))"
            ));
        }
        if !self.category.is_empty() {
            let slugs = sql.bind_all(self.category.iter().map(String::as_str));
            all.push(format!(
                "EXISTS (SELECT 1 FROM product_category x WHERE x.product_id = p.id AND x.category_id IN (\
                 WITH RECURSIVE shelf(id) AS (SELECT c.id FROM category c WHERE c.slug IN ({slugs}) \
                 UNION SELECT c.id FROM category c JOIN shelf s ON c.parent_id = s.id) SELECT s.id FROM shelf s))"
            ));
        }
        if !self.platform.is_empty() {
            all.push(format!(
                "EXISTS (SELECT 1 FROM product_platform x WHERE x.product_id = p.id AND x.platform {})",
                one_of(&self.platform)
            ));
        }
        if !self.runs_on.is_empty() || self.memory_mb.is_some() {
            all.push(self.machine(sql));
        }
        if !self.language.is_empty() {
            let tags = sql.bind_all(self.language.iter().map(String::as_str));
            all.push(format!(
                "EXISTS (SELECT 1 FROM product_language x WHERE x.product_id = p.id AND x.language IN ({tags}))"
            ));
        }
        if !self.publisher.is_empty() {
            let spellings = sql.bind_all(self.spellings.iter().map(String::as_str));
            all.push(if spellings.is_empty() {
                "FALSE".to_owned()
            } else {
                format!("p.publisher IN ({spellings})")
            });
        }
        self.push_ranges(costs, &mut all, sql);
        if let Some(search) = &self.words {
            all.extend(self.matching(search, sql));
        }
        all
    }

    fn machine(&self, sql: &mut Sql) -> String {
        let mut asked = self.runs_on.clone();
        if !asked.is_empty() {
            asked.push(Platform::Any);
        }
        let memory = match self.memory_mb {
            Some(has) => format!("AND (x.memory_mb IS NULL OR x.memory_mb <= {})", sql.bind(has)),
            None => String::new(),
        };
        format!(
            "EXISTS (SELECT 1 FROM product_platform x WHERE x.product_id = p.id AND x.platform {} {memory})",
            one_of(&asked)
        )
    }

    fn push_ranges(&self, costs: &Costs, all: &mut Vec<String>, sql: &mut Sql) {
        let Costs { base, now: price, on_sale, .. } = costs;
        if let Some(least) = self.price_min {
            all.push(format!("{price} >= {}", sql.bind(least)));
        }
        if let Some(most) = self.price_max {
            all.push(format!("{price} <= {}", sql.bind(most)));
        }
        match self.free {
            Some(true) => all.push(format!("{price} = 0")),
            Some(false) => all.push(format!("{price} > 0")),
            None => {}
        }
        match self.on_sale {
            Some(true) => all.push(format!("{base} IS NOT NULL AND {on_sale}")),
            Some(false) => all.push(format!("{base} IS NOT NULL AND NOT {on_sale}")),
            None => {}
        }
        if let Some(first) = self.released_after {
            all.push(format!("p.release_date >= {}", sql.bind(first)));
        }
        if let Some(last) = self.released_before {
            all.push(format!("p.release_date <= {}", sql.bind(last)));
        }
        if let Some(least) = self.rating_min {
            all.push(format!("p.rating_average >= {}", sql.bind(least)));
        }
    }

    /// Every word begins a word of the product's; one of a script without spaces may stand anywhere. A word is
    /// letters and digits, so it holds no wildcard. A text without any word is found nowhere.
    fn matching(&self, search: &Search, sql: &mut Sql) -> Vec<String> {
        if search.words.is_empty() {
            return vec!["FALSE".to_owned()];
        }
        let condition = |word: &String| {
            let spaced = !word.chars().any(search::is_unspaced);
            let pattern = sql.bind(if spaced { format!("% {word}%") } else { format!("%{word}%") });
            format!("p.search_text LIKE {pattern}")
        };
        search.words.iter().map(condition).collect()
    }
}

/// `= 'a'` or `IN ('a', 'b')`, written out so that the index is chosen for the very values. All when there are none.
fn one_of<E: ActiveEnum<Value = String> + sea_orm::Iterable>(values: &[E]) -> String {
    let all: Vec<E> = if values.is_empty() { E::iter().collect() } else { Vec::new() };
    let texts: Vec<String> =
        values.iter().chain(&all).map(|value| format!("'{}'", value.to_value())).collect();
    match texts.as_slice() {
        [only] => format!("= {only}"),
        several => format!("IN ({})", several.join(", ")),
    }
}
