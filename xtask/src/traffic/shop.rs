//! A store with things to sell and people who come, at the addresses of all its copies.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::Tally;
use crate::process::Result;
use crate::server::{Caller, PASSWORD, Server, text};
use crate::stock;

/// How long somebody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Of so many visitors one comes over a connection of its own, which ends with its answer.
const FRESH: usize = 4;

/// Somebody who is signed in.
struct Buyer {
    email: String,
    access: String,
    refresh: String,
}

/// What there is to buy, who buys, and what became of it.
pub struct Shop {
    pub(super) tally: Tally,
    pub(super) products: Vec<String>,
    buyers: RwLock<Vec<Buyer>>,
    /// Strangers at each copy: over connections that stay, and over one for each request.
    kept: Vec<Caller>,
    fresh: Vec<Caller>,
    visitors: AtomicUsize,
    purchases: AtomicUsize,
}

impl Shop {
    /// So many products and so many buyers in the store of these copies, which share a database.
    pub async fn stock(copies: &[&Server], admin: &Caller, products: usize, buyers: usize) -> Result<Self> {
        let first = copies.first().ok_or("no copies")?;
        let products = stock::many(admin, products).await?;
        let mut registered = Vec::new();
        for number in 0..buyers {
            let email = format!("visitor{number}@example.com");
            let body = json!({"email": email, "password": PASSWORD, "display_name": "Somebody"});
            let session = first.nobody().call(Method::POST, "/api/v1/auth/register", Some(body)).await?;
            registered.push(Buyer {
                email,
                access: text(&session, "/access_token")?.to_owned(),
                refresh: text(&session, "/refresh_token")?.to_owned(),
            });
        }
        let mut shop = Self {
            tally: Tally::default(),
            products,
            buyers: RwLock::new(registered),
            kept: Vec::new(),
            fresh: Vec::new(),
            visitors: AtomicUsize::new(0),
            purchases: AtomicUsize::new(0),
        };
        shop.open_at(copies)?;
        Ok(shop)
    }

    /// From now on visitors come to these copies in turn.
    pub fn open_at(&mut self, copies: &[&Server]) -> Result<()> {
        let kept = Client::builder().timeout(PATIENCE).build()?;
        let fresh = Client::builder().timeout(PATIENCE).pool_max_idle_per_host(0).build()?;
        self.kept = copies.iter().map(|copy| Caller::at(&copy.url, kept.clone())).collect();
        self.fresh = copies.iter().map(|copy| Caller::at(&copy.url, fresh.clone())).collect();
        Ok(())
    }

    /// What became of what was asked so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Each buyer gets a new token, before the old one is too old.
    pub async fn renew(&self) -> Result<()> {
        let known: Vec<(usize, String)> = {
            let buyers = self.buyers.read().unwrap_or_else(PoisonError::into_inner);
            buyers.iter().map(|buyer| buyer.refresh.clone()).enumerate().collect()
        };
        for (number, refresh) in known {
            let (caller, _) = self.stranger().ok_or("no copies")?;
            let body = json!({"refresh_token": refresh});
            let session: Value = caller.call(Method::POST, "/api/v1/auth/refresh", Some(body)).await?;
            let mut buyers = self.buyers.write().unwrap_or_else(PoisonError::into_inner);
            if let Some(buyer) = buyers.get_mut(number) {
                text(&session, "/access_token")?.clone_into(&mut buyer.access);
                text(&session, "/refresh_token")?.clone_into(&mut buyer.refresh);
            }
        }
        Ok(())
    }

    /// The next stranger at the door, and which of all it is.
    pub(super) fn stranger(&self) -> Option<(Caller, usize)> {
        let number = self.visitors.fetch_add(1, Ordering::Relaxed);
        let callers = if number.is_multiple_of(FRESH) { &self.fresh } else { &self.kept };
        // Not by the same number as above, or some copies would get the fresh connections alone.
        let caller = callers.get((number / FRESH + number) % callers.len().max(1))?;
        Some((caller.clone(), number))
    }

    /// The next of the buyers.
    pub(super) fn buyer(&self) -> Option<Caller> {
        let (caller, number) = self.stranger()?;
        let buyers = self.buyers.read().unwrap_or_else(PoisonError::into_inner);
        let buyer = buyers.get(number % buyers.len().max(1))?;
        Some(caller.signed_in(&buyer.access))
    }

    /// A buyer with something that they never asked for; none once everybody has asked for everything.
    pub(super) fn wish(&self) -> Option<(Caller, &str)> {
        let number = self.purchases.fetch_add(1, Ordering::Relaxed);
        let (caller, _) = self.stranger()?;
        let buyers = self.buyers.read().unwrap_or_else(PoisonError::into_inner);
        let buyer = buyers.get(number % buyers.len().max(1))?;
        let product = self.products.get(number / buyers.len().max(1))?;
        Some((caller.signed_in(&buyer.access), product.as_str()))
    }

    /// The address of one of the buyers.
    pub(super) fn email(&self, number: usize) -> Option<String> {
        let buyers = self.buyers.read().unwrap_or_else(PoisonError::into_inner);
        buyers.get(number % buyers.len().max(1)).map(|buyer| buyer.email.clone())
    }
}
