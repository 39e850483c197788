//! The one client of these requests. It judges an address where it is connected to, so that no name means one thing
//! when it is judged and another when it is used.
use std::{error::Error as _, net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use reqwest::{
    Client,
    dns::{Name, Resolve, Resolving},
    redirect,
};
use tokio::sync::OnceCell;

use super::{Target, networks};

/// For the connection, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The status from which on a request has failed.
const FAILED: u16 = 400;
/// Bytes of an answer that are read; nobody waits for the rest.
const MOST_BYTES: usize = 16 * 1024;

/// What sends these requests; the client is made at the first of them.
pub struct Outbound {
    private: bool,
    timeout: Duration,
    client: OnceCell<Client>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The beginning of the body, 16 KiB at most.
    pub body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The address leads into a closed network.
    Refused,
    /// The time was over.
    TimedOut,
    /// Its name is unknown, nobody listens, TLS failed, or what came is no HTTP.
    NoAnswer,
}

impl Failure {
    /// A stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "address_refused",
            Self::TimedOut => "timed_out",
            Self::NoAnswer => "no_answer",
        }
    }

    fn of(error: &reqwest::Error) -> Self {
        let mut cause = error.source();
        while let Some(error) = cause {
            if error.is::<Closed>() {
                return Self::Refused;
            }
            cause = error.source();
        }
        if error.is_timeout() { Self::TimedOut } else { Self::NoAnswer }
    }
}

impl Outbound {
    /// With `private`, requests may go into closed networks too.
    pub fn new(private: bool, timeout: Duration) -> Self {
        Self { private, timeout, client: OnceCell::new() }
    }

    /// Where a request may go, by what is allowed here.
    pub fn target(&self, text: &str) -> Result<Target, crate::values::Invalid> {
        Target::parse(text, self.private)
    }

    /// Posts a body. An answer that breaks off or goes on for too long is what had come of it until then.
    pub async fn post(
        &self,
        target: &Target,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let client = self.client.get_or_try_init(|| async { self.build() }).await.map_err(|error| {
            tracing::error!(%error, "no client for outgoing requests could be made");
            Failure::NoAnswer
        })?;
        let url = target.url();
        let traced = traces::Span::call(&Method::POST, url.host_str(), &mut headers);
        let request = client.post(url).headers(headers).body(body);
        let sent = request.send().await.inspect_err(|_| traced.failed());
        let mut response = sent.map_err(|error| Failure::of(&error))?;
        traced.answered(response.status().as_u16(), FAILED);
        let (status, mut body) = (response.status(), Vec::new());
        while let Ok(Some(chunk)) = response.chunk().await {
            let room = MOST_BYTES - body.len();
            body.extend(chunk.iter().take(room));
            if chunk.len() >= room {
                break;
            }
        }
        Ok(Answer { status, body })
    }

    /// No connection is used twice: each is to an address that was judged for it.
    fn build(&self) -> reqwest::Result<Client> {
        let builder = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(self.timeout)
            .user_agent(concat!("Mist/", env!("CARGO_PKG_VERSION")));
        if self.private { builder.build() } else { builder.dns_resolver(OpenNetworks).build() }
    }
}

/// Looks names up, and knows none of their addresses that lie in closed networks.
struct OpenNetworks;

/// What a name whose every address lies in a closed network is answered with.
#[derive(Debug, thiserror::Error)]
#[error("the name leads into a closed network")]
struct Closed;

impl Resolve for OpenNetworks {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let open: Vec<SocketAddr> = found.filter(|address| networks::is_open(address.ip())).collect();
            if open.is_empty() {
                return Err(Closed.into());
            }
            Ok(Box::new(open.into_iter()) as reqwest::dns::Addrs)
        })
    }
}
