//! Gifts that were mailed, who was told that they got one, and whether they still have it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::journal::Journal;
use crate::mailed;
use crate::process::Result;
use crate::random::Random;
use crate::server::{Caller, Server, text};

/// Where a mailed gift leads.
const PAGE: &str = "/gifts/claim";

/// The tokens that were mailed and the claims that were acknowledged.
#[derive(Default)]
pub(super) struct Gifts(Mutex<Known>);

#[derive(Default)]
struct Known {
    open: Vec<String>,
    claimed: Vec<Claimed>,
}

#[derive(Clone)]
struct Claimed {
    /// By which of the buyers.
    number: usize,
    token: String,
    id: String,
}

impl Gifts {
    /// Takes the tokens out of the mails that lie there.
    pub(super) fn collect(&self, server: &Server) -> Result<()> {
        let tokens: Vec<String> =
            server.mail()?.iter().filter_map(|mail| mailed::token(mail, PAGE)).collect();
        self.lock().open.extend(tokens);
        server.forget_mail()
    }

    /// Somebody claims one of them. What is claimed already, or was given back, may be refused.
    pub(super) async fn claim(
        &self,
        number: usize,
        buyer: &Caller,
        random: &mut Random,
        journal: &Journal,
    ) -> Result<()> {
        let Some(token) = random.one_of(&self.lock().open).cloned() else { return Ok(()) };
        let answer = ask(buyer, &token).await?;
        match answer.status() {
            StatusCode::OK => {
                let id = text(&answer.json().await?, "/id")?.to_owned();
                let mut known = self.lock();
                known.open.retain(|open| *open != token);
                known.claimed.push(Claimed { number, token, id });
            }
            StatusCode::NOT_FOUND | StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE => {}
            status => journal.violation(format!("a claim: {status}")),
        }
        Ok(())
    }

    /// Who was told that a gift is theirs has it: claimed again it answers the same. Only who gave one to themselves may have
    /// given it back since; `orders` are all that the store has.
    pub(super) async fn verify(&self, buyers: &[Caller], orders: &[Value], journal: &Journal) -> Result<()> {
        let claimed = self.lock().claimed.clone();
        println!("{} gifts claimed", claimed.len());
        for Claimed { number, token, id } in claimed {
            let buyer = buyers.get(number).ok_or("an unknown buyer")?;
            let status = ask(buyer, &token).await?.status();
            let is_gone = status == StatusCode::NOT_FOUND;
            if status != StatusCode::OK && !(is_gone && gave_back(buyer, &id, orders).await?) {
                journal.violation(format!("gift {id} was buyer {number}'s and is not: {status}"));
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether somebody bought a gift themselves and gave it back.
async fn gave_back(buyer: &Caller, gift: &str, orders: &[Value]) -> Result<bool> {
    let me = buyer.call(Method::GET, "/api/v1/me", None).await?;
    let wanted = [("/gift_id", gift), ("/account_id", text(&me, "/id")?), ("/status", "refunded")];
    let fits = |order: &Value| wanted.iter().all(|(at, value)| text(order, at).is_ok_and(|is| is == *value));
    Ok(orders.iter().any(fits))
}

async fn ask(buyer: &Caller, token: &str) -> Result<Response> {
    let body = json!({"token": token});
    Ok(buyer.request(Method::POST, "/api/v1/gifts/claim").json(&body).send().await?)
}
