//! Purchases a second, by wrk.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::process::{Result, root};
use crate::server::{Caller, Server, text};
use crate::stock;

/// Connections that buy at once.
const CONNECTIONS: &str = "16";
/// Buyers: so many more than connections that none buys two things at once.
const BUYERS: usize = 64;

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
        let products = stock::many(admin, count).await?;
        let folder = tempfile::Builder::new().prefix("mist-purchases-").tempdir()?;
        Ok(Self { folder, tokens, products, taken: 0 })
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
