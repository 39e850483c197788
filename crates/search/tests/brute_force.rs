//! Every filter, facet and order, alone and combined, equals a pass over all documents.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, option, prelude::*, sample::select};
use search::{
    BasePrice, Bucket, By, Counts, Document, Facet, Filters, Index, Key, Labels, Machine, Market, Need,
    Place, Query, Rebuild, SaleWindow, Sort, Text,
};
use uuid::Uuid;

const TAGS: [&str; 4] = ["red", "green", "blue", "old"];
const PLATFORMS: [&str; 4] = ["linux", "windows", "macos", "any"];
const LANGUAGES: [&str; 3] = ["de", "en", "pt-BR"];
const KINDS: [&str; 3] = ["game", "software", "ebook"];
const CATEGORIES: [&str; 4] = ["play", "play-alone", "work", "read"];
const PUBLISHERS: [&str; 3] = ["acme", "debian", "zoe"];
const BOUNDS: [i64; 4] = [0, 1, 500, 1000];
const NOW: i64 = 1_000;

fn some_of(all: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    vec(select(all), 0..3).prop_map(|chosen| {
        let chosen: BTreeSet<&str> = chosen.into_iter().collect();
        chosen.into_iter().map(str::to_owned).collect()
    })
}

prop_compose! {
    fn labels()(
        kind in select(&KINDS[..]), tags in some_of(&TAGS), categories in some_of(&CATEGORIES),
        platforms in some_of(&PLATFORMS), languages in some_of(&LANGUAGES),
        publisher in option::of(select(&PUBLISHERS[..])), memory in vec(option::of(1..5_i64), PLATFORMS.len()),
    ) -> Labels {
        let known = PLATFORMS.iter().zip(memory);
        let needs = known.filter_map(|(platform, memory)| Some(Need { platform: (*platform).to_owned(), memory: memory? }));
        let (needs, publisher) = (needs.collect(), publisher.map(str::to_owned));
        Labels { kind: kind.to_owned(), tags, categories, platforms, needs, languages, publisher }
    }
}

fn prices() -> impl Strategy<Value = Vec<BasePrice>> {
    let amount = prop_oneof![Just(0), 0..1500_i64];
    let place = select(vec![(*b"USD", None), (*b"USD", Some(*b"DE")), (*b"EUR", None)]);
    vec((place, amount), 0..4).prop_map(|prices| {
        let unique: BTreeMap<_, _> = prices.into_iter().collect();
        unique
            .into_iter()
            .map(|((currency, country), amount)| BasePrice { currency, country, amount })
            .collect()
    })
}

fn sales() -> impl Strategy<Value = Vec<SaleWindow>> {
    let window = (1..=100_u8, select(vec![(0, NOW), (NOW, 2_000), (500, 1_500), (1_001, 3_000)]));
    option::of(window).prop_map(|window| {
        let window = window.map(|(percent, (starts_at, ends_at))| SaleWindow { percent, starts_at, ends_at });
        window.into_iter().collect()
    })
}

prop_compose! {
    fn document()(
        id in any::<u128>(), title in "[abc]{0,2}", labels in labels(), prices in prices(), sales in sales(),
        release_date in option::of(-3..3_i32), stars in (0..=5_u8, 0..3_i64), popularity in 0..4_i64, created_at in 0..4_i64, published_at in 0..4_i64,
    ) -> Document {
        let text = Text { language: "en".to_owned(), title: title.clone(), body: String::new() };
        Document {
            id: Uuid::from_u128(id), sort_title: title, texts: vec![text], names: String::new(), labels, prices, sales, release_date,
            rating_average: f64::from(stars.0), rating_count: stars.1, popularity, created_at, published_at,
        }
    }
}

prop_compose! {
    fn filters()(
        kinds in some_of(&KINDS), tags in some_of(&TAGS), categories in some_of(&CATEGORIES),
        platforms in some_of(&PLATFORMS), languages in some_of(&LANGUAGES), publishers in some_of(&PUBLISHERS),
        used in vec(prop::bool::weighted(0.3), 6),
        bounds in (option::weighted(0.2, 0..1500_i64), option::weighted(0.2, 0..1500_i64)),
        flags in (option::weighted(0.2, any::<bool>()), option::weighted(0.2, any::<bool>())),
        days in (option::weighted(0.2, -3..3_i32), option::weighted(0.2, -3..3_i32)),
        stars in option::weighted(0.2, 0..=5_u8),
        machine in option::weighted(0.3, (some_of(&PLATFORMS), option::of(1..5_i64))),
    ) -> Filters {
        let used = |index: usize, labels: Vec<String>| if used[index] { labels } else { Vec::new() };
        Filters {
            kinds: used(0, kinds), tags: used(1, tags), categories: used(2, categories),
            platforms: used(3, platforms), languages: used(4, languages), publishers: used(5, publishers),
            price_min: bounds.0, price_max: bounds.1, free: flags.0, on_sale: flags.1,
            machine: machine.map(|(platforms, memory)| Machine { platforms, memory }),
            released_after: days.0, released_before: days.1, rating_min: stars.map(f64::from),
        }
    }
}

fn sort() -> impl Strategy<Value = Sort> {
    let by = vec![
        By::Title,
        By::Price,
        By::ReleaseDate,
        By::Rating,
        By::Popularity,
        By::CreatedAt,
        By::PublishedAt,
    ];
    (select(by), any::<bool>()).prop_map(|(by, descending)| Sort { by, descending })
}

fn query(filters: Filters, sort: Sort, country: [u8; 2], after: Option<Place>, limit: usize) -> Query {
    Query {
        words: None,
        languages: Vec::new(),
        filters,
        market: Market { currency: *b"USD", country },
        now: NOW,
        sort,
        after,
        limit,
        facets: vec![
            Facet::Kind,
            Facet::Tag,
            Facet::Category,
            Facet::Platform,
            Facet::Language,
            Facet::Price(BOUNDS.to_vec()),
        ],
        count: true,
    }
}

fn running(document: &Document) -> Option<&SaleWindow> {
    document.sales.iter().find(|window| window.starts_at <= NOW && NOW < window.ends_at)
}

fn price(document: &Document, country: [u8; 2]) -> Option<i64> {
    let at =
        |country| document.prices.iter().find(|price| price.currency == *b"USD" && price.country == country);
    let base = at(Some(country)).or_else(|| at(None))?.amount;
    let percent = running(document).map_or(0, |window| i64::from(window.percent));
    Some((base * (100 - percent) + 50) / 100)
}

/// Which part of the filters a facet leaves out.
fn fits(document: &Document, filters: &Filters, country: [u8; 2], left_out: Option<usize>) -> bool {
    let any = |index, wanted: &[String], labels: &[String]| {
        left_out == Some(index) || wanted.is_empty() || wanted.iter().any(|label| labels.contains(label))
    };
    let (labels, amount) = (&document.labels, price(document, country));
    let publisher: Vec<String> = labels.publisher.iter().cloned().collect();
    any(0, &filters.kinds, std::slice::from_ref(&labels.kind))
        && (left_out == Some(1) || filters.tags.iter().all(|tag| labels.tags.contains(tag)))
        && any(2, &filters.categories, &labels.categories)
        && any(3, &filters.platforms, &labels.platforms)
        && filters.machine.as_ref().is_none_or(|machine| runs_on(labels, machine))
        && any(4, &filters.languages, &labels.languages)
        && any(9, &filters.publishers, &publisher)
        && (left_out == Some(5)
            || (filters.price_min.is_none_or(|least| amount.is_some_and(|amount| amount >= least))
                && filters.price_max.is_none_or(|most| amount.is_some_and(|amount| amount <= most))
                && filters.free.is_none_or(|free| amount.is_some_and(|amount| free == (amount == 0)))))
        && filters.on_sale.is_none_or(|on| amount.is_some() && on == running(document).is_some())
        && filters.released_after.is_none_or(|first| document.release_date.is_some_and(|day| day >= first))
        && filters.released_before.is_none_or(|last| document.release_date.is_some_and(|day| day <= last))
        && filters.rating_min.is_none_or(|least| document.rating_average >= least)
}

fn runs_on(labels: &Labels, machine: &Machine) -> bool {
    labels.platforms.iter().any(|platform| {
        let asked = machine.platforms.is_empty() || platform == "any" || machine.platforms.contains(platform);
        let need = labels.needs.iter().find(|need| need.platform == *platform).map_or(0, |need| need.memory);
        asked && machine.memory.is_none_or(|has| need <= has)
    })
}

fn key(document: &Document, by: By, country: [u8; 2]) -> Option<Key> {
    match by {
        By::Title => Some(Key::Text(document.sort_title.clone())),
        By::Price => price(document, country).map(Key::Number),
        By::ReleaseDate => document.release_date.map(|day| Key::Number(day.into())),
        By::Rating => Some(Key::Pair(document.rating_average.to_bits().cast_signed(), document.rating_count)),
        By::Popularity => Some(Key::Number(document.popularity)),
        By::CreatedAt => Some(Key::Number(document.created_at)),
        By::PublishedAt => Some(Key::Number(document.published_at)),
        By::Relevance => None,
    }
}

fn in_order(documents: &[Document], sort: Sort, country: [u8; 2]) -> Vec<Uuid> {
    let (mut present, mut missing): (Vec<_>, Vec<_>) = documents
        .iter()
        .map(|document| (key(document, sort.by, country), document.id))
        .partition(|(key, _)| key.is_some());
    present.sort();
    missing.sort();
    if sort.descending {
        present.reverse();
        missing.reverse();
    }
    present.into_iter().chain(missing).map(|(_, id)| id).collect()
}

fn labels_of(document: &Document, facet: usize) -> Vec<&str> {
    let labels = &document.labels;
    let list = match facet {
        0 => return vec![&labels.kind],
        1 => &labels.tags,
        2 => &labels.categories,
        3 => &labels.platforms,
        _ => &labels.languages,
    };
    list.iter().map(String::as_str).collect()
}

fn counts(documents: &[Document], filters: &Filters, country: [u8; 2], facet: usize) -> Counts {
    let of = documents.iter().filter(|document| fits(document, filters, country, Some(facet)));
    if facet < 5 {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for label in of.flat_map(|document| labels_of(document, facet)) {
            *counts.entry(label.to_owned()).or_default() += 1;
        }
        return Counts::Labels(counts.into_iter().collect());
    }
    let amounts: Vec<i64> = of.filter_map(|document| price(document, country)).collect();
    let bucket = |index: usize| {
        let (from, to) = (BOUNDS[index], BOUNDS.get(index + 1).copied());
        let inside = |amount: &&i64| **amount >= from && to.is_none_or(|to| **amount < to);
        Bucket { from, to, count: amounts.iter().filter(inside).count() as u64 }
    };
    Counts::Buckets((0..BOUNDS.len()).map(bucket).collect())
}

/// An index of some documents by a build, some by commits, some of them written twice, some removed again.
fn indexed(documents: &[Document], folder: &std::path::Path) -> (Index, Vec<Document>) {
    let third = documents.len() / 3;
    let rebuild = Rebuild::begin(folder, 1).unwrap();
    rebuild.add(&documents[..third]).unwrap();
    let index = rebuild.finish("a").unwrap();
    let mut draft = documents[third..].to_vec();
    for document in &mut draft {
        document.popularity += 7;
        document.labels.tags.clear();
    }
    index.apply(&draft, &[], "b").unwrap();
    index.apply(&documents[third..], &[], "c").unwrap();
    let (gone, kept) = documents.split_at(documents.len() / 5);
    let gone: Vec<Uuid> = gone.iter().map(|document| document.id).collect();
    index.apply(&[], &gone, "d").unwrap();
    assert_eq!(index.note().unwrap().as_deref(), Some("d"));
    (index, kept.to_vec())
}

type Question = (Filters, Sort, [u8; 2]);

fn questions(many: usize) -> impl Strategy<Value = Vec<Question>> {
    vec((filters(), sort(), select(vec![*b"DE", *b"US"])), many)
}

/// Asks for everything, page by page.
fn compare(documents: &[Document], questions: Vec<Question>) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let (index, kept) = indexed(documents, folder.path());
    let snapshot = index.snapshot();
    prop_assert_eq!(snapshot.documents(), kept.len() as u64);
    for (filters, sort, country) in questions {
        let fitting: Vec<Document> =
            kept.iter().filter(|document| fits(document, &filters, country, None)).cloned().collect();
        let (mut seen, mut after) = (Vec::new(), None);
        let limit = if fitting.len() < 40 { 3 } else { 50 };
        loop {
            let asked = query(filters.clone(), sort, country, after.clone(), limit);
            let found = snapshot.search(&asked).unwrap();
            prop_assert_eq!(found.total, Some(fitting.len() as u64));
            for (facet, told) in found.facets.iter().enumerate() {
                prop_assert_eq!(told, &counts(&kept, &filters, country, facet), "{:?}", filters);
            }
            seen.extend(found.hits.iter().map(|hit| hit.id));
            after = found.hits.last().map(|hit| hit.place.clone());
            if !found.more {
                break;
            }
        }
        prop_assert_eq!(&seen, &in_order(&fitting, sort, country), "{:?} {:?}", sort, filters);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn an_answer_is_what_a_pass_over_everything_finds(
        documents in vec(document(), 1..40), questions in questions(12),
    ) {
        compare(&documents, questions)?;
    }
}

proptest! {
    // Of so many, some questions find a few and others nearly all.
    #![proptest_config(ProptestConfig { max_shrink_iters: 20, ..ProptestConfig::with_cases(4) })]
    #[test]
    fn an_answer_of_many_documents_is_too(documents in vec(document(), 900..1000), questions in questions(40)) {
        compare(&documents, questions)?;
    }
}
