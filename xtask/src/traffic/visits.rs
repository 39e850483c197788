//! One visit.

use std::time::Instant;

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::{Answer, Fate, Kind, Shop};
use crate::process::Result;
use crate::random::Random;
use crate::server::{Caller, PASSWORD, text};

const SORTS: [&str; 6] = ["title", "-title", "price", "-price", "created_at", "-created_at"];

impl Shop {
    /// Does what a visitor came for, as far as the store lets them; all of it is in the tally.
    pub async fn visit(&self, kind: Kind, seed: u64) {
        // What went wrong is in the tally; there is nothing more to it.
        let _told = self.come(kind, &mut Random::of(seed)).await;
    }

    async fn come(&self, kind: Kind, random: &mut Random) -> Result<()> {
        match kind {
            Kind::List => {
                let (caller, number) = self.stranger().ok_or("no copies")?;
                let sort = random.one_of(&SORTS).copied().unwrap_or("title");
                // Hardly any two ask the same.
                let path = format!("/api/v1/products?limit=24&sort={sort}&price_min={}", number % 1900);
                self.ask(kind, caller.request(Method::GET, &path), true).await.map(drop)
            }
            Kind::Detail => {
                let (caller, _) = self.stranger().ok_or("no copies")?;
                let product = random.one_of(&self.products).ok_or("no products")?;
                let path = format!("/api/v1/products/{product}");
                self.ask(kind, caller.request(Method::GET, &path), true).await.map(drop)
            }
            Kind::Search => {
                let (caller, number) = self.stranger().ok_or("no copies")?;
                let path = format!("/api/v1/products?q=purchase%20{}", number % self.products.len().max(1));
                self.ask(kind, caller.request(Method::GET, &path), true).await.map(drop)
            }
            Kind::Library => {
                let caller = self.buyer().ok_or("no buyers")?;
                self.ask(kind, caller.request(Method::GET, "/api/v1/library"), true).await.map(drop)
            }
            Kind::SignIn => {
                let (caller, number) = self.stranger().ok_or("no copies")?;
                let email = self.email(number).ok_or("no buyers")?;
                let body = json!({"email": email, "password": PASSWORD});
                let request = caller.request(Method::POST, "/api/v1/auth/login").json(&body);
                self.ask(kind, request, true).await.map(drop)
            }
            Kind::Purchase => self.buy(kind, true).await.map(drop),
            Kind::Refund => {
                let (caller, order) = self.buy(kind, false).await?;
                let path = format!("/api/v1/orders/{order}/refund");
                let request =
                    caller.request(Method::POST, &path).json(&json!({"reason": "a change of mind"}));
                self.ask(kind, request, true).await.map(drop)
            }
        }
    }

    /// A purchase, and whether that is all; gives its buyer and its order.
    async fn buy(&self, kind: Kind, all: bool) -> Result<(Caller, String)> {
        let (caller, product) = self.wish().ok_or("all there was to buy was bought: stock more")?;
        let body = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
        let request = caller.request(Method::POST, "/api/v1/checkout").json(&body);
        let order = self.ask(kind, request, false).await?;
        let path = format!("/api/v1/payments/mock/{}", text(&order, "/payment/id")?);
        let request = caller.request(Method::POST, &path).json(&json!({"outcome": "succeed"}));
        self.ask(kind, request, all).await?;
        Ok((caller, text(&order, "/id")?.to_owned()))
    }

    /// Asks, notes what came of it, and gives the answer where it was accepted.
    async fn ask(&self, kind: Kind, request: RequestBuilder, last: bool) -> Result<Value> {
        let began = Instant::now();
        let outcome = reply(request).await;
        let took = began.elapsed();
        let fate = match &outcome {
            Ok((status, ..)) if status.is_success() => Fate::Accepted,
            Ok((StatusCode::SERVICE_UNAVAILABLE, true, _)) => Fate::Shed,
            Ok(_) => Fate::Refused,
            Err(_) => Fate::Unanswered,
        };
        let done = last && fate == Fate::Accepted;
        self.tally.note(Answer { kind, fate, took, done });
        if matches!(fate, Fate::Refused | Fate::Unanswered) {
            self.tally.complain(|| match &outcome {
                Ok((status, _, body)) => format!("{}: {status} {body}", kind.name()),
                Err(error) => format!("{}: {error:?}", kind.name()),
            });
        }
        let (status, _, body) = outcome?;
        if fate != Fate::Accepted {
            return Err(status.to_string().into());
        }
        // Pages are read to their end and not looked into: whether they are right is for others to see.
        Ok(if last { Value::Null } else { serde_json::from_str(&body)? })
    }
}

/// The status, whether it says when to come again, and the body.
async fn reply(request: RequestBuilder) -> reqwest::Result<(StatusCode, bool, String)> {
    let reply = request.send().await?;
    let (status, told) = (reply.status(), reply.headers().contains_key("retry-after"));
    Ok((status, told, reply.text().await?))
}
