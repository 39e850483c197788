//! A store as its API shows it: where it is, and who asks.
use std::{net::IpAddr, time::Duration};

use reqwest::{Client, Method, RequestBuilder, Response, header::AUTHORIZATION, redirect};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use url::{Host, Url};

use crate::{
    error::{Error, Result},
    key::ApiKey,
    patience::patiently,
};

/// For the connection, TLS included.
const CONNECT: Duration = Duration::from_secs(15);
/// For a question and its answer.
const QUESTION: Duration = Duration::from_secs(60);
/// Between two pieces of a download.
const SILENCE: Duration = Duration::from_secs(60);
/// Bytes of an answer: a page of a library, with every file of its builds.
const LONGEST_ANSWER: usize = 64 * 1024 * 1024;
/// Bytes of a refusal that are read.
const LONGEST_PROBLEM: usize = 64 * 1024;
/// How often a download is sent elsewhere.
const REDIRECTS: usize = 5;
/// Items of a page.
const PAGE: &str = "100";

/// A store, asked with an API key.
pub struct Store {
    base: Url,
    key: ApiKey,
    /// Follows nobody elsewhere, for it bears the key.
    asking: Client,
    /// Bears no credential.
    fetching: Client,
}

/// A refusal on the wire.
#[derive(Default, Deserialize)]
struct Problem {
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    field: String,
    message: String,
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

impl Store {
    /// The store at an address. A key goes over plain HTTP to this machine alone, unless `insecure`.
    pub fn new(address: &str, key: ApiKey, insecure: bool) -> Result<Self> {
        let mut base = Url::parse(address).map_err(|error| Error::Usage(format!("--server: {error}")))?;
        match base.scheme() {
            "https" => {}
            "http" if insecure || is_here(&base) => {}
            "http" => {
                let why = "--server: over plain HTTP anybody on the way could read the key; use https://";
                return Err(Error::Usage(why.to_owned()));
            }
            _ => return Err(Error::Usage("--server: begins with neither https:// nor http://".to_owned())),
        }
        base.set_query(None);
        base.set_fragment(None);
        let client = || {
            let agent = concat!("mist/", env!("CARGO_PKG_VERSION"));
            Client::builder().user_agent(agent).connect_timeout(CONNECT)
        };
        let asking = client().redirect(redirect::Policy::none()).build()?;
        let fetching =
            client().redirect(redirect::Policy::limited(REDIRECTS)).read_timeout(SILENCE).build()?;
        Ok(Self { base, key, asking, fetching })
    }

    /// The address of something of the API, each segment percent-encoded.
    fn address(&self, path: &[&str]) -> Result<Url> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Error::Usage("--server: is no address of a server".to_owned()))?
            .pop_if_empty()
            .extend(["api", "v1"])
            .extend(path);
        Ok(url)
    }

    /// A question with the key.
    pub(crate) fn ask(&self, method: Method, path: &[&str]) -> Result<RequestBuilder> {
        let request = self.asking.request(method, self.address(path)?);
        Ok(request.header(AUTHORIZATION, self.key.header()).timeout(QUESTION))
    }

    /// Reads something that everybody may, without the key.
    pub(crate) async fn public<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T> {
        let address = self.address(path)?;
        patiently(async || answer(self.fetching.get(address.clone()).timeout(QUESTION)).await).await
    }

    /// Reads something.
    pub(crate) async fn read<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, &str)]) -> Result<T> {
        patiently(async || answer(self.ask(Method::GET, path)?.query(query)).await).await
    }

    /// Reads a list to its end.
    pub(crate) async fn list<T: DeserializeOwned>(&self, path: &[&str]) -> Result<Vec<T>> {
        let (mut all, mut cursor): (Vec<T>, _) = (Vec::new(), None::<String>);
        loop {
            let mut query = vec![("limit", PAGE)];
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let page: Page<T> = self.read(path, &query).await?;
            all.extend(page.items);
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => return Ok(all),
            }
        }
    }

    /// Has something done that may be done twice.
    pub(crate) async fn act(&self, method: Method, path: &[&str]) -> Result<()> {
        patiently(async || sent(self.ask(method.clone(), path)?).await.map(drop)).await
    }

    /// Changes something as a document says.
    pub(crate) async fn change(&self, path: &[&str], changes: &Value) -> Result<()> {
        patiently(async || sent(self.ask(Method::PATCH, path)?.json(changes)).await.map(drop)).await
    }

    /// Posts a document, once.
    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &[&str], body: &Value) -> Result<T> {
        answer(self.ask(Method::POST, path)?.json(body)).await
    }

    /// Asks for bytes at an address that the store gave, without the key: it is a credential itself, and may lead elsewhere.
    pub(crate) fn fetch(&self, address: &str) -> RequestBuilder {
        self.fetching.get(address)
    }
}

/// Whether an address is one of this machine.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::from(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::from(ip).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T> {
    let body = read(&mut sent(request).await?, LONGEST_ANSWER).await?;
    let body = body.ok_or_else(|| Error::Unsound("the store's answer does not end".to_owned()))?;
    serde_json::from_slice(&body)
        .map_err(|error| Error::Unsound(format!("the store's answer can't be read: {error}")))
}

/// Sends a request; what is no success is an error.
pub(crate) async fn sent(request: RequestBuilder) -> Result<Response> {
    let response = request.send().await?;
    if response.status().is_success() { Ok(response) } else { Err(refusal(response).await) }
}

/// A body; none when it is longer than that.
async fn read(response: &mut Response, most: usize) -> Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > most {
            return Ok(None);
        }
    }
    Ok(Some(body))
}

async fn refusal(mut response: Response) -> Error {
    let status = response.status();
    let retry_after =
        response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    // What can't be read says no more than its status.
    let body = read(&mut response, LONGEST_PROBLEM).await.ok().flatten().unwrap_or_default();
    let problem: Problem = serde_json::from_slice(&body).unwrap_or_default();
    let mut detail = problem.detail;
    for fault in problem.errors {
        detail = format!("{detail} {} {}.", fault.field, fault.message);
    }
    if detail.is_empty() {
        detail = status.canonical_reason().unwrap_or("The store refuses.").to_owned();
    }
    let detail = detail.chars().filter(|c| !c.is_control()).collect();
    let code = if problem.code.is_empty() { "no_problem_document".to_owned() } else { problem.code };
    Error::Refused { status: status.as_u16(), code, detail, retry_after }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_over_plain_http_to_this_machine_alone() {
        let store = |address: &str, insecure| Store::new(address, ApiKey::new("mist_x").unwrap(), insecure);
        for address in
            ["https://store.example", "http://localhost:8080", "http://127.0.0.1:1", "http://[::1]/"]
        {
            assert!(store(address, false).is_ok(), "{address}");
        }
        for address in ["http://store.example", "http://localhost.example", "ftp://store.example", "store"] {
            assert!(store(address, false).is_err(), "{address}");
        }
        assert!(store("http://store.example", true).is_ok());
    }

    #[test]
    fn names_are_no_paths_in_addresses() {
        let store = Store::new("https://store.example/shop/", ApiKey::new("x").unwrap(), false).unwrap();
        let address = store.address(&["admin", "files", "a/b ü?#"]).unwrap();
        assert_eq!(address.as_str(), "https://store.example/shop/api/v1/admin/files/a%2Fb%20%C3%BC%3F%23");
    }
}
