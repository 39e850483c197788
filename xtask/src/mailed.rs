//! Links that a store mails, as whoever gets them opens them.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::process::Result;
use crate::server::Server;

/// How long a mail may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks for it.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The token of a mail's link to a page, if it has one.
pub fn token(mail: &str, page: &str) -> Option<String> {
    let mail = mail.replace("=\r\n", "").replace("=3D", "=");
    let (_, rest) = mail.split_once(&format!("{page}?token="))?;
    Some(rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect())
}

/// The token of the link to a page that is mailed to an address.
pub async fn token_for(server: &Server, email: &str, page: &str) -> Result<String> {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let mails = server.mail()?;
        let theirs = mails.iter().filter(|mail| mail.contains(&format!("To: {email}")));
        if let Some(token) = theirs.filter_map(|mail| token(mail, page)).next() {
            return Ok(token);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Err(format!("no link was mailed within {PATIENCE:?}").into())
}

/// Proves an address, for gifts are mailed in the name of its account.
pub async fn prove(server: &Server, address: &str) -> Result<()> {
    let token = token_for(server, address, "/verify-email").await?;
    let request = server.nobody().request(Method::POST, "/api/v1/auth/email/verify");
    let reply = request.json(&json!({"token": token})).send().await?;
    if reply.status().is_success() { Ok(()) } else { Err(reply.text().await?.into()) }
}
