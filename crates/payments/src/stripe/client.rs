//! Calls of Stripe's API: form-encoded, under idempotency keys, and repeated a few times where the outcome is unknown.
use std::time::Duration;

use reqwest::{RequestBuilder, Response, StatusCode, redirect};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{Error, Stripe};

/// The version of the API whose answers are read here.
const VERSION: &str = "2026-10-28.endive";
/// How often a call is made whose outcome is unknown.
const TRIES: u32 = 3;
/// Between two tries: doubled each time, and up to as much again by chance.
const PAUSE: Duration = Duration::from_millis(250);
/// How long one try may take.
const TIMEOUT: Duration = Duration::from_secs(8);
/// The status from which on a call has failed.
const FAILED: u16 = 400;
/// Bytes of an answer that are read.
const MOST_BYTES: usize = 1024 * 1024;

/// Fields of a call, in their order.
pub(super) type Form = Vec<(&'static str, String)>;

/// One store's access to the API.
#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    key: String,
    base: String,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("base", &self.base).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Problem {
    error: ProblemDetail,
}

#[derive(Deserialize)]
struct ProblemDetail {
    #[serde(rename = "type")]
    kind: String,
    code: Option<String>,
    param: Option<String>,
}

impl Client {
    pub(super) fn new(key: String, base: &str) -> Result<Self, Error> {
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| Self::unknown(error.to_string()))?;
        Ok(Self { http, key, base: base.trim_end_matches('/').to_owned() })
    }

    pub(super) fn unknown(cause: impl Into<String>) -> Error {
        Error::Unknown { provider: Stripe::NAME, cause: cause.into() }
    }

    pub(super) fn refused(cause: impl Into<String>) -> Error {
        Error::Refused { provider: Stripe::NAME, cause: cause.into() }
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.call(|| self.http.get(format!("{}{path}", self.base))).await
    }

    /// The same key is the same call, however often it is made: Stripe answers what it answered first.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        form: Form,
        key: &str,
    ) -> Result<T, Error> {
        let url = format!("{}{path}", self.base);
        self.call(|| self.http.post(&url).header("idempotency-key", key).form(&form)).await
    }

    /// A call without a key: whatever was answered before, Stripe looks again. For what may be done twice.
    pub(super) async fn post_anew<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        let url = format!("{}{path}", self.base);
        self.call(|| self.http.post(&url).form(&Form::new())).await
    }

    async fn call<T: DeserializeOwned>(&self, request: impl Fn() -> RequestBuilder) -> Result<T, Error> {
        let mut tried = 1;
        loop {
            let outcome = self.try_once(request()).await;
            if tried == TRIES || !matches!(outcome, Err(Error::Unknown { .. })) {
                return outcome;
            }
            tokio::time::sleep(pause(tried)).await;
            tried += 1;
        }
    }

    async fn try_once<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Error> {
        // Without its address: that may hold the id of a payment.
        let unsent = |error: reqwest::Error| Self::unknown(error.without_url().to_string());
        let request = request.bearer_auth(&self.key).header("stripe-version", VERSION);
        let mut request = request.build().map_err(unsent)?;
        let (method, host) = (request.method().clone(), request.url().host_str().map(str::to_owned));
        let traced = traces::Span::call(&method, host.as_deref(), request.headers_mut());
        let sent = self.http.execute(request).await;
        let response = sent.inspect_err(|_| traced.failed()).map_err(unsent)?;
        let status = response.status();
        traced.answered(status.as_u16(), FAILED);
        let body = read(response).await?;
        if status.is_success() {
            return serde_json::from_slice(&body)
                .map_err(|error| Self::unknown(format!("an answer of {status}: {error}")));
        }
        let told = serde_json::from_slice::<Problem>(&body).map(|problem| problem.error).ok();
        let told = told.map_or_else(String::new, |problem| {
            let parts = [Some(problem.kind), problem.code, problem.param];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
        });
        let cause = format!("{status} {told}");
        let again = status == StatusCode::CONFLICT
            || status == StatusCode::TOO_MANY_REQUESTS
            || status == StatusCode::REQUEST_TIMEOUT
            || status.is_server_error();
        Err(if again { Self::unknown(cause) } else { Self::refused(cause) })
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|error| Client::unknown(error.without_url().to_string()))?
    {
        if body.len() + chunk.len() > MOST_BYTES {
            return Err(Client::unknown("an answer that is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Doubled with each try, and up to as much again, so that many callers don't come back at once.
fn pause(tried: u32) -> Duration {
    let mut byte = [0];
    let chance =
        aws_lc_rs::rand::fill(&mut byte).map_or(0, |()| u32::from(byte.first().copied().unwrap_or_default()));
    let pause = PAUSE * 2_u32.pow(tried - 1);
    pause + pause * chance / 255
}
