//! The yardstick of the benchmarks: `yardstick ADDRESS LIST DETAIL` answers the bytes of two files from memory at
//! `/list` and `/detail`, and verifies one Argon2id hash per `POST /login`, as a store does and nothing else.
#![allow(clippy::disallowed_methods, reason = "a bare axum route is what is measured")]
use std::{env, error::Error, fs};

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use axum::{
    Router,
    routing::{get, post},
};
use bytes::Bytes;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PASSWORD: &[u8] = b"a quiet violet engine";
const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or_else(|| format!("{what} is missing"));
    let (address, list, detail) = (next("ADDRESS")?, next("LIST")?, next("DETAIL")?);
    let (list, detail) = (Bytes::from(fs::read(list)?), Bytes::from(fs::read(detail)?));
    let hash = Argon2::default().hash_password(PASSWORD).map_err(|error| error.to_string())?.to_string();
    let login = move || {
        let hash = hash.clone();
        async move { tokio::task::spawn_blocking(move || verify(&hash)).await.unwrap_or_default().to_string() }
    };
    let router = Router::new()
        .route("/list", get(move || async move { (JSON, list) }))
        .route("/detail", get(move || async move { (JSON, detail) }))
        .route("/login", post(login));
    axum::serve(tokio::net::TcpListener::bind(address).await?, router).await?;
    Ok(())
}

fn verify(hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(PASSWORD, &hash).is_ok())
}
