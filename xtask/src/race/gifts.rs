//! Many people at once who have the link of one gift: one of them gets it.

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::mailed;
use crate::process::Result;
use crate::race::checkouts;
use crate::server::{Caller, Server};

/// Claimants at once.
const CLAIMANTS: usize = 20;

/// Gives a product, and lets everybody claim it: it is in one library.
pub(super) async fn one_link(
    server: &Server,
    buyer: &Caller,
    claimants: &[Caller],
    product: &str,
) -> Result<()> {
    server.forget_mail()?;
    let friend = "friend@example.com";
    let body = json!({
        "items": [{"product_id": product}], "accept_immediate_delivery": true, "gift": {"email": friend},
    });
    let order = buyer.call(Method::POST, "/api/v1/checkout", Some(body)).await?;
    if !checkouts::pay(buyer, &order).await? {
        return Err("the gift was not paid".into());
    }
    let token = mailed::token_for(server, friend, "/gifts/claim").await?;
    let body = json!({"token": token});
    let claimants = claimants.get(..CLAIMANTS).ok_or("too few claimants")?;
    let requests =
        claimants.iter().map(|caller| caller.request(Method::POST, "/api/v1/gifts/claim").json(&body).send());
    let mut won = 0;
    for reply in join_all(requests).await {
        let reply = reply?;
        match reply.status() {
            StatusCode::OK => won += 1,
            StatusCode::NOT_FOUND => {}
            status => return Err(format!("{status} {}", reply.text().await?).into()),
        }
    }
    let path = format!("/api/v1/library/{product}");
    let mut owners = 0;
    for caller in claimants {
        owners += usize::from(caller.request(Method::GET, &path).send().await?.status() == StatusCode::OK);
    }
    match (won, owners) {
        (1, 1) => Ok(()),
        _ => Err(format!("one link was claimed {won} times and is in {owners} libraries").into()),
    }
}
