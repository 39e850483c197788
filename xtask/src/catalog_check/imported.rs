//! The file in the store: imported twice, with the ids that its lines were given.

use std::collections::HashMap;

use futures::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use super::file::Line;
use super::{AT_ONCE, Table};
use crate::process::Result;
use crate::server::{Caller, text};

/// What may be wrong with a line by the line's own fault begins so.
const FAULTS_OF_DATA: [&str; 5] = ["invalid", "too_", "wrong_type", "required", "duplicate"];

/// A line with what the store gave it.
pub struct Product {
    pub line: Line,
    pub id: String,
    pub created_at: String,
}

/// The published products of the file.
pub struct Imported(pub Vec<Product>);

impl Imported {
    /// Imports the lines twice and finds out their ids.
    pub async fn new(admin: &Caller, lines: Vec<Line>, table: &mut Table) -> Result<Self> {
        let texts: Vec<String> = lines.iter().map(|line| line.text.clone()).collect();
        let first = import(admin, &texts).await?;
        let second = import(admin, &texts).await?;
        let number = |tally: &Value, name: &str| tally.get(name).and_then(Value::as_u64).unwrap_or(u64::MAX);
        println!("first import: {}, second: {}", summary(&first), summary(&second));
        let mut bad = Vec::new();
        for error in first.get("errors").and_then(Value::as_array).into_iter().flatten() {
            let code = text(error, "/code")?;
            let of_data = FAULTS_OF_DATA.iter().any(|fault| code.starts_with(fault));
            table.note("lines that were refused", (!of_data).then(|| error.to_string()));
            bad.push(error.get("line").and_then(Value::as_u64).unwrap_or_default());
        }
        let taken = lines.len() as u64 - number(&first, "failed");
        let all_made = number(&first, "created") == taken;
        table.note("a first import makes every product", (!all_made).then(|| summary(&first)));
        let none_made = number(&second, "created") == 0 && number(&second, "updated") == taken;
        table.note("a second import makes none", (!none_made).then(|| summary(&second)));

        let mut there = ids(admin).await?;
        let mut products = Vec::new();
        for (index, line) in lines.into_iter().enumerate() {
            let taken = !bad.contains(&(index as u64 + 1));
            let found = there.remove(&line.external_id);
            let as_expected = taken == found.is_some();
            table.note("every line has its product", (!as_expected).then(|| line.external_id.clone()));
            if let Some((id, created_at)) = found.filter(|_| line.published) {
                products.push(Product { line, id, created_at });
            }
        }
        table.note("no product without a line", there.keys().next().cloned());
        Ok(Self(products))
    }

    /// Compares what lists show of each product, in the store's language and in every other.
    pub async fn compare_texts(&self, nobody: &Caller, table: &mut Table) -> Result<()> {
        let locales: std::collections::BTreeSet<&String> =
            self.0.iter().flat_map(|product| product.line.translations.keys()).collect();
        let by_id: HashMap<&str, &Line> =
            self.0.iter().map(|product| (product.id.as_str(), &product.line)).collect();
        let locales = std::iter::once("en").chain(locales.into_iter().map(String::as_str));
        let walks = stream::iter(locales).map(|locale| {
            let nobody = nobody.clone();
            async move { Ok((locale, walk(&nobody, &format!("sort=title&locale={locale}")).await?.items)) }
        });
        let walks: Vec<Result<(&str, Vec<Value>)>> = walks.buffered(AT_ONCE).collect().await;
        for walked in walks {
            let (locale, items) = walked?;
            for item in items {
                let line = by_id.get(text(&item, "/id")?);
                let difference =
                    line.map_or(Some("an unknown product".to_owned()), |line| line.differs(locale, &item));
                table.note("what lists show of a product", difference);
            }
        }
        Ok(())
    }
}

impl Line {
    /// How a list's item differs from what the line says.
    fn differs(&self, locale: &str, item: &Value) -> Option<String> {
        let (title, summary) = match self.translations.get(locale) {
            Some((title, summary)) => (title, summary.as_ref().unwrap_or(&self.summary)),
            None => (&self.title, &self.summary),
        };
        let price = self.prices.get("USD").map_or(Value::Null, |amount| {
            json!({"amount": amount, "base_amount": amount, "currency": "USD", "discount_percent": 0, "sale_ends_at": null, "lowest_price_30d": null})
        });
        let expected = [
            ("kind", json!(self.kind)),
            ("title", json!(title)),
            ("summary", json!(summary)),
            ("publisher", json!(self.publisher)),
            ("developer", json!(self.developer)),
            ("release_date", json!(self.release_date)),
            ("tags", json!(self.tags)),
            ("categories", json!(self.categories)),
            ("platforms", json!(self.platforms)),
            ("price", price),
        ];
        // Titles and names are kept in the composed form, whatever form they came in.
        let composed = |value: &Value| value.to_string().nfc().collect::<String>();
        expected.into_iter().find_map(|(member, value)| {
            let shown = item.get(member).map(composed);
            let expected = composed(&value);
            (shown.as_ref() != Some(&expected))
                .then(|| format!("{} in {locale}: {member} {shown:?} is not {expected}", self.external_id))
        })
    }
}

fn summary(tally: &Value) -> String {
    let number = |name: &str| tally.get(name).map(Value::to_string).unwrap_or_default();
    format!("{} created, {} updated, {} failed", number("created"), number("updated"), number("failed"))
}

/// Imports lines and gives the tally.
pub async fn import(admin: &Caller, lines: &[String]) -> Result<Value> {
    let body = lines.join("\n");
    let request = admin.request(Method::POST, "/api/v1/admin/import");
    let reply = request.header("content-type", "application/x-ndjson").body(body).send().await?;
    let status = reply.status();
    let told = reply.text().await?;
    if !status.is_success() {
        return Err(format!("import: {status} {told}").into());
    }
    Ok(serde_json::from_str(&told)?)
}

/// Id and time of creation of every product, by its id in the file.
async fn ids(admin: &Caller) -> Result<HashMap<String, (String, String)>> {
    let mut slugs = Vec::new();
    let mut path = "/api/v1/admin/products?limit=100&sort=created_at".to_owned();
    loop {
        let page = admin.call(Method::GET, &path, None).await?;
        for item in page.get("items").and_then(Value::as_array).into_iter().flatten() {
            slugs.push(text(item, "/id")?.to_owned());
        }
        let Some(cursor) = page.get("next_cursor").and_then(Value::as_str) else { break };
        path = format!("/api/v1/admin/products?limit=100&sort=created_at&cursor={cursor}");
    }
    let products = stream::iter(slugs).map(|id| async move {
        let product = admin.call(Method::GET, &format!("/api/v1/admin/products/{id}"), None).await?;
        let of = |pointer: &str| text(&product, pointer).map(str::to_owned);
        Result::Ok((of("/external_id")?, (of("/id")?, of("/created_at")?)))
    });
    products.buffered(AT_ONCE).try_collect().await
}

/// A list, all pages of it.
pub struct Walked {
    pub items: Vec<Value>,
    /// As the first page counted it.
    pub total: Option<u64>,
}

/// Reads a public list to its end.
pub async fn walk(nobody: &Caller, query: &str) -> Result<Walked> {
    walk_by(nobody, query, 100).await
}

/// Reads a public list to its end, page by page of `limit`.
pub async fn walk_by(nobody: &Caller, query: &str, limit: usize) -> Result<Walked> {
    let mut walked = Walked { items: Vec::new(), total: None };
    let mut path = format!("/api/v1/products?limit={limit}&{query}");
    loop {
        let page = nobody.call(Method::GET, &path, None).await?;
        walked.items.extend(page.get("items").and_then(Value::as_array).into_iter().flatten().cloned());
        walked.total = walked.total.or_else(|| page.get("total").and_then(Value::as_u64));
        let Some(cursor) = page.get("next_cursor").and_then(Value::as_str) else { return Ok(walked) };
        path = format!("/api/v1/products?limit={limit}&{query}&cursor={cursor}");
    }
}
