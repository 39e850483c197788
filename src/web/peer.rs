//! Where a request comes from, believing only configured proxies.
use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use http::{Extensions, HeaderMap, header, request::Parts};

use super::locale::{AcceptLanguage, Wanted};
use crate::{app::App, error::Error, languages::Language, values::Country};

/// Longest user agent that is kept.
const LONGEST_USER_AGENT: usize = 200;
const FORWARDED_FOR: &str = "x-forwarded-for";
/// Names a device that signed in before.
pub const DEVICE_COOKIE: &str = "mist_device";

/// The connection's other end, put into each request by the listener.
#[derive(Clone, Copy, Debug)]
pub struct PeerAddress(pub SocketAddr);

/// Who asks, as far as the network tells.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The client's address: of `X-Forwarded-For` the last that no trusted proxy wrote.
    pub ip: IpAddr,
    /// Whether a trusted proxy handed the request on.
    pub proxied: bool,
    /// As the client names itself, cut.
    pub user_agent: String,
    /// The value of the cookie [`DEVICE_COOKIE`], as it was sent.
    pub device_cookie: Option<String>,
    /// The country that the network is in, as a trusted proxy says in the header that is set up for it.
    pub country: Option<Country>,
    /// The best language that the client accepts, if the store speaks one of them.
    pub language: Option<Language>,
}

impl FromRequestParts<App> for Peer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let user_agent =
            parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self {
            ip: address(app, &parts.extensions, &parts.headers)?,
            proxied: proxied(app, &parts.extensions),
            user_agent: user_agent.chars().take(LONGEST_USER_AGENT).collect(),
            country: country(app, &parts.extensions, &parts.headers),
            device_cookie: cookie(&parts.headers, DEVICE_COOKIE),
            language: Language::asked(&Wanted::new(None, None, AcceptLanguage::read(&parts.headers))),
        })
    }
}

/// The client's address alone.
pub(super) fn address(app: &App, extensions: &Extensions, headers: &HeaderMap) -> Result<IpAddr, Error> {
    let PeerAddress(peer) =
        extensions.get().copied().ok_or_else(|| Error::unexpected("the listener told no address"))?;
    let trusted = |ip: IpAddr| app.config.http.trusted_proxies.iter().any(|proxies| proxies.contains(&ip));
    Ok(client(peer.ip().to_canonical(), headers, trusted))
}

fn country(app: &App, extensions: &Extensions, headers: &HeaderMap) -> Option<Country> {
    let name = app.config.http.country_header.as_deref()?;
    let trusted = proxied(app, extensions);
    Country::parse(headers.get(name).filter(|_| trusted)?.to_str().ok()?).ok()
}

fn proxied(app: &App, extensions: &Extensions) -> bool {
    let Some(PeerAddress(peer)) = extensions.get() else { return false };
    let proxy = peer.ip().to_canonical();
    app.config.http.trusted_proxies.iter().any(|proxies| proxies.contains(&proxy))
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

fn client(peer: IpAddr, headers: &HeaderMap, trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let forwarded: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let mut client = peer;
    for address in forwarded.iter().rev() {
        if !trusted(client) {
            break;
        }
        match address.trim().parse::<IpAddr>() {
            Ok(address) => client = address.to_canonical(),
            Err(_) => break,
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarded_addresses_count_only_from_trusted_proxies() {
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, "9.9.9.9, 203.0.113.7, 10.0.0.2".parse().unwrap());
        let private = |ip: IpAddr| ip.to_string().starts_with("10.");
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(client(address("10.0.0.1"), &headers, private), address("203.0.113.7"));
        assert_eq!(client(address("198.51.100.1"), &headers, private), address("198.51.100.1"));
    }
}
