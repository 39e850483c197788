//! What a stranger asks of the catalog, as far as the answer depends on it.
use axum::extract::Request;
use http::{Method, header};

use super::encoding::Encoding;
use crate::{
    router::API,
    web::{
        layers::{accepts_json, fit},
        locale::AcceptLanguage,
    },
};

/// Longest address, with its query and the languages that are asked for, whose answer is kept: beyond it is no link
/// that several people follow.
const LONGEST: usize = 1024;

/// Everything that decides on the answer to a stranger: the address names market, filters and place; of the languages counts
/// which come in which order, however that was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    /// Path and query, and behind a line end the languages.
    text: Box<str>,
    /// In which the answer goes over the wire.
    pub(super) encoding: Encoding,
}

impl Asked {
    /// What a request asks, and the pattern of its route; none where its answer is not kept: for who is signed in, and
    /// for what isn't a public read or would be refused before it is read.
    pub(super) fn of(request: &Request) -> Option<(Self, &'static str)> {
        let headers = request.headers();
        if !matches!(*request.method(), Method::GET | Method::HEAD)
            || headers.contains_key(header::AUTHORIZATION)
        {
            return None;
        }
        let (route, json) = route(request.uri().path())?;
        if !fit(headers) || json && !accepts_json(headers) {
            return None;
        }
        let target = request.uri().path_and_query()?.as_str();
        let languages = match headers.contains_key(header::ACCEPT_LANGUAGE) {
            true => AcceptLanguage::read(headers).to_string(),
            false => String::new(),
        };
        if target.len() + languages.len() > LONGEST {
            return None;
        }
        let text = [target, "\n", &languages].concat().into_boxed_str();
        Some((Self { text, encoding: Encoding::asked(headers) }, route))
    }

    /// Bytes.
    pub(super) fn weight(&self) -> u32 {
        u32::try_from(self.text.len() + size_of::<Self>()).unwrap_or(u32::MAX)
    }
}

/// The pattern of a route whose answers are kept, and whether it answers JSON alone.
fn route(path: &str) -> Option<(&'static str, bool)> {
    let read = path.strip_prefix(API)?;
    match read {
        "/products" => Some(("/api/v1/products", true)),
        "/categories" => Some(("/api/v1/categories", true)),
        "/tags" => Some(("/api/v1/tags", true)),
        "/store" => Some(("/api/v1/store", true)),
        "/feeds/new.atom" => Some(("/api/v1/feeds/new.atom", false)),
        "/feeds/sales.atom" => Some(("/api/v1/feeds/sales.atom", false)),
        "/feeds/sitemap.xml" => Some(("/api/v1/feeds/sitemap.xml", false)),
        "/opds" => Some(("/api/v1/opds", false)),
        "/search/suggest" => Some(("/api/v1/search/suggest", true)),
        _ => {
            let name = read.strip_prefix("/products/")?;
            let (name, pattern) = match name.strip_suffix("/related") {
                Some(name) => (name, "/api/v1/products/{product}/related"),
                None => (name, "/api/v1/products/{product}"),
            };
            (!name.is_empty() && !name.contains('/')).then_some((pattern, true))
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn asked(path: &str, name: &str, value: &str) -> Option<(Asked, &'static str)> {
        Asked::of(&Request::builder().uri(path).header(name, value).body(Body::empty()).unwrap())
    }

    #[test]
    fn only_what_a_stranger_reads_is_kept() {
        let list = asked("/api/v1/products?kind=game", "accept", "*/*").unwrap();
        assert_eq!(list.1, "/api/v1/products");
        assert_eq!(asked("/api/v1/products/moby", "accept", "*/*").unwrap().1, "/api/v1/products/{product}");
        let in_language =
            |accepted: &str| asked("/api/v1/products?kind=game", "accept-language", accepted).unwrap().0;
        assert_ne!(in_language("de"), list.0);
        assert_eq!(in_language("de-AT, de;q=0.9, *;q=0.1"), in_language("de;q=0.5,de-at;q=0.7,de;q=0.2"));
        assert_ne!(in_language("de, en"), in_language("en, de"));
        assert_eq!(in_language("*"), list.0, "who takes anything names nothing");
        assert_ne!(asked("/api/v1/products?kind=game", "accept-encoding", "gzip").unwrap().0, list.0);
        for (path, name, value) in [
            ("/api/v1/products", "authorization", "Bearer x"),
            ("/api/v1/products", "accept", "text/html"),
            ("/api/v1/products/moby/reviews", "accept", "*/*"),
            ("/api/v1/products/", "accept", "*/*"),
            ("/api/v1/me", "accept", "*/*"),
            ("/readyz", "accept", "*/*"),
        ] {
            assert!(asked(path, name, value).is_none(), "{path} {name}");
        }
        let long = format!("/api/v1/products?q={}", "a".repeat(LONGEST));
        assert!(asked(&long, "accept", "*/*").is_none());
    }
}
