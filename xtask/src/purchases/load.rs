//! Purchases a second, by wrk.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{Result, root};
use crate::server::{Caller, Server, text};

/// Connections that buy at once.
const CONNECTIONS: &str = "16";
/// Buyers: so many more than connections that none buys two things at once.
const BUYERS: usize = 64;
/// Products of one import.
const IMPORTED_AT_ONCE: usize = 1000;

/// What is bought by whom.
pub(super) struct Shop {
    folder: TempDir,
    tokens: Vec<String>,
    products: Vec<String>,
    taken: usize,
}

/// What a run came to.
pub(super) struct Run {
    pub(super) purchases: f64,
    pub(super) seconds: f64,
    /// Milliseconds, of a request.
    pub(super) p99: f64,
}

impl Shop {
    /// A shop of so many products.
    pub(super) async fn stock(server: &Server, admin: &Caller, count: usize) -> Result<Self> {
        let mut tokens = Vec::new();
        for number in 0..BUYERS {
            let body = json!({
                "email": format!("purchase{number}@example.com"), "password": crate::server::PASSWORD,
                "display_name": "Somebody",
            });
            let session = server.nobody().call(Method::POST, "/api/v1/auth/register", Some(body)).await?;
            tokens.push(text(&session, "/access_token")?.to_owned());
        }
        for begin in (0..count).step_by(IMPORTED_AT_ONCE) {
            import(admin, begin, IMPORTED_AT_ONCE.min(count - begin)).await?;
        }
        let folder = tempfile::Builder::new().prefix("mist-purchases-").tempdir()?;
        Ok(Self { folder, tokens, products: products(admin, count).await?, taken: 0 })
    }

    /// Buys for so many seconds; a product that was bought is bought no more.
    pub(super) fn buy(&mut self, server: &Server, seconds: u32, kind: &str, share: usize) -> Result<Run> {
        let end = (self.taken + share).min(self.products.len());
        let products = self.products.get(self.taken..end).ok_or("nothing is left to buy")?;
        self.taken = end;
        let data = self.folder.path().join("data.lua");
        fs::write(&data, format!("tokens = {}\nproducts = {}\n", list(&self.tokens), list(products)))?;
        let output = Command::new("wrk")
            .args(["-t1", "-c", CONNECTIONS, &format!("-d{seconds}s"), "-s"])
            .arg(root().join("xtask/src/purchases/buy.lua"))
            .arg(&server.url)
            .arg("--")
            .arg(&data)
            .arg(kind)
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let figure = |name: &str| -> Result<f64> {
            let line = said.lines().find_map(|line| line.strip_prefix(name));
            let word = line.and_then(|line| line.split_whitespace().next());
            Ok(word.ok_or_else(|| format!("wrk said nothing of {name}: {said}"))?.parse()?)
        };
        if figure("refused")? > 0.0 {
            return Err(format!("a purchase was refused: {said}").into());
        }
        let run = Run { purchases: figure("bought")?, seconds: figure("seconds")?, p99: figure("p99")? };
        if run.purchases + 16.0 >= products.len() as f64 {
            return Err("all there was to buy was bought before the time was up: stock more".into());
        }
        Ok(run)
    }
}

/// A list as Lua writes it.
fn list(texts: &[String]) -> String {
    let mut list = String::from("{");
    for text in texts {
        let _ = write!(list, "\"{text}\",");
    }
    list.push('}');
    list
}

async fn import(admin: &Caller, begin: usize, count: usize) -> Result<()> {
    let mut lines = String::new();
    for number in begin..begin + count {
        let product = json!({
            "external_id": format!("purchase-{number}"), "kind": "game", "title": format!("Purchase {number}"),
            "prices": [{"currency": "USD", "amount": 1999}], "release_date": "2999-01-01", "status": "published",
        });
        let _ = writeln!(lines, "{product}");
    }
    let request = admin.request(Method::POST, "/api/v1/admin/import");
    let reply = request.header("content-type", "application/x-ndjson").body(lines).send().await?;
    let tally: Value = serde_json::from_str(&reply.text().await?)?;
    if tally.get("created") == Some(&json!(count)) {
        Ok(())
    } else {
        Err(format!("the products were not imported: {tally}").into())
    }
}

/// The ids of what was imported.
async fn products(admin: &Caller, count: usize) -> Result<Vec<String>> {
    let (mut ids, mut cursor) = (Vec::new(), None::<String>);
    while ids.len() < count {
        let mut request = admin.request(Method::GET, "/api/v1/admin/products").query(&[("limit", "100")]);
        if let Some(cursor) = &cursor {
            request = request.query(&[("cursor", cursor)]);
        }
        let page: Value = serde_json::from_str(&request.send().await?.text().await?)?;
        for item in page.pointer("/items").and_then(Value::as_array).ok_or("no products")? {
            ids.push(text(item, "/id")?.to_owned());
        }
        cursor = page.pointer("/next_cursor").and_then(Value::as_str).map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    Ok(ids)
}
