//! Gifts that were mailed, who was told that they got one, and whether they still have it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::journal::Journal;
use crate::mailed;
use crate::process::Result;
use crate::random::Random;
use crate::server::{Caller, Server};

/// Where a mailed gift leads.
const PAGE: &str = "/gifts/claim";

/// The tokens that were mailed and the claims that were acknowledged.
#[derive(Default)]
pub(super) struct Gifts(Mutex<Known>);

#[derive(Default)]
struct Known {
    open: Vec<String>,
    /// By which of the buyers.
    claimed: Vec<(usize, String)>,
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
        match ask(buyer, &token).await? {
            StatusCode::OK => {
                let mut known = self.lock();
                known.open.retain(|open| *open != token);
                known.claimed.push((number, token));
            }
            StatusCode::NOT_FOUND | StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE => {}
            status => journal.violation(format!("a claim: {status}")),
        }
        Ok(())
    }

    /// Who was told that a gift is theirs has it: claimed again it answers the same.
    pub(super) async fn verify(&self, buyers: &[Caller], journal: &Journal) -> Result<()> {
        let claimed = self.lock().claimed.clone();
        println!("{} gifts claimed", claimed.len());
        for (number, token) in claimed {
            let buyer = buyers.get(number).ok_or("an unknown buyer")?;
            let status = ask(buyer, &token).await?;
            if status != StatusCode::OK {
                journal.violation(format!("a gift was buyer {number}'s and is not: {status}"));
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn ask(buyer: &Caller, token: &str) -> Result<StatusCode> {
    let body = json!({"token": token});
    Ok(buyer.request(Method::POST, "/api/v1/gifts/claim").json(&body).send().await?.status())
}
