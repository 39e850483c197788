//! What kind of thing is asked.
use axum::extract::{MatchedPath, Request};
use http::Method;

use crate::{
    config::{Allowances, Rate},
    router::API,
};

/// What kind of thing is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// Whether the store is up.
    Health,
    /// What payment and mail services tell.
    Webhook,
    /// Checkouts and what is done to orders.
    Purchase,
    /// What is to be bought, before it is: no payment provider is asked.
    Cart,
    /// Who somebody is.
    SignIn,
    /// Bytes, in or out.
    Transfer,
    /// That bytes are asked for: a row, not yet a byte.
    Request,
    /// Words that are looked for.
    Search,
    /// What is read.
    Read,
    /// What is changed.
    Write,
}

impl Class {
    pub(super) fn of(request: &Request) -> Self {
        let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        Self::of_route(route, is_read, request.uri().query().unwrap_or_default())
    }

    /// By the pattern of a route.
    fn of_route(route: &str, is_read: bool, query: &str) -> Self {
        let Some(path) = route.strip_prefix(API) else {
            return match route {
                "/healthz" | "/readyz" => Self::Health,
                _ if route.starts_with("/downloads/") || route.starts_with("/media/") => Self::Transfer,
                _ if is_read => Self::Read,
                _ => Self::Write,
            };
        };
        let begins = |starts: &[&str]| starts.iter().any(|start| path.starts_with(start));
        let has = |parts: &[&str]| parts.iter().any(|part| path.contains(part));
        if begins(&["/webhooks/"]) {
            Self::Webhook
        } else if begins(&["/admin/stats/"]) {
            Self::Read
        } else if path.ends_with("/downloads") || path.ends_with("/download") || has(&["/direct-uploads"]) {
            Self::Request
        } else if has(&["uploads", "/files/", "/media"]) || path == "/admin/import" {
            Self::Transfer
        } else if is_read {
            let mut asked = url::form_urlencoded::parse(query.as_bytes());
            let looks = path == "/search/suggest" || asked.any(|(name, _)| name == "q");
            if looks { Self::Search } else { Self::Read }
        } else if matches!(path, "/auth/refresh" | "/auth/logout") {
            // Nobody guesses here, and whoever is signed in comes by four times an hour.
            Self::Write
        } else if begins(&["/auth/"]) {
            Self::SignIn
        } else if begins(&["/cart"]) {
            Self::Cart
        } else if begins(&["/checkout", "/orders", "/gifts", "/payments/"]) {
            Self::Purchase
        } else {
            Self::Write
        }
    }

    /// How often one may ask it.
    pub(super) fn rate(self, allowances: &Allowances) -> Option<Rate> {
        match self {
            // Whoever is signed for asks as often as there is something to tell.
            Self::Health | Self::Webhook => None,
            Self::Purchase | Self::Cart => allowances.purchases,
            Self::SignIn => allowances.sign_ins,
            Self::Transfer | Self::Request => allowances.transfers,
            Self::Search => allowances.searches,
            Self::Read => allowances.reads,
            Self::Write => allowances.writes,
        }
    }

    /// In headers and metrics.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Webhook => "webhooks",
            Self::Purchase | Self::Cart => "purchases",
            Self::SignIn => "sign_ins",
            Self::Transfer | Self::Request => "transfers",
            Self::Search => "searches",
            Self::Read => "reads",
            Self::Write => "writes",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_of_the_kind_that_they_cost() {
        let of = |method: &str, path: &str, query: &str| {
            let route = if path.starts_with("//") { path[1..].to_owned() } else { format!("{API}{path}") };
            Class::of_route(&route, method == "GET", query)
        };
        assert_eq!(of("GET", "//readyz", ""), Class::Health);
        assert_eq!(of("POST", "/webhooks/stripe", ""), Class::Webhook);
        assert_eq!(of("POST", "/admin/webhooks", ""), Class::Write);
        assert_eq!(of("GET", "/products", "kind=game&q=moby"), Class::Search);
        assert_eq!(of("GET", "/products", "seq=moby"), Class::Read);
        assert_eq!(of("POST", "/auth/login", ""), Class::SignIn);
        assert_eq!(of("POST", "/checkout", ""), Class::Purchase);
        assert_eq!(of("POST", "/auth/refresh", ""), Class::Write);
        assert_eq!(of("GET", "/products", "%71=moby"), Class::Search, "however it is spelt");
        assert_eq!(of("PUT", "/cart/items/{product_id}", ""), Class::Cart);
        assert_eq!(of("POST", "/library/{product_id}/downloads", ""), Class::Request);
        assert_eq!(of("GET", "/admin/stats/downloads", ""), Class::Read);
        assert_eq!(of("PUT", "/admin/builds/{id}/files/{name}", ""), Class::Transfer);
        assert_eq!(of("PATCH", "/admin/builds/{id}/uploads/{upload_id}", ""), Class::Transfer);
        assert_eq!(of("GET", "//downloads/{grant}/{name}", ""), Class::Transfer);
        assert_eq!(of("PUT", "/wishlist/{product_id}", ""), Class::Write);
    }
}
