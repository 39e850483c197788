//! `cargo xtask catalog FILE`: multiplies a catalog into a large plausible one.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::catalog_check::unpacked;
use crate::process::Result;
use crate::random::Random;

/// Days by which a copy's release may differ from that of the product it is made from.
const DAYS: usize = 3_000;
/// One copy in so many is on sale.
const ON_SALE: usize = 10;
/// When the sales of copies begin: at the import, for that is past.
const SALE_STARTS: &str = "2020-01-01T00:00:00Z";

/// Multiply a catalog (NDJSON, or gzip of it) into a large one for `mist import`: the same words, tags, prices and
/// languages in the same proportions, and everything follows from a seed.
#[derive(clap::Args)]
pub struct Args {
    file: PathBuf,
    #[arg(long, default_value_t = 1_000_000)]
    products: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// When the sales end that one copy in ten is in, RFC 3339; in 30 days if absent.
    #[arg(long, value_name = "TIME")]
    sales_until: Option<String>,
    /// Where it is written; standard output if absent.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result {
    match &args.out {
        Some(path) => write(args, File::create(path)?)?,
        None => write(args, std::io::stdout().lock())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Multiplies a catalog into a file, by the first seed; without a number as it is. How many products that are.
pub fn multiply(file: &Path, products: Option<usize>, out: &Path) -> Result<usize> {
    let recipe = Recipe { sources: sources(file)?, seed: 1, sales_until: in_a_month() };
    let products = products.unwrap_or(recipe.sources.len());
    fill(&recipe, products, File::create(out)?)?;
    Ok(products)
}

fn write(args: &Args, out: impl Write) -> Result<()> {
    let sales_until = args.sales_until.clone().unwrap_or_else(in_a_month);
    let recipe = Recipe { sources: sources(&args.file)?, seed: args.seed, sales_until };
    fill(&recipe, args.products, out)
}

fn in_a_month() -> String {
    (Utc::now() + TimeDelta::days(30)).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What a catalog is made of.
struct Recipe {
    sources: Vec<Value>,
    seed: u64,
    sales_until: String,
}

fn fill(recipe: &Recipe, products: usize, out: impl Write) -> Result<()> {
    let mut out = BufWriter::new(out);
    for number in 0..products {
        let product = product(recipe, number).ok_or("the catalog is empty")?;
        serde_json::to_writer(&mut out, &product)?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

fn sources(path: &Path) -> Result<Vec<Value>> {
    let text = unpacked(path)?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    Ok(lines.map(serde_json::from_str).collect::<std::result::Result<_, _>>()?)
}

/// The product of a number: first those of the catalog itself, then copies of them that are called otherwise.
///
/// A copy's title takes its first words from its own source and its last from another's, so that each word stays as
/// frequent as it was. Only the recipe and the number of a product decide.
fn product(recipe: &Recipe, number: usize) -> Option<Value> {
    let Recipe { sources, seed, sales_until } = recipe;
    let mut product = sources.get(number % sources.len().max(1))?.clone();
    if number < sources.len() {
        return Some(product);
    }
    let mut random = Random::of(seed ^ (number as u64).rotate_left(32));
    let other = random.one_of(sources)?;
    let title = crossed(text(&product, "title"), text(other, "title"));
    let source = text(&product, "external_id").to_owned();
    let moved = moved(text(&product, "release_date"), random.below(DAYS));
    let fields = product.as_object_mut()?;
    if let Some(translations) = fields.get_mut("translations").and_then(Value::as_object_mut) {
        for (language, translation) in translations {
            let theirs = other.pointer(&format!("/translations/{language}/title")).and_then(Value::as_str);
            let crossed = crossed(text(translation, "title"), theirs.unwrap_or(text(other, "title")));
            if let Some(texts) = translation.as_object_mut() {
                texts.insert("title".to_owned(), json!(crossed));
            }
        }
    }
    fields.insert("external_id".to_owned(), json!(format!("{source}#{number}")));
    fields.insert("slug".to_owned(), json!(format!("p-{number}")));
    fields.insert("title".to_owned(), json!(title));
    if let Some(day) = moved {
        fields.insert("release_date".to_owned(), json!(day));
    }
    if number.is_multiple_of(ON_SALE) {
        let percent = (random.below(9) + 1) * 10;
        let sale = json!({"percent": percent, "starts_at": SALE_STARTS, "ends_at": sales_until});
        fields.insert("sales".to_owned(), json!([sale]));
    }
    Some(product)
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The first half of one title's words and the second of another's.
fn crossed(first: &str, second: &str) -> String {
    let (first, second): (Vec<&str>, Vec<&str>) =
        (first.split_whitespace().collect(), second.split_whitespace().collect());
    let head = first.iter().take(first.len().div_ceil(2));
    let words: Vec<&str> = head.chain(second.iter().skip(second.len() / 2)).copied().collect();
    words.join(" ")
}

/// A date in the same year, another month and day; the year itself says how old a product is.
fn moved(date: &str, by: usize) -> Option<String> {
    let year = date.split('-').next().filter(|year| year.len() == 4)?;
    Some(format!("{year}-{:02}-{:02}", by % 12 + 1, by / 12 % 28 + 1))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn recipe(seed: u64) -> Recipe {
        let line = |number: usize| {
            json!({
                "external_id": format!("x/{number}"), "kind": "game", "title": format!("Word{number} of Two{number}"),
                "tags": [format!("tag-{number}")], "release_date": "2019-07-25",
                "prices": [{"currency": "USD", "amount": number}], "translations": {"de": {"title": format!("Wort{number} Zwei")}},
            })
        };
        let sales_until = "2030-01-01T00:00:00Z".to_owned();
        Recipe { sources: (0..7).map(line).collect(), seed, sales_until }
    }

    #[test]
    fn a_product_follows_from_its_number_and_the_seed_alone() {
        let (five, six) = (recipe(5), recipe(6));
        assert_eq!(product(&five, 1234), product(&recipe(5), 1234));
        assert_ne!(product(&five, 1234), product(&six, 1234));
        assert_eq!(product(&five, 3).as_ref(), five.sources.get(3), "the catalog itself comes first");
    }

    #[test]
    fn every_product_has_names_of_its_own_and_the_proportions_stay() {
        let recipe = recipe(1);
        let products: Vec<Value> = (0..700).filter_map(|number| product(&recipe, number)).collect();
        let names: BTreeSet<&str> = products.iter().map(|one| text(one, "external_id")).collect();
        assert_eq!(names.len(), products.len());
        let on_sale = products.iter().filter(|one| one.get("sales").is_some()).count();
        assert_eq!(on_sale, 69, "a tenth of the copies is on sale");
        for source in &recipe.sources {
            let same =
                |field: &str| products.iter().filter(|one| one.get(field) == source.get(field)).count();
            assert_eq!((same("tags"), same("prices")), (100, 100));
        }
        assert!(products.iter().all(|one| text(one, "release_date").starts_with("2019-")));
    }
}
