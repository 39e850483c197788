//! Calls to services that the settings name, or that sign what they say: bounded in time and size, and never redirected.
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use reqwest::{Client, Request, RequestBuilder, redirect};
use thiserror::Error;
use tokio::sync::OnceCell;

/// The status from which on a call has failed.
const FAILED: u16 = 400;

/// What a call may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For the connection, TLS included.
    pub connect: Duration,
    /// For the whole answer.
    pub whole: Duration,
    /// Bytes of an answer.
    pub bytes: usize,
}

/// A client, made at the first call.
pub struct Calls {
    limits: Limits,
    /// Whether the proxy of the environment is passed by.
    direct: bool,
    client: OnceCell<Client>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, whole.
    pub body: Vec<u8>,
}

/// Why there is no answer. No sentence holds the address, for that may hold secrets.
#[derive(Debug, Error)]
pub enum Lack {
    /// Nobody answered, in time or at all.
    #[error("{0}")]
    NoAnswer(String),
    /// There was more than is read.
    #[error("answered more than {0} bytes")]
    TooLong(usize),
}

impl Calls {
    /// Nobody is called yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, direct: false, client: OnceCell::new() }
    }

    /// The same past every proxy and whatever name a certificate bears: for what listens on this machine.
    pub fn direct(limits: Limits) -> Self {
        Self { direct: true, ..Self::new(limits) }
    }

    /// The client; a lack when the machine can't have one, such as for want of root certificates.
    pub async fn client(&self) -> Result<&Client, Lack> {
        let made = self.client.get_or_try_init(|| async {
            let builder = Client::builder()
                .redirect(redirect::Policy::none())
                .connect_timeout(self.limits.connect)
                .timeout(self.limits.whole)
                .user_agent(concat!("Mist/", env!("CARGO_PKG_VERSION")));
            if self.direct {
                builder.no_proxy().tls_danger_accept_invalid_certs(true).build()
            } else {
                builder.build()
            }
        });
        Ok(made.await?)
    }

    /// Sends a request of [`Calls::client`] and reads its answer.
    pub async fn send(&self, request: RequestBuilder) -> Result<Answer, Lack> {
        self.execute(request.build()?).await
    }

    /// The same for one that is whole, such as one that was signed. Its span has no part in what is signed.
    pub async fn execute(&self, mut request: Request) -> Result<Answer, Lack> {
        let (method, host) = (request.method().clone(), request.url().host_str().map(str::to_owned));
        let traced = traces::Span::call(&method, host.as_deref(), request.headers_mut());
        let sent = self.client().await?.execute(request).await;
        let mut response = sent.inspect_err(|_| traced.failed())?;
        traced.answered(response.status().as_u16(), FAILED);
        let (status, headers, mut body) = (response.status(), response.headers().clone(), Vec::new());
        while let Some(chunk) = response.chunk().await? {
            self.take(&mut body, &chunk)?;
        }
        Ok(Answer { status, headers, body })
    }

    fn take(&self, body: &mut Vec<u8>, chunk: &Bytes) -> Result<(), Lack> {
        if body.len() + chunk.len() > self.limits.bytes {
            return Err(Lack::TooLong(self.limits.bytes));
        }
        body.extend_from_slice(chunk);
        Ok(())
    }
}

impl From<reqwest::Error> for Lack {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        Self::NoAnswer(match std::error::Error::source(&error) {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        })
    }
}
