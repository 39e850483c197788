//! The questions: every value of every filter, every order, and random combinations.

use std::collections::BTreeSet;

use super::asked::{Asked, Filter, Order};
use super::file::{Line, is_unspaced, words};
use super::imported::Imported;
use crate::random::Random;

/// Every how-manieth title is searched for.
const TITLES_STEP: usize = 11;
/// Days and amounts that are tried as bounds.
const BOUNDS: usize = 15;
/// The store refuses more words.
const MOST_WORDS: usize = 16;

type Questions = Vec<(&'static str, Vec<Asked>)>;

/// Every question by its kind.
pub fn all(imported: &Imported, combinations: usize, seed: u64) -> Questions {
    let lines: Vec<&Line> = imported.0.iter().map(|product| &product.line).collect();
    let mut all = values(&lines);
    all.push(("price ranges", prices(&lines)));
    all.push(("days of release", days(&lines)));
    all.push(("ratings", [0, 1, 5].map(|stars| Asked::filtered([Filter::RatingMin(stars)])).into()));
    all.push(("searches", searches(&lines)));
    all.push(("orders", orders(&lines)));
    let filters: Vec<Filter> =
        all.iter().flat_map(|(_, asked)| asked).flat_map(|asked| asked.filters.clone()).collect();
    all.push(("combinations", combined(&filters, &currencies(&lines), combinations, seed)));
    all
}

/// Each value that occurs, and one that doesn't.
fn values(lines: &[&Line]) -> Questions {
    let each = |of: fn(&Line) -> Vec<&String>, filter: fn(String) -> Filter, others: &[&str]| {
        let there: BTreeSet<&str> = lines.iter().flat_map(|line| of(line)).map(String::as_str).collect();
        let values = there.into_iter().chain(others.iter().copied());
        values.map(|value| Asked::filtered([filter(value.to_owned())])).collect::<Vec<_>>()
    };
    vec![
        ("kinds", each(|line| vec![&line.kind], Filter::Kind, &[])),
        ("tags", each(|line| line.tags.iter().collect(), Filter::Tag, &["no-such-tag"])),
        ("categories", each(|line| line.categories.iter().collect(), Filter::Category, &["no-such-shelf"])),
        ("platforms", each(|line| line.platforms.iter().collect(), Filter::Platform, &["ios"])),
        ("languages", each(|line| line.languages.iter().collect(), Filter::Language, &["tlh"])),
        (
            "publishers",
            each(|line| line.publisher.iter().collect(), Filter::Publisher, &["DEBIAN", "Nobody", "%"]),
        ),
    ]
}

fn currencies(lines: &[&Line]) -> BTreeSet<String> {
    lines.iter().flat_map(|line| line.prices.keys().cloned()).chain(["KWD".to_owned()]).collect()
}

/// Some of the values, from the least to the greatest, both included.
fn spread<T: Clone + Ord>(values: impl IntoIterator<Item = T>, most: usize) -> Vec<T> {
    let all: Vec<T> = values.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let last = all.len().saturating_sub(1);
    let picked: BTreeSet<usize> = (0..most).map(|step| last * step / (most - 1)).collect();
    picked.into_iter().filter_map(|index| all.get(index).cloned()).collect()
}

fn prices(lines: &[&Line]) -> Vec<Asked> {
    let mut asked = Vec::new();
    for currency in currencies(lines) {
        let mut ask = |filters: Vec<Filter>| {
            asked.push(Asked { currency: currency.clone(), ..Asked::filtered(filters) });
        };
        ask(vec![]);
        ask(vec![Filter::Free(true)]);
        ask(vec![Filter::Free(false)]);
        let amounts = spread(lines.iter().filter_map(|line| line.prices.get(&currency).copied()), BOUNDS);
        for (index, least) in amounts.iter().enumerate() {
            for bound in [*least, least + 1] {
                ask(vec![Filter::PriceMin(bound)]);
                ask(vec![Filter::PriceMax(bound)]);
            }
            for most in amounts.iter().skip(index) {
                ask(vec![Filter::PriceMin(*least), Filter::PriceMax(*most)]);
            }
        }
    }
    asked
}

fn days(lines: &[&Line]) -> Vec<Asked> {
    let days = spread(lines.iter().filter_map(|line| line.release_date.clone()), BOUNDS);
    let mut asked = Vec::new();
    for (index, first) in days.iter().enumerate() {
        asked.push(Asked::filtered([Filter::ReleasedAfter(first.clone())]));
        asked.push(Asked::filtered([Filter::ReleasedBefore(first.clone())]));
        for last in days.iter().skip(index) {
            let range = [Filter::ReleasedAfter(first.clone()), Filter::ReleasedBefore(last.clone())];
            asked.push(Asked::filtered(range));
        }
    }
    asked
}

/// Whole titles of every language, their first letters, and what stands inside words of scripts without spaces.
fn searches(lines: &[&Line]) -> Vec<Asked> {
    let mut texts = BTreeSet::new();
    for title in lines.iter().flat_map(|line| line.titles()).step_by(TITLES_STEP) {
        texts.insert(title.to_owned());
        texts.insert(title.chars().take(3).collect());
        texts.extend(words(title).pop().map(|word| word.to_uppercase()));
        for word in words(title).iter().filter(|word| is_unspaced(word)) {
            texts.insert(word.chars().skip(1).take(2).collect());
        }
    }
    texts.extend(["100%", "a_b", "c++", "no such words at all"].map(str::to_owned));
    texts
        .into_iter()
        .filter(|text| (1..=MOST_WORDS).contains(&words(text).len()))
        .map(|text| Asked::filtered([Filter::Words(text)]))
        .collect()
}

fn orders(lines: &[&Line]) -> Vec<Asked> {
    let orders = [
        Order::Title,
        Order::Price,
        Order::ReleaseDate,
        Order::Rating,
        Order::Popularity,
        Order::CreatedAt,
        Order::Relevance,
    ];
    let mut asked = vec![Asked::filtered([])];
    for order in orders {
        for descending in [false, true] {
            for limit in [7, 100] {
                let filters =
                    if order == Order::Relevance { vec![Filter::Words("a".to_owned())] } else { vec![] };
                let currencies =
                    if order == Order::Price { currencies(lines) } else { ["USD".to_owned()].into() };
                for currency in currencies {
                    asked.push(Asked { filters: filters.clone(), order, descending, currency, limit });
                }
            }
        }
    }
    asked
}

/// Two to four filters of different kinds (tags may repeat), in any order and currency.
fn combined(filters: &[Filter], currencies: &BTreeSet<String>, count: usize, seed: u64) -> Vec<Asked> {
    let mut random = Random::of(seed);
    let currencies: Vec<&String> = currencies.iter().collect();
    let orders = [Order::Default, Order::Title, Order::Price, Order::ReleaseDate, Order::CreatedAt];
    let mut asked = Vec::new();
    while asked.len() < count && !filters.is_empty() {
        let mut chosen: Vec<Filter> = Vec::new();
        for _ in 0..2 + random.below(3) {
            let Some(filter) = filters.get(random.below(filters.len())) else { continue };
            let same = |other: &Filter| std::mem::discriminant(other) == std::mem::discriminant(filter);
            if matches!(filter, Filter::Tag(_)) || !chosen.iter().any(same) {
                chosen.push(filter.clone());
            }
        }
        let (Some(order), Some(currency)) =
            (orders.get(random.below(orders.len())), currencies.get(random.below(currencies.len())))
        else {
            continue;
        };
        let (order, currency) = (*order, (*currency).clone());
        // The default order has no other direction.
        let descending = order == Order::Default || random.below(2) == 0;
        asked.push(Asked { filters: chosen, order, descending, currency, limit: 1 + random.below(100) });
    }
    asked
}
