//! Calls to providers, which answer in JSON.
use std::time::Duration;

use http::StatusCode;
use reqwest::{Client, RequestBuilder};
use url::Url;

use crate::calls::{Answer, Calls, Lack, Limits};

/// Documents and key sets of real providers have less than a tenth of these bytes.
const LIMITS: Limits =
    Limits { connect: Duration::from_secs(3), whole: Duration::from_secs(5), bytes: 256 * 1024 };

/// The client of every provider.
pub(super) struct Fetcher(Calls);

impl Default for Fetcher {
    fn default() -> Self {
        Self(Calls::new(LIMITS))
    }
}

impl Fetcher {
    /// The client; a sentence when the machine can't have one.
    pub(super) async fn client(&self) -> Result<&Client, String> {
        self.0.client().await.map_err(told)
    }

    /// The document at an address; a sentence when there is none to be had.
    pub(super) async fn document(&self, url: Url) -> Result<Vec<u8>, String> {
        let answer = self.send(self.client().await?.get(url)).await?;
        if answer.status == StatusCode::OK {
            Ok(answer.body)
        } else {
            Err(format!("answered {}", answer.status))
        }
    }

    /// Sends a request and reads its answer; else a sentence.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Answer, String> {
        self.0.send(request.header(http::header::ACCEPT, "application/json")).await.map_err(told)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn told(lack: Lack) -> String {
    lack.to_string()
}
