//! Orders at both copies: the mail, the webhook and the notification of each come once, and soon also where a copy dies over it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::{copy, receiver::Receiver};
use crate::process::Result;
use crate::server::{Caller, Server, text};
use crate::smtp::Sink;
use crate::stock;

/// Who buys: at each copy as many.
const BUYERS: usize = 40;
/// What there is to buy, for nothing: the receipt of what costs nothing waits for no invoice.
const PRODUCTS: usize = 60;
/// Orders until the load ends, and a copy is killed where one is; and how long they may take.
const ORDERS: usize = 60;
const BUYING: Duration = Duration::from_secs(60);
/// In which time what a killed copy had begun must be done by the other.
const TAKEN_OVER: Duration = Duration::from_secs(60);
/// How long is waited for what must not come.
const CALM: Duration = Duration::from_secs(3);

/// What an account was promised: the numbers of its orders.
type Orders = Arc<Mutex<HashMap<usize, Vec<String>>>>;

/// Has people buy at both copies, unharmed and while one is killed; how often something was lost, late or told twice.
pub(super) async fn told(
    copies: &mut [Server; 2],
    admin: &Caller,
    sink: &Sink,
    receiver: &Receiver,
    kills: u32,
) -> Result<u32> {
    let mut products = Vec::new();
    for number in 0..PRODUCTS {
        products.push(stock::product(admin, &format!("Told {number}"), 0).await?);
    }
    let (products, orders) = (Arc::new(products), Orders::default());
    let mut buyers = Vec::new();
    for number in 0..BUYERS {
        buyers.push(copy(copies, number)?.register(&format!("buyer{number}@example.com")).await?);
    }
    let mut violations = 0;
    for round in 0..=kills {
        let share = PRODUCTS / (usize::try_from(kills)? + 1);
        let begin = usize::try_from(round)? * share;
        let wished: Vec<String> = products.iter().skip(begin).take(share).cloned().collect();
        let load: Vec<_> = buyers
            .iter()
            .enumerate()
            .map(|(number, buyer)| {
                tokio::spawn(buy(number, buyer.clone(), wished.clone(), Arc::clone(&orders)))
            })
            .collect();
        let killed = (round > 0).then_some(usize::try_from(round)?);
        let (before, until) = (count(&orders), Instant::now() + BUYING);
        while count(&orders) < before + ORDERS && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if let Some(killed) = killed {
            copy(copies, killed)?.kill()?;
        }
        let began = Instant::now();
        for task in load {
            // What was asked and not answered was not promised.
            task.abort();
            drop(task.await);
        }
        let numbers: HashSet<String> = noted(&orders).into_values().flatten().collect();
        let lost = loop {
            let lost = missing(&numbers, sink, receiver)?;
            if lost == (0, 0) || began.elapsed() > TAKEN_OVER {
                break lost;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        let took = began.elapsed();
        let name = if killed.is_some() { "a copy killed" } else { "both copies unharmed" };
        println!(
            "{name}: {} orders so far, all told of {:.1} s after that; missing: {} mails, {} webhooks",
            numbers.len(),
            took.as_secs_f64(),
            lost.0,
            lost.1
        );
        violations += u32::from(lost != (0, 0));
        tokio::time::sleep(CALM).await;
        violations += twice(sink, receiver, killed.is_none())?;
        if let Some(killed) = killed {
            copy(copies, killed)?.start(&[]).await?;
        }
    }
    for (number, numbers) in noted(&orders) {
        let buyer = buyers.get(number).ok_or("no such buyer")?;
        // Either copy tells the same.
        violations += notified(copy(copies, number + 1)?, number, buyer, numbers.len()).await?;
    }
    Ok(violations)
}

fn noted(orders: &Orders) -> HashMap<usize, Vec<String>> {
    orders.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn count(orders: &Orders) -> usize {
    orders.lock().unwrap_or_else(PoisonError::into_inner).values().map(Vec::len).sum()
}

/// Buys one thing after the other; ends with its copy.
async fn buy(number: usize, buyer: Caller, products: Vec<String>, orders: Orders) {
    for product in products {
        let body = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
        let Ok(order) = buyer.call(Method::POST, "/api/v1/checkout", Some(body)).await else { return };
        if let Ok(name) = text(&order, "/number") {
            let mut orders = orders.lock().unwrap_or_else(PoisonError::into_inner);
            orders.entry(number).or_default().push(name.to_owned());
        }
    }
}

/// How many mails and webhooks there are too few.
fn missing(numbers: &HashSet<String>, sink: &Sink, receiver: &Receiver) -> Result<(usize, usize)> {
    let taken = sink.taken()?;
    let receipts: HashSet<&str> = taken.iter().filter_map(|mail| receipt(&mail.subject)).collect();
    let mails = numbers.iter().filter(|number| !receipts.contains(number.as_str())).count();
    let told: HashSet<String> = receiver.ids().into_iter().collect();
    Ok((mails, numbers.len().saturating_sub(told.len())))
}

fn receipt(subject: &str) -> Option<&str> {
    Some(subject.rsplit_once("receipt for order ")?.1)
}

/// What came twice, and whether that may be: where nobody was killed nothing may, else what is recognised as the same.
fn twice(sink: &Sink, receiver: &Receiver, unharmed: bool) -> Result<u32> {
    let mut ids: HashMap<String, HashSet<String>> = HashMap::new();
    let taken = sink.taken()?;
    let receipts: Vec<_> = taken.iter().filter(|mail| receipt(&mail.subject).is_some()).collect();
    for mail in &receipts {
        ids.entry(mail.subject.clone()).or_default().insert(mail.id.clone());
    }
    let unlike = ids.values().filter(|ids| ids.len() > 1).count();
    let told = receiver.ids();
    let distinct: HashSet<&String> = told.iter().collect();
    let (mails, webhooks) = (receipts.len() - ids.len(), told.len() - distinct.len());
    println!(
        "  again: {mails} mails ({unlike} of them by another Message-ID), {webhooks} webhooks by the same id"
    );
    let wrong = unlike + if unharmed { mails + webhooks } else { 0 };
    Ok(u32::try_from(wrong)?)
}

/// Whether an account was told of each order and of each product once, in the store.
async fn notified(server: &Server, number: usize, buyer: &Caller, orders: usize) -> Result<u32> {
    let mut counts: HashMap<String, HashSet<String>> = HashMap::new();
    let (mut all, mut path) = (0, format!("{}/api/v1/notifications?limit=100", server.url));
    loop {
        let page = buyer.call(Method::GET, &path, None).await?;
        for item in page.get("items").and_then(Value::as_array).into_iter().flatten() {
            let of = item.pointer("/subject").map(Value::to_string).unwrap_or_default();
            counts.entry(text(item, "/kind")?.to_owned()).or_default().insert(of);
            all += 1;
        }
        let Some(cursor) = page.get("next_cursor").and_then(Value::as_str) else { break };
        path = format!("{}/api/v1/notifications?limit=100&cursor={cursor}", server.url);
    }
    let count = |kind: &str| counts.get(kind).map_or(0, HashSet::len);
    // An order whose answer was lost is told of as well.
    let told = (count("order_paid"), count("download_ready"));
    let right =
        told.0 >= orders && told.0 == told.1 && all == counts.values().map(HashSet::len).sum::<usize>();
    if !right {
        println!("buyer {number}: {orders} orders, told of {told:?} in {all} notifications");
    }
    Ok(u32::from(!right))
}
