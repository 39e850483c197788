//! What a document becomes in Tantivy: words to be found by, and columns to be loaded.
use std::collections::{BTreeMap, BTreeSet};

use tantivy::{
    TantivyDocument,
    schema::{FAST, Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
};

use crate::{
    analysis::{self, Stems},
    document::Document,
    money,
};

/// Bytes of a whole title that is found as one.
const LONGEST_TITLE: usize = 240;
/// What stands between a language and a word of a title in it; a language alone is every document that has a title in it.
pub(crate) const OF_LANGUAGE: char = ':';
/// What stands in the place of a language where a word is in a title of every language that the document has: names mostly are.
pub(crate) const EVERY_LANGUAGE: char = '*';

/// What stands between a platform and the memory that is needed on it.
pub(crate) const OF_PLATFORM: char = ':';

/// The fields of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    /// Whole titles, folded.
    pub(crate) title_whole: Field,
    /// The words of its titles in every language.
    pub(crate) title: Field,
    /// The same, with the language in front of each, or [`EVERY_LANGUAGE`]; and the languages.
    pub(crate) title_of_language: Field,
    /// The words of everything else it says.
    pub(crate) words: Field,
    /// The words of everything without their endings, where it doesn't say them so too.
    pub(crate) stems: Field,
    ids: [Field; 2],
    sort_title: Field,
    labels: [Field; 7],
    numbers: [Field; 5],
    release_date: Field,
    prices: Field,
    sales: Field,
}

/// The names of the columns with the halves of the ids.
pub(crate) const IDS: [&str; 2] = ["id_high", "id_low"];
/// The names of the label columns: kind, tag, category, platform, what is needed on it, language, publisher.
pub(crate) const LABELS: [&str; 7] = ["kind", "tag", "category", "platform", "need", "language", "publisher"];
/// The names of the columns with one number each.
pub(crate) const NUMBERS: [&str; 5] =
    ["rating_average", "rating_count", "popularity", "created_at", "published_at"];

/// The schema, and its fields.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let indexing = |tokenizer: &str| {
        TextFieldIndexing::default()
            .set_tokenizer(tokenizer)
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false)
    };
    let spaced = TextOptions::default().set_indexing_options(indexing("whitespace"));
    let whole = TextOptions::default().set_indexing_options(indexing("raw"));
    let column = TextOptions::default().set_fast("raw");
    let fields = Fields {
        title_whole: builder.add_text_field("title_whole", whole),
        title: builder.add_text_field("title", spaced.clone()),
        title_of_language: builder.add_text_field("title_of_language", spaced.clone()),
        words: builder.add_text_field("words", spaced.clone()),
        stems: builder.add_text_field("stems", spaced),
        ids: IDS.map(|name| builder.add_u64_field(name, FAST)),
        sort_title: builder.add_text_field("sort_title", column.clone()),
        labels: LABELS.map(|name| builder.add_text_field(name, column.clone())),
        numbers: NUMBERS.map(|name| builder.add_i64_field(name, FAST)),
        release_date: builder.add_i64_field("release_date", FAST),
        prices: builder.add_bytes_field("prices", FAST),
        sales: builder.add_bytes_field("sales", FAST),
    };
    (builder.build(), fields)
}

impl Fields {
    /// A document as Tantivy takes it.
    pub(crate) fn document(&self, document: &Document) -> TantivyDocument {
        let mut out = TantivyDocument::default();
        let (high, low) = document.id.as_u64_pair();
        out.add_u64(self.ids[0], high);
        out.add_u64(self.ids[1], low);
        out.add_text(self.sort_title, &document.sort_title);
        self.add_words(&mut out, document);
        self.add_columns(&mut out, document);
        out
    }

    fn add_words(&self, out: &mut TantivyDocument, document: &Document) {
        let (mut wholes, mut titles) = (BTreeSet::new(), BTreeSet::new());
        let mut of_language: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let names = analysis::findable(&document.names);
        let (mut all, mut stems) = (BTreeSet::new(), BTreeSet::new());
        for text in &document.texts {
            let whole = analysis::fold(&text.title);
            if !whole.is_empty() && whole.len() <= LONGEST_TITLE {
                wholes.insert(whole);
            }
            let words = analysis::findable(&text.title);
            of_language.entry(language_of(&text.language)).or_default().extend(words.iter().cloned());
            let body = analysis::findable(&text.body);
            let mut cutter = Stems::of(&text.language);
            stems.append(&mut cutter.cut(&words));
            stems.append(&mut cutter.cut(&body));
            // A name is said in each language, with the endings that it has there.
            stems.append(&mut cutter.cut(&names));
            all.extend(body);
            titles.extend(words);
        }
        all.extend(names);
        stems.retain(|stem| !titles.contains(stem) && !all.contains(stem));
        // These are found among the titles.
        all.retain(|word| !titles.contains(word));
        for whole in &wholes {
            out.add_text(self.title_whole, whole);
        }
        for (field, words) in [
            (self.title, titles),
            (self.title_of_language, with_languages(of_language)),
            (self.words, all),
            (self.stems, stems),
        ] {
            out.add_text(field, words.into_iter().collect::<Vec<_>>().join(" "));
        }
    }

    fn add_columns(&self, out: &mut TantivyDocument, document: &Document) {
        let labels = &document.labels;
        let [kind, tag, category, platform, need, language, publisher] = self.labels;
        out.add_text(kind, &labels.kind);
        for (field, values) in [
            (tag, &labels.tags),
            (category, &labels.categories),
            (platform, &labels.platforms),
            (language, &labels.languages),
        ] {
            values.iter().for_each(|value| out.add_text(field, value));
        }
        for needed in &labels.needs {
            out.add_text(need, format!("{}{OF_PLATFORM}{}", needed.platform, needed.memory));
        }
        if let Some(name) = &labels.publisher {
            out.add_text(publisher, name);
        }
        let numbers = [
            // Stars are not negative, so the order of the bits is theirs.
            document.rating_average.max(0.0).to_bits().cast_signed(),
            document.rating_count,
            document.popularity,
            document.created_at,
            document.published_at,
        ];
        for (field, number) in self.numbers.into_iter().zip(numbers) {
            out.add_i64(field, number);
        }
        if let Some(day) = document.release_date {
            out.add_i64(self.release_date, day.into());
        }
        if !document.prices.is_empty() {
            out.add_bytes(self.prices, &money::of_prices(&document.prices));
        }
        if !document.sales.is_empty() {
            out.add_bytes(self.sales, &money::of_sales(&document.sales));
        }
    }
}

/// The words of titles with what says in which language they are there, and those languages.
fn with_languages(words: BTreeMap<&str, BTreeSet<String>>) -> BTreeSet<String> {
    let everywhere = words.values().cloned().reduce(|some, others| &some & &others).unwrap_or_default();
    let mut said = BTreeSet::new();
    for (language, words) in words {
        said.insert(format!("{language}{OF_LANGUAGE}"));
        said.extend((&words - &everywhere).iter().map(|word| format!("{language}{OF_LANGUAGE}{word}")));
    }
    said.extend(everywhere.iter().map(|word| format!("{EVERY_LANGUAGE}{OF_LANGUAGE}{word}")));
    said
}

/// The language itself, without its region or script.
pub(crate) fn language_of(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}
