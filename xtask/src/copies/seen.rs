//! A change, and how soon it is seen in each place where it shows.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::process::Result;
use crate::server::{Caller, text};

/// A change must be seen by then.
const SOON: Duration = Duration::from_secs(1);
/// After this it counts as lost.
const LOST: Duration = Duration::from_secs(10);
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A product that is called otherwise and bears another tag.
pub struct Change {
    product: String,
    title: String,
    word: String,
    tag: String,
}

impl Change {
    /// The change of a number: no other has its words.
    pub fn of(number: usize, product: &str) -> Self {
        let digits = number.to_string();
        let letters: String = digits.bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
        let word = format!("word{letters}z");
        Self {
            product: product.to_owned(),
            title: format!("Turned {word}"),
            tag: format!("tag-{word}"),
            word,
        }
    }

    /// Makes it.
    pub async fn make(&self, admin: &Caller) -> Result<()> {
        let tag = json!({"slug": self.tag, "name": self.tag});
        admin.call(Method::POST, "/api/v1/admin/tags", Some(tag)).await?;
        let path = format!("/api/v1/admin/products/{}", self.product);
        let request = admin.request(Method::PATCH, &path).header("if-match", "*");
        let reply = request.json(&json!({"title": self.title, "tags": [self.tag]})).send().await?;
        let status = reply.status();
        if status.is_success() { Ok(()) } else { Err(format!("{status} {}", reply.text().await?).into()) }
    }

    /// Looks at every place until each shows it.
    pub async fn watch(&self, reader: &Caller, kind: &str, tally: &mut Tally) {
        let began = Instant::now();
        let mut left = vec![Place::List, Place::Detail, Place::Facets, Place::Suggestions];
        while !left.is_empty() && began.elapsed() < LOST {
            let mut missing = Vec::new();
            for place in left {
                // A copy that refuses to answer shows nothing.
                if self.is_seen(reader, place).await.unwrap_or_default() {
                    tally.note(kind, place, Some(began.elapsed()));
                } else {
                    missing.push(place);
                }
            }
            left = missing;
            if !left.is_empty() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
        for place in left {
            println!("{}: never in the other's {place:?}", self.title);
            tally.note(kind, place, None);
        }
    }

    async fn is_seen(&self, reader: &Caller, place: Place) -> Result<bool> {
        let get = async |path: String| reader.call(Method::GET, &path, None).await;
        let items = |page: &Value| page.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(match place {
            Place::List => {
                let page = get(format!("/api/v1/products?tag={}", self.tag)).await?;
                items(&page).iter().any(|item| text(item, "/title").is_ok_and(|title| title == self.title))
            }
            Place::Detail => {
                let detail = get(format!("/api/v1/products/{}", self.product)).await?;
                text(&detail, "/title")? == self.title
            }
            Place::Facets => {
                let page = get("/api/v1/products?facets=tag&limit=1".to_owned()).await?;
                let counts = page.pointer("/facets/tag").and_then(Value::as_array).cloned();
                let counts = counts.unwrap_or_default();
                let of = |value: &Value| text(value, "/value").is_ok_and(|value| value == self.tag);
                counts.iter().any(|value| of(value) && value.get("count") == Some(&json!(1)))
            }
            Place::Suggestions => {
                let page = get(format!("/api/v1/search/suggest?q={}", self.word)).await?;
                items(&page).iter().any(|item| text(item, "/text").is_ok_and(|text| text == self.title))
            }
        })
    }
}

/// Where a change shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    List,
    Detail,
    Facets,
    Suggestions,
}

/// How often a change was looked for in a place, how often it came late or never, and the slowest.
#[derive(Default)]
pub struct Tally(Vec<Line>);

struct Line {
    what: String,
    times: u32,
    late: u32,
    lost: u32,
    slowest: Duration,
}

impl Tally {
    fn line(&mut self, what: String) -> Option<&mut Line> {
        let known = self.0.iter().position(|line| line.what == what);
        let at = known.unwrap_or_else(|| {
            self.0.push(Line { what, times: 0, late: 0, lost: 0, slowest: Duration::ZERO });
            self.0.len() - 1
        });
        self.0.get_mut(at)
    }

    fn note(&mut self, kind: &str, place: Place, seen: Option<Duration>) {
        let Some(line) = self.line(format!("{place:?}, {kind}")) else { return };
        line.times += 1;
        line.lost += u32::from(seen.is_none());
        line.late += u32::from(seen.is_some_and(|after| after > SOON));
        line.slowest = line.slowest.max(seen.unwrap_or(LOST));
    }

    /// Notes a comparison.
    pub fn same(&mut self, what: &str, holds: bool) {
        if let Some(line) = self.line(what.to_owned()) {
            line.times += 1;
            line.lost += u32::from(!holds);
        }
    }

    /// What came late or never.
    pub fn violations(&self) -> u32 {
        self.0.iter().map(|line| line.late + line.lost).sum()
    }

    /// Shows every line.
    pub fn print(&self) {
        println!(
            "\n{:<48} {:>6} {:>6} {:>6} {:>9}",
            "a change at one copy, seen at the other", "times", "late", "never", "slowest"
        );
        for Line { what, times, late, lost, slowest } in &self.0 {
            println!("{what:<48} {times:>6} {late:>6} {lost:>6} {:>6} ms", slowest.as_millis());
        }
    }
}
