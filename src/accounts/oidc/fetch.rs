//! Calls to providers: bounded in time and size, and never redirected.
use std::time::Duration;

use http::StatusCode;
use reqwest::{Client, RequestBuilder, redirect};
use tokio::sync::OnceCell;
use url::Url;

/// For the connection, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// For the whole answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an answer: documents and key sets of real providers have less than a tenth of it.
const MOST_BYTES: usize = 256 * 1024;

/// The client of every provider, made at the first call.
#[derive(Default)]
pub(super) struct Fetcher(OnceCell<Client>);

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
}

impl Fetcher {
    /// The client; a sentence when the machine can't have one, such as for want of root certificates.
    pub(super) async fn client(&self) -> Result<&Client, String> {
        let made = self.0.get_or_try_init(|| async {
            Client::builder()
                .redirect(redirect::Policy::none())
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(TIMEOUT)
                .user_agent(concat!("Mist/", env!("CARGO_PKG_VERSION")))
                .build()
        });
        made.await.map_err(told)
    }

    /// The document at an address; a sentence when there is none to be had.
    pub(super) async fn document(&self, url: Url) -> Result<Vec<u8>, String> {
        let answer = send(self.client().await?.get(url)).await?;
        if answer.status == StatusCode::OK {
            Ok(answer.body)
        } else {
            Err(format!("answered {}", answer.status))
        }
    }
}

/// Sends a request and reads its answer; a sentence without the address, for that may hold secrets.
pub(super) async fn send(request: RequestBuilder) -> Result<Answer, String> {
    let mut response = request.header(http::header::ACCEPT, "application/json").send().await.map_err(told)?;
    let (status, mut body) = (response.status(), Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(told)? {
        if body.len() + chunk.len() > MOST_BYTES {
            return Err(format!("answered more than {MOST_BYTES} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, body })
}

fn told(error: reqwest::Error) -> String {
    let error = error.without_url();
    match std::error::Error::source(&error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
