//! Measures the index: CPU time of questions, size, memory, and how often a misspelt title is found.
//!
//! `zcat catalog.ndjson.gz | cargo run --release -p search --example measure -- DOCUMENTS [SEED [mixed]]`: the lines of an
//! import on standard input are indexed as they are and, beyond their number, recombined: with the labels of another line,
//! or, `mixed`, with labels each of which may come from any line, so that hardly any two documents bear the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]
use std::{collections::BTreeMap, io::BufRead, time::Instant};

use rustix::time::{ClockId, clock_gettime};
use search::{
    BasePrice, By, Counts, Document, Facet, Filters, Index, Labels, Market, Opened, Place, Query, Rebuild,
    SaleWindow, Snapshot, Sort, Text, Words, fold,
};
use serde_json::Value;
use uuid::Uuid;

/// As in the store: what is freed goes back, so that the memory told is what is used.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const NOW: i64 = 1_700_000_000_000_000;
const DAY: i64 = 86_400_000_000;

/// SplitMix64: a seed says all.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

fn texts(line: &Value, name: &str) -> Vec<String> {
    line[name].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn read(line: &Value, random: &mut Random) -> Document {
    let text = |value: &Value, language: &str| Text {
        language: language.to_owned(),
        title: value["title"].as_str().unwrap_or_default().to_owned(),
        body: value["summary"].as_str().unwrap_or_default().to_owned(),
    };
    let mut all = vec![text(line, "en")];
    for (language, translation) in line["translations"].as_object().into_iter().flatten() {
        all.push(text(translation, language));
    }
    let base = i64::try_from(random.below(15)).unwrap() * 500;
    let price = |(currency, factor): (&[u8; 3], i64)| BasePrice {
        currency: *currency,
        country: None,
        amount: base * factor / 100,
    };
    let on_sale = random.below(10) == 0;
    let window = SaleWindow { percent: 25, starts_at: NOW - DAY, ends_at: NOW + DAY };
    Document {
        id: Uuid::from_u64_pair(random.next(), random.next()),
        sort_title: fold(line["title"].as_str().unwrap_or_default()),
        texts: all,
        names: String::new(),
        labels: Labels {
            kind: line["kind"].as_str().unwrap_or_default().to_owned(),
            tags: texts(line, "tags"),
            categories: texts(line, "categories"),
            platforms: texts(line, "platforms"),
            needs: Vec::new(),
            languages: texts(line, "languages"),
            publisher: line["publisher"].as_str().map(fold),
        },
        prices: [(b"USD", 100), (b"EUR", 90), (b"JPY", 15_000)].map(price).to_vec(),
        sales: on_sale.then_some(window).into_iter().collect(),
        release_date: Some(i32::try_from(random.below(12_000)).unwrap()),
        rating_average: f64::from(u32::try_from(random.below(41)).unwrap()) / 10.0 + 1.0,
        rating_count: i64::try_from(random.below(500)).unwrap(),
        popularity: i64::try_from(random.below(10_000)).unwrap(),
        created_at: NOW - i64::try_from(random.below(1_000_000_000)).unwrap() * 1000,
        published_at: NOW / 1_000_000 - i64::try_from(random.below(100_000_000)).unwrap(),
    }
}

/// As many labels of a kind as some document has, each from any document.
fn shuffled(real: &[Document], random: &mut Random, of: impl Fn(&Labels) -> &Vec<String>) -> Vec<String> {
    let many = of(&random.of(real).labels).len();
    let mut labels: Vec<String> = (0..many * 4)
        .filter_map(|_| {
            let from = of(&random.of(real).labels);
            (!from.is_empty()).then(|| random.of(from).clone())
        })
        .take(many)
        .collect();
    labels.sort();
    labels.dedup();
    labels
}

/// Another document from parts of some.
fn recombined(real: &[Document], mixed: bool, random: &mut Random) -> Document {
    let mut made = random.of(real).clone();
    let (other, mut labels) = (random.of(real).clone(), random.of(real).labels.clone());
    if mixed {
        labels.tags = shuffled(real, random, |labels| &labels.tags);
        labels.categories = shuffled(real, random, |labels| &labels.categories);
        labels.languages = shuffled(real, random, |labels| &labels.languages);
    }
    made.id = Uuid::from_u64_pair(random.next(), random.next());
    made.texts.truncate(1 + random.below(2));
    let word = other.texts[0].title.split(' ').next().unwrap_or_default().to_owned();
    let coined: String = (0..6).map(|_| char::from(b'a' + u8::try_from(random.below(26)).unwrap())).collect();
    let title = match random.below(2) {
        0 => format!("{} {word}", made.texts[0].title),
        _ => format!("{word} {coined}"),
    };
    made.sort_title = fold(&title);
    made.texts[0].title = title;
    made.labels =
        Labels { kind: made.labels.kind.clone(), publisher: made.labels.publisher.clone(), ..labels };
    made.prices = other.prices;
    made.sales = other.sales;
    made.popularity = i64::try_from(random.below(10_000)).unwrap();
    made.release_date = Some(i32::try_from(random.below(12_000)).unwrap());
    made.created_at = NOW - i64::try_from(random.below(1_000_000_000)).unwrap() * 1000;
    made
}

fn query(sort: Sort) -> Query {
    Query {
        words: None,
        languages: vec!["en".to_owned()],
        filters: Filters::default(),
        market: Market { currency: *b"USD", country: *b"US" },
        now: NOW,
        sort,
        after: None,
        limit: 24,
        facets: Vec::new(),
        count: false,
    }
}

const POPULAR: Sort = Sort { by: By::Popularity, descending: true };
const RELEVANT: Sort = Sort { by: By::Relevance, descending: true };

fn searched(words: &str) -> Query {
    Query { words: Words::of(words), ..query(RELEVANT) }
}

fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// Prints the median and the 99th percentile of a thread's milliseconds.
fn time(what: &str, snapshot: &Snapshot, queries: impl Iterator<Item = Query>) {
    let (mut spent, mut found) = (Vec::new(), 0);
    for query in queries {
        // The first question of a market or an order makes what the next ones use.
        if spent.is_empty() {
            snapshot.search(&query).unwrap();
        }
        let before = cpu();
        found += snapshot.search(&query).unwrap().hits.len();
        spent.push(cpu() - before);
    }
    spent.sort_by(f64::total_cmp);
    let (median, last) = (spent[spent.len() / 2], spent[spent.len() * 99 / 100]);
    println!("{what:44} {median:8.3} / {last:8.3} ms   ({} questions, {found} hits)", spent.len());
}

fn status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// Bytes of each part of each field.
fn space(folder: &std::path::Path) -> BTreeMap<String, u64> {
    let generation = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let generation = generation.filter(|path| path.is_dir()).max().unwrap();
    let index = tantivy::Index::open_in_dir(generation).unwrap();
    let mut parts = BTreeMap::new();
    for segment in index.reader().unwrap().searcher().segment_readers() {
        let used = segment.space_usage().unwrap();
        for (part, fields) in
            [("terms", used.termdict()), ("postings", used.postings()), ("column", used.fast_fields())]
        {
            for field in fields.fields() {
                let bytes = field.total().get_bytes();
                *parts.entry(format!("{part} {}", field.field_name())).or_default() += bytes;
            }
        }
        *parts.entry("store".to_owned()).or_default() += used.store().total().get_bytes();
    }
    parts.retain(|_, bytes| *bytes > 50_000);
    parts
}

fn folder_bytes(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { folder_bytes(&path) } else { path.metadata().unwrap().len() }).sum()
}

/// One letter changed, left out, put in or swapped.
fn typo(word: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = random.below(letters.len());
    let letter = char::from(b'a' + u8::try_from(random.below(26)).unwrap());
    match random.below(4) {
        0 => letters[at] = letter,
        1 => drop(letters.remove(at)),
        2 => letters.insert(at, letter),
        _ if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => letters[at] = letter,
    }
    letters.into_iter().collect()
}

fn recall(index: &Index, real: &[Document], random: &mut Random) {
    let snapshot = index.snapshot();
    let found = |words: &str, document: &Document| {
        let hits = snapshot.search(&Query { limit: 10, ..searched(words) }).unwrap().hits;
        let title = &document.sort_title;
        hits.iter().any(|hit| real.iter().any(|one| one.id == hit.id && one.sort_title == *title))
    };
    let long: Vec<&Document> =
        real.iter().filter(|one| one.sort_title.split(' ').any(|word| word.chars().count() >= 4)).collect();
    let mut hits = [0_u32; 4];
    for _ in 0..2000 {
        let document = *random.of(&long);
        let words: Vec<&str> = document.sort_title.split(' ').collect();
        let candidates: Vec<usize> = (0..words.len()).filter(|at| words[*at].chars().count() >= 4).collect();
        let at = *random.of(&candidates);
        let once = typo(words[at], random);
        let twice = typo(&once, random);
        let with = |word: &str| {
            let mut words = words.clone();
            words[at] = word;
            words.join(" ")
        };
        let start: String = document.sort_title.chars().take(4).collect();
        hits[0] += u32::from(found(&document.sort_title, document));
        hits[1] += u32::from(found(&with(&once), document));
        hits[2] += u32::from(found(&with(&twice), document));
        // A title that begins so is among the first, whichever.
        let begins = snapshot.search(&Query { limit: 10, ..searched(&start) }).unwrap().hits;
        let fits =
            |id: &Uuid| real.iter().any(|one| one.id == *id && one.sort_title.starts_with(start.trim()));
        hits[3] += u32::from(begins.iter().any(|hit| fits(&hit.id)));
    }
    let share = |hits: u32| f64::from(hits) / 2000.0;
    println!(
        "recall@10: as spelt {:.3}, one typo {:.3}, two typos {:.3}, four letters {:.3}",
        share(hits[0]),
        share(hits[1]),
        share(hits[2]),
        share(hits[3])
    );
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let documents: u64 = arguments.next().unwrap().parse().unwrap();
    let seed = arguments.next().map_or(1, |seed| seed.parse().unwrap());
    let mixed = arguments.next().is_some_and(|word| word == "mixed");
    let mut random = Random(seed);
    let lines = std::io::stdin().lock().lines();
    let real: Vec<Document> =
        lines.map(|line| read(&serde_json::from_str(&line.unwrap()).unwrap(), &mut random)).collect();
    let folder = tempfile::tempdir().unwrap();

    let small = Rebuild::begin(&folder.path().join("small"), 1).unwrap();
    small.add(&real).unwrap();
    let small = small.finish("").unwrap();
    println!("the {} real ones:", real.len());
    recall(&small, &real, &mut random);
    drop(small);

    let (began, before) = (Instant::now(), status("RssAnon"));
    let build = Rebuild::begin(&folder.path().join("large"), 1).unwrap();
    build.add(&real).unwrap();
    let mut left = documents.saturating_sub(real.len() as u64);
    while left > 0 {
        let batch = left.min(1000);
        let batch: Vec<Document> = (0..batch).map(|_| recombined(&real, mixed, &mut random)).collect();
        build.add(&batch).unwrap();
        left -= batch.len() as u64;
    }
    let index = build.finish("").unwrap();
    println!("\n{documents} documents: built and loaded in {:.1} s", began.elapsed().as_secs_f64());
    println!("on disk {} MB:", folder_bytes(folder.path()) / 1_000_000);
    for (what, bytes) in space(&folder.path().join("large")) {
        println!("    {what:32} {:6.1} MB", bytes as f64 / 1e6);
    }
    let began = Instant::now();
    let opened = Index::open(&folder.path().join("large"), 1).unwrap();
    assert!(matches!(opened, Opened::There(_)));
    println!("looked at and opened again in {:.1} s", began.elapsed().as_secs_f64());
    drop(opened);
    println!("anonymous memory: {before} MiB before, {} MiB with it", status("RssAnon"));
    let snapshot = index.snapshot();
    println!("{snapshot}");

    for by in [By::Title, By::Price, By::ReleaseDate, By::Rating, By::Popularity, By::CreatedAt] {
        for descending in [false, true] {
            let sort = Sort { by, descending };
            time(&format!("first page by {sort:?}"), &snapshot, (0..200).map(|_| query(sort)));
        }
    }
    let price = Sort { by: By::Price, descending: false };
    let middle = deep(&snapshot, price, 200);
    time("page 200 by price", &snapshot, (0..200).map(|_| Query { after: middle.clone(), ..query(price) }));
    let facets = || vec![Facet::Tag, Facet::Category];
    let three = |random: &mut Random| {
        let labels = &random.of(&real).labels;
        let tag = labels.tags.first().cloned().into_iter().collect();
        let filters = Filters {
            kinds: vec![labels.kind.clone()],
            tags: tag,
            price_max: Some(2500),
            ..Filters::default()
        };
        Query { filters, facets: facets(), count: true, ..query(price) }
    };
    let few = |query: &Query| {
        snapshot
            .search(&Query { limit: 0, ..query.clone() })
            .unwrap()
            .total
            .is_some_and(|total| total <= 50_000)
    };
    let questions: Vec<Query> = (0..400).map(|_| three(&mut random)).filter(few).take(200).collect();
    time("three filters, two facets, total, sort", &snapshot, questions.into_iter());
    let (filters, label) = half(&snapshot);
    let broad =
        (0..200).map(|_| Query { filters: filters.clone(), facets: facets(), count: true, ..query(POPULAR) });
    time(&format!("{label}, two facets, total, sort"), &snapshot, broad);
    // Whatever else the filter is of, its own facet must be counted as if it were off.
    let broad = (0..200).map(|_| Query {
        filters: Filters { released_after: Some(6_000), ..Filters::default() },
        facets: vec![Facet::Tag, Facet::Category, Facet::Language, Facet::Price(vec![0, 1, 500, 1000])],
        count: true,
        ..query(price)
    });
    time("half of the dates, four facets, total, sort", &snapshot, broad);
    let nothing = (0..200).map(|_| Query { facets: facets(), count: true, ..query(POPULAR) });
    time("no filter, two facets, total", &snapshot, nothing);
    let mut pick = |many: usize, wrong: bool| {
        let title = random.of(&real).sort_title.clone();
        let mut words: Vec<String> =
            title.split(' ').filter(|word| word.len() >= 4).take(many).map(str::to_owned).collect();
        if let (true, Some(first)) = (wrong, words.first_mut()) {
            *first = typo(first, &mut random);
        }
        searched(&words.join(" "))
    };
    let words = |query: &Query| query.words.is_some();
    let counted = |query: Query| Query { count: true, facets: facets(), ..query };
    let one: Vec<Query> = (0..300).map(|_| pick(1, false)).filter(words).take(200).collect();
    time("one word", &snapshot, one.iter().cloned());
    time("one word, two facets, total", &snapshot, one.into_iter().map(counted));
    let two: Vec<Query> = (0..300).map(|_| pick(2, false)).filter(words).take(200).collect();
    time("two words", &snapshot, two.iter().cloned());
    time("two words, two facets, total", &snapshot, two.into_iter().map(counted));
    let wrong: Vec<Query> = (0..300).map(|_| pick(2, true)).filter(words).take(200).collect();
    time("two words, one typo", &snapshot, wrong.into_iter());
    time("a letter", &snapshot, (0..50).map(|_| searched("g")));
    let hostile: String = (0..1000).map(|number| format!("w{number} ")).collect();
    time("a thousand words", &snapshot, (0..20).map(|_| searched(&hostile)));
    time("a long word", &snapshot, (0..20).map(|_| searched(&"a".repeat(10_000))));

    let mut spent = Vec::new();
    for _ in 0..300 {
        let mut changed = random.of(&real).clone();
        changed.popularity += 1;
        let began = Instant::now();
        index.apply(&[changed], &[], "").unwrap();
        spent.push(began.elapsed().as_secs_f64() * 1e3);
    }
    spent.sort_by(f64::total_cmp);
    let last = spent.len() - 1;
    println!(
        "a change until it is seen: median {:.1}, 99th percentile {:.1}, most {:.1} ms",
        spent[last / 2],
        spent[last * 99 / 100],
        spent[last]
    );
    println!("then {}", index.snapshot());
    println!("memory: anonymous {} MiB, mapped {} MiB", status("RssAnon"), status("RssFile"));
}

/// The filter by one label that leaves most nearly half of everything.
fn half(snapshot: &Snapshot) -> (Filters, String) {
    let facets = vec![Facet::Kind, Facet::Tag, Facet::Category, Facet::Platform, Facet::Language];
    let found = snapshot.search(&Query { facets: facets.clone(), ..query(POPULAR) }).unwrap();
    let mut all = Vec::new();
    for (facet, counts) in facets.iter().zip(found.facets) {
        let Counts::Labels(labels) = counts else { continue };
        for (label, count) in labels {
            let one = vec![label.clone()];
            let filters = match facet {
                Facet::Kind => Filters { kinds: one, ..Filters::default() },
                Facet::Tag => Filters { tags: one, ..Filters::default() },
                Facet::Category => Filters { categories: one, ..Filters::default() },
                Facet::Platform => Filters { platforms: one, ..Filters::default() },
                _ => Filters { languages: one, ..Filters::default() },
            };
            all.push((count.abs_diff(snapshot.documents() / 2), filters, format!("{label} leaves {count}")));
        }
    }
    let (_, filters, label) = all.into_iter().min_by_key(|(far, ..)| *far).unwrap();
    (filters, label)
}

fn deep(snapshot: &Snapshot, sort: Sort, pages: usize) -> Option<Place> {
    let mut after = None;
    for _ in 0..pages {
        let found = snapshot.search(&Query { after, ..query(sort) }).unwrap();
        after = found.hits.last().map(|hit| hit.place.clone());
    }
    after
}
