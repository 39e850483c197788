//! Who may do what: one row for every operation of the API.
//!
//! A key reaches an operation only by the scope that stands here, so one that is missing is closed to every key; the
//! tests fail until it has its row. What is open to everybody or asks for a role says so at its handler, and the tests
//! hold the rows against that.
use std::fmt::Write;

use http::Method;

use super::{Role, Scope};

/// What an operation asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Open,
    /// To be signed in: no API key is enough.
    InPerson,
    /// The role of the scope, and of an API key the scope.
    By(Scope),
    /// The role of one of these scopes, and of an API key one of them.
    ByEither([Scope; 2]),
}

impl Access {
    /// The roles of which the caller must hold one; none where nobody asks.
    pub fn roles(self) -> Vec<Role> {
        match self {
            Self::Open => Vec::new(),
            Self::InPerson => vec![Role::Customer],
            Self::By(scope) => vec![scope.role()],
            Self::ByEither(scopes) => scopes.map(Scope::role).to_vec(),
        }
    }

    /// The scopes of which each opens it to an API key.
    pub fn scopes(self) -> Vec<Scope> {
        match self {
            Self::Open | Self::InPerson => Vec::new(),
            Self::By(scope) => vec![scope],
            Self::ByEither(scopes) => scopes.to_vec(),
        }
    }
}

/// What of an operation's path names the one product that all it touches belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// The parameter that is the product's id.
    Product(&'static str),
    /// The parameter that is the id of a build of it.
    Build(&'static str),
}

impl Within {
    /// The parameter.
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::Product(name) | Self::Build(name) => name,
        }
    }
}

/// One operation and what it asks.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its method.
    pub method: &'static str,
    /// Its path as the API document writes it.
    pub path: &'static str,
    /// What it asks.
    pub access: Access,
    /// Within which product it stays; none where it reaches further, which closes it to keys that are limited to
    /// products.
    pub within: Option<Within>,
}

impl Row {
    const fn new(method: &'static str, path: &'static str, access: Access) -> Self {
        Self { method, path, access, within: None }
    }

    const fn of_product(self, parameter: &'static str) -> Self {
        Self { within: Some(Within::Product(parameter)), ..self }
    }

    const fn of_build(self, parameter: &'static str) -> Self {
        Self { within: Some(Within::Build(parameter)), ..self }
    }
}

const fn open(method: &'static str, path: &'static str) -> Row {
    Row::new(method, path, Access::Open)
}

const fn in_person(method: &'static str, path: &'static str) -> Row {
    Row::new(method, path, Access::InPerson)
}

const fn by(method: &'static str, path: &'static str, scope: Scope) -> Row {
    Row::new(method, path, Access::By(scope))
}

const fn by_either(method: &'static str, path: &'static str, scopes: [Scope; 2]) -> Row {
    Row::new(method, path, Access::ByEither(scopes))
}

/// The matrix, by path.
pub const MATRIX: &[Row] = &[
    open("GET", "/"),
    open("GET", "/.well-known/jwks.json"),
    open("GET", "/.well-known/mist-license-keys.json"),
    open("GET", "/api/openapi.json"),
    by("GET", "/api/v1/admin/accounts", Scope::Support),
    by("GET", "/api/v1/admin/accounts/{id}", Scope::Support),
    by("PATCH", "/api/v1/admin/accounts/{id}", Scope::Support),
    by("GET", "/api/v1/admin/accounts/{id}/credit", Scope::Support),
    by("POST", "/api/v1/admin/accounts/{id}/credit", Scope::Support),
    by("POST", "/api/v1/admin/accounts/{id}/grants", Scope::Support),
    by("DELETE", "/api/v1/admin/accounts/{id}/grants/{product_id}", Scope::Support),
    by("POST", "/api/v1/admin/accounts/{id}/password-reset", Scope::Support),
    by("DELETE", "/api/v1/admin/accounts/{id}/second-factor", Scope::Admin),
    by("DELETE", "/api/v1/admin/accounts/{id}/sessions", Scope::Support),
    by("GET", "/api/v1/admin/audit-log", Scope::Admin),
    by("GET", "/api/v1/admin/builds/{id}", Scope::BuildsWrite).of_build("id"),
    by("PATCH", "/api/v1/admin/builds/{id}", Scope::BuildsWrite).of_build("id"),
    by("DELETE", "/api/v1/admin/builds/{id}", Scope::BuildsWrite).of_build("id"),
    by("POST", "/api/v1/admin/builds/{id}/direct-uploads", Scope::BuildsWrite).of_build("id"),
    by("GET", "/api/v1/admin/builds/{id}/direct-uploads/{upload_id}", Scope::BuildsWrite).of_build("id"),
    by("DELETE", "/api/v1/admin/builds/{id}/direct-uploads/{upload_id}", Scope::BuildsWrite).of_build("id"),
    by("POST", "/api/v1/admin/builds/{id}/direct-uploads/{upload_id}/complete", Scope::BuildsWrite)
        .of_build("id"),
    by("PUT", "/api/v1/admin/builds/{id}/files/{name}", Scope::BuildsWrite).of_build("id"),
    by("DELETE", "/api/v1/admin/builds/{id}/files/{name}", Scope::BuildsWrite).of_build("id"),
    by("POST", "/api/v1/admin/builds/{id}/release", Scope::BuildsWrite).of_build("id"),
    by("OPTIONS", "/api/v1/admin/builds/{id}/uploads", Scope::BuildsWrite).of_build("id"),
    by("GET", "/api/v1/admin/builds/{id}/uploads", Scope::BuildsWrite).of_build("id"),
    by("POST", "/api/v1/admin/builds/{id}/uploads", Scope::BuildsWrite).of_build("id"),
    by("GET", "/api/v1/admin/builds/{id}/uploads/{upload_id}", Scope::BuildsWrite).of_build("id"),
    by("PATCH", "/api/v1/admin/builds/{id}/uploads/{upload_id}", Scope::BuildsWrite).of_build("id"),
    by("DELETE", "/api/v1/admin/builds/{id}/uploads/{upload_id}", Scope::BuildsWrite).of_build("id"),
    by("POST", "/api/v1/admin/builds/{id}/withdraw", Scope::BuildsWrite).of_build("id"),
    by("POST", "/api/v1/admin/categories", Scope::CatalogWrite),
    by("DELETE", "/api/v1/admin/categories/{slug}", Scope::CatalogWrite),
    by("PATCH", "/api/v1/admin/categories/{slug}", Scope::CatalogWrite),
    by("PUT", "/api/v1/admin/categories/{slug}/translations/{locale}", Scope::CatalogWrite),
    by("DELETE", "/api/v1/admin/categories/{slug}/translations/{locale}", Scope::CatalogWrite),
    by("GET", "/api/v1/admin/coupons", Scope::CatalogWrite),
    by("POST", "/api/v1/admin/coupons", Scope::CatalogWrite),
    by("GET", "/api/v1/admin/coupons/{id}", Scope::CatalogWrite),
    by("PATCH", "/api/v1/admin/coupons/{id}", Scope::CatalogWrite),
    by("DELETE", "/api/v1/admin/coupons/{id}", Scope::CatalogWrite),
    by("POST", "/api/v1/admin/import", Scope::CatalogWrite),
    by("GET", "/api/v1/admin/orders", Scope::Support),
    by("GET", "/api/v1/admin/orders/{id}", Scope::Support),
    by("GET", "/api/v1/admin/orders/{id}/evidence", Scope::Support),
    by("POST", "/api/v1/admin/orders/{id}/refund", Scope::Support),
    by("GET", "/api/v1/admin/products", Scope::CatalogWrite),
    by("POST", "/api/v1/admin/products", Scope::CatalogWrite),
    by("GET", "/api/v1/admin/products/{id}", Scope::CatalogWrite).of_product("id"),
    by("DELETE", "/api/v1/admin/products/{id}", Scope::CatalogWrite).of_product("id"),
    by("PATCH", "/api/v1/admin/products/{id}", Scope::CatalogWrite).of_product("id"),
    by("POST", "/api/v1/admin/products/{id}/archive", Scope::CatalogWrite).of_product("id"),
    by("GET", "/api/v1/admin/products/{id}/builds", Scope::BuildsWrite).of_product("id"),
    by("POST", "/api/v1/admin/products/{id}/builds", Scope::BuildsWrite).of_product("id"),
    by("POST", "/api/v1/admin/products/{id}/media", Scope::CatalogWrite).of_product("id"),
    by("DELETE", "/api/v1/admin/products/{id}/media/{media_id}", Scope::CatalogWrite).of_product("id"),
    by("GET", "/api/v1/admin/products/{id}/license-keys", Scope::CatalogWrite).of_product("id"),
    by("POST", "/api/v1/admin/products/{id}/license-keys", Scope::CatalogWrite).of_product("id"),
    by("GET", "/api/v1/admin/products/{id}/license-policy", Scope::CatalogWrite).of_product("id"),
    by("PUT", "/api/v1/admin/products/{id}/license-policy", Scope::CatalogWrite).of_product("id"),
    by("PUT", "/api/v1/admin/products/{id}/prices", Scope::CatalogWrite).of_product("id"),
    by("PUT", "/api/v1/admin/products/{id}/relations", Scope::CatalogWrite).of_product("id"),
    by("GET", "/api/v1/admin/products/{id}/price-history", Scope::CatalogWrite).of_product("id"),
    by("POST", "/api/v1/admin/products/{id}/publish", Scope::CatalogWrite).of_product("id"),
    by("GET", "/api/v1/admin/products/{id}/sales", Scope::CatalogWrite).of_product("id"),
    by("POST", "/api/v1/admin/products/{id}/sales", Scope::CatalogWrite).of_product("id"),
    by("DELETE", "/api/v1/admin/products/{id}/sales/{sale_id}", Scope::CatalogWrite).of_product("id"),
    by("GET", "/api/v1/admin/products/{id}/stats", Scope::CatalogWrite).of_product("id"),
    by("PUT", "/api/v1/admin/products/{id}/translations/{locale}", Scope::CatalogWrite).of_product("id"),
    by("DELETE", "/api/v1/admin/products/{id}/translations/{locale}", Scope::CatalogWrite).of_product("id"),
    by("GET", "/api/v1/admin/reviews", Scope::Support),
    by("PATCH", "/api/v1/admin/reviews/{id}", Scope::Support),
    by_either("PUT", "/api/v1/admin/reviews/{id}/answer", [Scope::CatalogWrite, Scope::Support]),
    by_either("DELETE", "/api/v1/admin/reviews/{id}/answer", [Scope::CatalogWrite, Scope::Support]),
    by("GET", "/api/v1/admin/stats/downloads", Scope::Support),
    by("GET", "/api/v1/admin/stats/sales", Scope::Support),
    by("POST", "/api/v1/admin/tags", Scope::CatalogWrite),
    by("DELETE", "/api/v1/admin/tags/{slug}", Scope::CatalogWrite),
    by("PATCH", "/api/v1/admin/tags/{slug}", Scope::CatalogWrite),
    by("PUT", "/api/v1/admin/tags/{slug}/translations/{locale}", Scope::CatalogWrite),
    by("DELETE", "/api/v1/admin/tags/{slug}/translations/{locale}", Scope::CatalogWrite),
    by("GET", "/api/v1/admin/webhooks", Scope::Admin),
    by("POST", "/api/v1/admin/webhooks", Scope::Admin),
    by("GET", "/api/v1/admin/webhooks/{id}", Scope::Admin),
    by("PATCH", "/api/v1/admin/webhooks/{id}", Scope::Admin),
    by("DELETE", "/api/v1/admin/webhooks/{id}", Scope::Admin),
    by("GET", "/api/v1/admin/webhooks/{id}/deliveries", Scope::Admin),
    by("POST", "/api/v1/admin/webhooks/{id}/deliveries/{delivery_id}/redeliver", Scope::Admin),
    by("POST", "/api/v1/admin/webhooks/{id}/rotate-secret", Scope::Admin),
    by("POST", "/api/v1/admin/webhooks/{id}/test", Scope::Admin),
    in_person("POST", "/api/v1/auth/email/resend"),
    open("POST", "/api/v1/auth/email/verify"),
    open("POST", "/api/v1/auth/login"),
    in_person("POST", "/api/v1/auth/logout"),
    open("GET", "/api/v1/auth/oidc"),
    open("POST", "/api/v1/auth/oidc/exchange"),
    open("GET", "/api/v1/auth/oidc/{provider}/callback"),
    open("GET", "/api/v1/auth/oidc/{provider}/start"),
    open("POST", "/api/v1/auth/password/forgot"),
    open("POST", "/api/v1/auth/password/reset"),
    open("POST", "/api/v1/auth/passkeys/login/finish"),
    open("POST", "/api/v1/auth/passkeys/login/start"),
    in_person("POST", "/api/v1/auth/reauthenticate"),
    open("POST", "/api/v1/auth/refresh"),
    open("POST", "/api/v1/auth/register"),
    in_person("GET", "/api/v1/auth/sessions"),
    in_person("DELETE", "/api/v1/auth/sessions/{id}"),
    by("GET", "/api/v1/cart", Scope::OrdersWrite),
    by("PUT", "/api/v1/cart/coupon", Scope::OrdersWrite),
    by("DELETE", "/api/v1/cart/coupon", Scope::OrdersWrite),
    by("PUT", "/api/v1/cart/items/{product_id}", Scope::OrdersWrite),
    by("DELETE", "/api/v1/cart/items/{product_id}", Scope::OrdersWrite),
    open("GET", "/api/v1/categories"),
    by("POST", "/api/v1/checkout", Scope::OrdersWrite),
    open("GET", "/api/v1/feeds/new.atom"),
    open("GET", "/api/v1/feeds/sales.atom"),
    open("GET", "/api/v1/feeds/sitemap.xml"),
    by("GET", "/api/v1/gifts", Scope::OrdersRead),
    by("POST", "/api/v1/gifts/claim", Scope::OrdersWrite),
    by("POST", "/api/v1/gifts/{id}/resend", Scope::OrdersWrite),
    by("POST", "/api/v1/gifts/{id}/take-back", Scope::OrdersWrite),
    by("GET", "/api/v1/library", Scope::LibraryRead),
    by("GET", "/api/v1/library/{product_id}", Scope::LibraryRead).of_product("product_id"),
    by("POST", "/api/v1/library/{product_id}/downloads", Scope::LibraryRead).of_product("product_id"),
    open("POST", "/api/v1/licenses/activate"),
    open("POST", "/api/v1/licenses/deactivate"),
    open("POST", "/api/v1/licenses/validate"),
    open("POST", "/api/v1/webhooks/sns"),
    open("POST", "/api/v1/webhooks/stripe"),
    open("GET", "/api/v1/mail/unsubscribe"),
    open("POST", "/api/v1/mail/unsubscribe"),
    by("GET", "/api/v1/me", Scope::AccountRead),
    by("PATCH", "/api/v1/me", Scope::AccountWrite),
    in_person("DELETE", "/api/v1/me"),
    in_person("GET", "/api/v1/me/api-keys"),
    in_person("POST", "/api/v1/me/api-keys"),
    in_person("DELETE", "/api/v1/me/api-keys/{id}"),
    by("GET", "/api/v1/me/credit", Scope::OrdersRead),
    in_person("POST", "/api/v1/me/email"),
    in_person("GET", "/api/v1/me/export"),
    by("GET", "/api/v1/me/notification-preferences", Scope::AccountRead),
    by("PUT", "/api/v1/me/notification-preferences", Scope::AccountWrite),
    in_person("GET", "/api/v1/me/passkeys"),
    in_person("POST", "/api/v1/me/passkeys/register/finish"),
    in_person("POST", "/api/v1/me/passkeys/register/start"),
    in_person("DELETE", "/api/v1/me/passkeys/{id}"),
    in_person("PUT", "/api/v1/me/password"),
    in_person("POST", "/api/v1/me/totp"),
    in_person("DELETE", "/api/v1/me/totp"),
    in_person("POST", "/api/v1/me/totp/confirm"),
    by("GET", "/api/v1/notifications", Scope::AccountWrite),
    by("POST", "/api/v1/notifications/read", Scope::AccountWrite),
    by("GET", "/api/v1/notifications/stream", Scope::AccountWrite),
    by("POST", "/api/v1/notifications/stream-ticket", Scope::AccountWrite),
    open("GET", "/api/v1/opds"),
    open("GET", "/api/v1/opds/authentication"),
    open("GET", "/api/v1/opds/cover.png"),
    by("GET", "/api/v1/opds/library", Scope::LibraryRead),
    by("GET", "/api/v1/opds/library/{product_id}", Scope::LibraryRead).of_product("product_id"),
    by("GET", "/api/v1/opds/library/{product_id}/download", Scope::LibraryRead).of_product("product_id"),
    open("GET", "/api/v1/opds/publications/{product_id}"),
    by("GET", "/api/v1/orders", Scope::OrdersRead),
    by("GET", "/api/v1/orders/{id}", Scope::OrdersRead),
    by("POST", "/api/v1/orders/{id}/cancel", Scope::OrdersWrite),
    by("GET", "/api/v1/orders/{id}/credit-notes/{refund_id}", Scope::OrdersRead),
    by("GET", "/api/v1/orders/{id}/receipt", Scope::OrdersRead),
    by("POST", "/api/v1/orders/{id}/refund", Scope::OrdersWrite),
    by("POST", "/api/v1/orders/{id}/withdrawal", Scope::OrdersWrite),
    by("POST", "/api/v1/orders/{id}/withdrawal/confirm", Scope::OrdersWrite),
    by("POST", "/api/v1/payments/mock/{payment_id}", Scope::OrdersWrite),
    open("GET", "/api/v1/products"),
    open("GET", "/api/v1/products/{id}/reviews"),
    by("GET", "/api/v1/products/{id}/reviews/mine", Scope::AccountRead),
    by("PUT", "/api/v1/products/{id}/reviews/mine", Scope::AccountWrite),
    by("DELETE", "/api/v1/products/{id}/reviews/mine", Scope::AccountWrite),
    by("GET", "/api/v1/products/{id}/updates", Scope::LibraryRead).of_product("id"),
    open("GET", "/api/v1/products/{product}"),
    open("GET", "/api/v1/products/{product}/related"),
    open("GET", "/api/v1/search/suggest"),
    by("POST", "/api/v1/reviews/{id}/report", Scope::AccountWrite),
    by("PUT", "/api/v1/reviews/{id}/vote", Scope::AccountWrite),
    by("DELETE", "/api/v1/reviews/{id}/vote", Scope::AccountWrite),
    open("GET", "/api/v1/store"),
    open("GET", "/api/v1/tags"),
    by("GET", "/api/v1/wishlist", Scope::AccountRead),
    by("PUT", "/api/v1/wishlist/{product_id}", Scope::AccountWrite),
    by("DELETE", "/api/v1/wishlist/{product_id}", Scope::AccountWrite),
    open("GET", "/downloads/{grant}/{name}"),
    open("GET", "/media/{id}/{name}"),
    open("GET", "/healthz"),
    open("GET", "/readyz"),
];

/// The row of an operation. HEAD asks what GET does.
pub fn row(method: &Method, path: &str) -> Option<&'static Row> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    MATRIX.iter().find(|row| row.path == path && row.method == method.as_str())
}

/// The matrix as a page of the documentation.
pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for row in MATRIX {
        let holds = |role| match row.access {
            Access::Open => "yes",
            access if access.roles() == [Role::Customer] => "own",
            access if access.roles().contains(&role) || role == Role::Admin => "yes",
            _ => "",
        };
        let stranger = if row.access == Access::Open { "yes" } else { "" };
        let scope = match row.access {
            Access::Open => "any".to_owned(),
            Access::InPerson => "never".to_owned(),
            access => access.scopes().into_iter().map(Scope::name).collect::<Vec<_>>().join(" or "),
        };
        let limited = if row.within.is_some() { ", by product" } else { "" };
        let roles = [Role::Customer, Role::Editor, Role::Support, Role::Admin].map(holds).join(" | ");
        // Writing to a string can't fail.
        let _ = writeln!(page, "| `{} {}` | {stranger} | {roles} | {scope}{limited} |", row.method, row.path);
    }
    page
}

const INTRODUCTION: &str = "\
# Who may do what

This page is printed by `mist roles` from the one table in the code (`src/accounts/matrix.rs`); a test fails when it
differs. *own*: what belongs to who asks; another person's thing is a 404. An API key needs the scope of the last column,
and its owner the role as well, each time it is used. *any*: no scope is needed, but only a key with `library:read` is told
what its owner has. *never*: no key is enough. *by product*: a key that is limited to products reaches it for these; to such
a key everything else that asks for a scope is closed (403 `insufficient_scope`), and *any* tells it what it tells a stranger.

- Nobody changes their own roles (403), and support changes neither roles nor staff (403).
- The last admin who may sign in is neither demoted nor suspended (409 `last_admin`).

| operation | stranger | customer | editor | support | admin | API key |
|---|---|---|---|---|---|---|
";
