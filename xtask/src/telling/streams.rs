//! Accounts that listen at one copy and go on at the other whenever theirs is killed: each is told of each event once, in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::{admins, copy};
use crate::postgres::psql;
use crate::process::Result;
use crate::server::{Caller, Server, text};
use crate::stock;

/// How often a copy is killed meanwhile.
const KILLS: usize = 6;
/// How long everything may take.
const PATIENCE: Duration = Duration::from_secs(8 * 60);
/// Between two attempts to listen.
const AGAIN: Duration = Duration::from_millis(200);

/// Lowers the price of as many products as there are listeners, each of whom wishes for all of them; how many were told wrongly.
pub(super) async fn followed(copies: &mut [Server; 2], listeners: usize) -> Result<u32> {
    let admin = admins(copies).await?;
    let mut products = Vec::new();
    for number in 0..listeners {
        products.push(stock::product(&admin[0], &format!("Wished {number}"), 900).await?);
    }
    let heard = Arc::new(AtomicUsize::new(0));
    let urls = [copies[0].url.clone(), copies[1].url.clone()];
    let mut tasks = Vec::new();
    for number in 0..listeners {
        let caller = copies[0].register(&format!("listener{number}@example.com")).await?;
        // This is not about mail.
        let quiet = json!({"wishlist_price_drop": {"email": false}});
        caller.call(Method::PUT, "/api/v1/me/notification-preferences", Some(quiet)).await?;
        tasks.push(Listener {
            caller,
            urls: urls.clone(),
            at: number,
            heard: Arc::clone(&heard),
            seen: Vec::new(),
        });
    }
    wish(copies[0].database().ok_or("no database")?)?;
    let expected = listeners * listeners;
    let tasks: Vec<_> = tasks.into_iter().map(|listener| tokio::spawn(listener.listen(listeners))).collect();
    let began = Instant::now();
    let mut killed = 0;
    for (number, product) in products.iter().enumerate() {
        // Each copy is told of changes; one that was killed is there again by then.
        let admin = admin.get(number % 2).ok_or("no such copy")?;
        let path = format!("/api/v1/admin/products/{product}/prices");
        admin.call(Method::PUT, &path, Some(json!([{"currency": "USD", "amount": 100}]))).await?;
        if number % (listeners / (KILLS + 1)).max(1) == 1 && killed < KILLS {
            let copy = copy(copies, killed)?;
            copy.kill()?;
            copy.start(&[]).await?;
            killed += 1;
        }
    }
    let mut wrong = 0;
    for task in tasks {
        let left = PATIENCE.saturating_sub(began.elapsed());
        wrong += match tokio::time::timeout(left, task).await {
            Ok(outcome) => u32::from(!is_right(&outcome?, listeners)),
            Err(_) => 1,
        };
    }
    println!(
        "{} of {expected} events heard by {listeners} listeners in {:.0} s, copies killed {killed} times; {wrong} of them missed \
         something, heard it twice or out of order",
        heard.load(Ordering::Relaxed),
        began.elapsed().as_secs_f64()
    );
    Ok(wrong)
}

/// Everybody who listens wishes for everything.
fn wish(database: &str) -> Result<()> {
    psql(
        database,
        "INSERT INTO wishlist_item (account_id, product_id, added_at) SELECT account.id, product.id, now() FROM account, product \
         WHERE account.email LIKE 'listener%' AND product.title LIKE 'Wished %'",
    )
}

/// Each once, in the order of their positions.
fn is_right(seen: &[(i64, String)], listeners: usize) -> bool {
    let ordered = seen.windows(2).all(|two| matches!(two, [(one, _), (other, _)] if one < other));
    let mut products: Vec<&String> = seen.iter().map(|(_, product)| product).collect();
    products.sort();
    products.dedup();
    ordered && seen.len() == listeners && products.len() == listeners
}

/// An account that listens.
struct Listener {
    caller: Caller,
    urls: [String; 2],
    /// At which copy.
    at: usize,
    /// How much all listeners have heard.
    heard: Arc<AtomicUsize>,
    /// The position of each event, and its product.
    seen: Vec<(i64, String)>,
}

impl Listener {
    /// Until it has heard so much.
    async fn listen(mut self, expected: usize) -> Vec<(i64, String)> {
        while self.seen.len() < expected {
            // A copy that is gone is no failure: the other goes on.
            if self.follow(expected).await.is_err() || self.seen.len() < expected {
                self.at += 1;
                tokio::time::sleep(AGAIN).await;
            }
        }
        self.seen
    }

    /// One stream, until it ends.
    async fn follow(&mut self, expected: usize) -> Result<()> {
        let url = self.urls.get(self.at % 2).ok_or("no such copy")?;
        let request = self.caller.request(Method::GET, &format!("{url}/api/v1/notifications/stream"));
        let request = request.header("last-event-id", self.seen.last().map_or(0, |(place, _)| *place));
        let mut reply = request.send().await?.error_for_status()?;
        let mut text = String::new();
        while let Some(chunk) = reply.chunk().await? {
            text.push_str(&String::from_utf8_lossy(&chunk));
            while let Some((event, rest)) = text.split_once("\n\n") {
                if let Some(seen) = read(event) {
                    self.seen.push(seen);
                    self.heard.fetch_add(1, Ordering::Relaxed);
                }
                text = rest.to_owned();
            }
            if self.seen.len() >= expected {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// The position and the product of an event of the stream; none of what is no event.
fn read(event: &str) -> Option<(i64, String)> {
    let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
    let told: Value = serde_json::from_str(line("data: ")?).ok()?;
    if text(&told, "/kind").ok()? != "wishlist_price_drop" {
        return None;
    }
    Some((line("id: ")?.parse().ok()?, text(&told, "/subject/product_id").ok()?.to_owned()))
}
