//! How often titles are among the first ten hits although they are misspelt, or only begun.

use std::collections::HashMap;

use futures::{StreamExt, stream};
use reqwest::Method;
use serde_json::Value;

use super::asked::encoded;
use super::file::{Line, fold};
use super::imported::Imported;
use super::{AT_ONCE, Table};
use crate::process::Result;
use crate::random::Random;
use crate::server::{Caller, text};

/// Titles that are looked for.
const TITLES: usize = 2_000;
/// Hits that are looked at.
const HITS: usize = 10;
/// Letters of a word in which one may be wrong, and of a beginning.
const LETTERS: usize = 4;

/// How a title is looked for, with the share that must be found so, in thousandths.
const WAYS: [(&str, u64); 3] = [("one typing error", 980), ("two typing errors", 900), ("four letters", 950)];

/// A search and the folded title that it must find; the beginning of it, where that is all that was typed.
struct Search {
    way: usize,
    words: String,
    title: String,
}

/// Looks for titles of the file, chosen and misspelt as the seed says.
pub async fn check(imported: &Imported, nobody: &Caller, seed: u64, table: &mut Table) -> Result<()> {
    let lines: HashMap<&str, &Line> =
        imported.0.iter().map(|product| (product.id.as_str(), &product.line)).collect();
    let searches = stream::iter(searches(imported, seed)).map(|search| {
        let (nobody, lines) = (nobody.clone(), &lines);
        async move { Result::Ok((search.way, search.finds(&nobody, lines).await?)) }
    });
    let found: Vec<Result<(usize, bool)>> = searches.buffered(AT_ONCE).collect().await;
    let (mut asked, mut hits) = ([0; WAYS.len()], [0; WAYS.len()]);
    for one in found {
        let (way, is_found) = one?;
        if let (Some(asked), Some(hits)) = (asked.get_mut(way), hits.get_mut(way)) {
            *asked += 1;
            *hits += u64::from(is_found);
        }
    }
    for (((what, least), asked), hits) in WAYS.into_iter().zip(asked).zip(hits) {
        table.share(&format!("titles found by {what}"), hits, asked, least);
    }
    Ok(())
}

fn searches(imported: &Imported, seed: u64) -> Vec<Search> {
    let mut random = Random::of(seed);
    let titles: Vec<String> = imported.0.iter().map(|product| fold(&product.line.title)).collect();
    let titles: Vec<&String> =
        titles.iter().filter(|title| title.split(' ').any(|word| word.chars().count() >= LETTERS)).collect();
    let mut searches = Vec::new();
    while searches.len() < TITLES * WAYS.len() {
        let Some(title) = random.one_of(&titles) else { break };
        let words: Vec<&str> = title.split(' ').collect();
        let long: Vec<usize> = (0..words.len())
            .filter(|place| words.get(*place).is_some_and(|word| word.chars().count() >= LETTERS))
            .collect();
        let Some(place) = random.one_of(&long).copied() else { break };
        let once = misspelt(words.get(place).copied().unwrap_or_default(), &mut random);
        let twice = misspelt(&once, &mut random);
        let with = |other: &str| {
            let words = words.iter().enumerate();
            let words = words.map(|(at, word)| if at == place { other } else { *word });
            words.collect::<Vec<_>>().join(" ")
        };
        let begun: String = title.chars().take(LETTERS).collect();
        for (way, words) in [with(&once), with(&twice), begun].into_iter().enumerate() {
            searches.push(Search { way, words, title: (*title).clone() });
        }
    }
    searches
}

/// A word with one letter changed, left out, put in or swapped with the next.
fn misspelt(word: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = random.below(letters.len());
    let other = random.one_of(&('a'..='z').collect::<Vec<_>>()).copied().unwrap_or('a');
    match random.below(4) {
        0 if letters.len() > 1 => drop(letters.remove(at)),
        1 => letters.insert(at, other),
        2 if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => {
            if let Some(letter) = letters.get_mut(at) {
                *letter = other;
            }
        }
    }
    letters.into_iter().collect()
}

impl Search {
    /// Whether a product of this title is among the first hits; of one that is only begun, one that begins so.
    async fn finds(&self, nobody: &Caller, lines: &HashMap<&str, &Line>) -> Result<bool> {
        let path = format!("/api/v1/products?limit={HITS}&q={}", encoded(&self.words));
        let page = nobody.call(Method::GET, &path, None).await?;
        for item in page.get("items").and_then(Value::as_array).into_iter().flatten() {
            let Some(line) = lines.get(text(item, "/id")?) else { continue };
            let title = fold(&line.title);
            let is_it = match self.is_begun() {
                true => title.starts_with(self.words.trim()),
                false => title == self.title,
            };
            if is_it {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_begun(&self) -> bool {
        self.way + 1 == WAYS.len()
    }
}
