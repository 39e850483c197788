//! A list that grows while it is read: what was there is neither skipped nor repeated.

use std::collections::HashMap;

use serde_json::json;

use super::Table;
use super::imported::{import, walk_by};
use crate::process::Result;
use crate::server::{Caller, text};

/// Products that are there, and products that come while they are read.
const PRODUCTS: usize = 300;
/// Lines of one import, so that the new ones come bit by bit.
const BATCH: usize = 10;

/// Pages through products while others are imported among them, in several orders.
pub async fn check(admin: &Caller, table: &mut Table) -> Result<()> {
    for (round, sort) in
        ["created_at", "-created_at", "title", "-title", "price", "-popularity"].iter().enumerate()
    {
        let tag = format!("growing-{round}");
        let before: Vec<String> = (0..PRODUCTS).map(|number| line(&tag, "old", number)).collect();
        let coming: Vec<String> = (0..PRODUCTS).map(|number| line(&tag, "new", number)).collect();
        import(admin, &before).await?;
        let query = format!("tag={tag}&sort={sort}");
        let inserting = async {
            for lines in coming.chunks(BATCH) {
                import(admin, lines).await?;
            }
            Result::Ok(())
        };
        let reading = async { walk_by(admin, &query, 5).await };
        let (inserted, walked) = tokio::join!(inserting, reading);
        inserted?;
        let mut seen: HashMap<String, u32> = HashMap::new();
        for item in walked?.items {
            *seen.entry(text(&item, "/title")?.to_owned()).or_default() += 1;
        }
        for number in 0..PRODUCTS {
            let times = seen.get(&title("old", number)).copied().unwrap_or_default();
            let difference = (times != 1).then(|| format!("{sort}: number {number} was seen {times} times"));
            table.note("products of a list that grows", difference);
        }
        let repeated = seen.iter().find(|(_, times)| **times > 1);
        table.note("lists that grow", repeated.map(|(title, _)| format!("{sort}: {title} was repeated")));
    }
    Ok(())
}

/// Numbers in an order of their own, so that titles of both kinds are mixed.
fn title(age: &str, number: usize) -> String {
    format!("{:03} {age}", number * 7 % PRODUCTS)
}

fn line(tag: &str, age: &str, number: usize) -> String {
    let line = json!({
        "external_id": format!("{tag}-{age}-{number}"), "kind": "game", "title": title(age, number), "tags": [tag],
        "prices": [{"currency": "USD", "amount": number % 50}], "status": "published",
    });
    line.to_string()
}
