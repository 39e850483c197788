//! The configured providers, and what each says of itself: fetched when it is needed, remembered for a while.
use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::Jwk;
use moka::future::Cache;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::fetch::Fetcher;
use crate::{
    app::App,
    config::Oidc,
    error::{NOT_FOUND, Refusal, Result},
};

/// How long a discovery document and a key set are used.
const KEPT: Duration = Duration::from_secs(60 * 60);
/// How old a key set must be before a token by an unknown key has it fetched anew.
const LEAST_AGE: TimeDelta = TimeDelta::seconds(60);
/// Keys of a set that are looked at.
const MOST_KEYS: usize = 50;

/// 503: told with the provider's name in the log.
pub(super) const PROVIDER_UNAVAILABLE: Refusal = Refusal::with_status(
    http::StatusCode::SERVICE_UNAVAILABLE,
    "provider_unavailable",
    "The sign-in provider does not answer at present; try again.",
);

/// Every provider of the settings.
pub struct Providers {
    all: BTreeMap<String, Oidc>,
    pub(super) fetcher: Fetcher,
    metadata: Cache<String, Arc<Metadata>>,
    keys: Cache<String, Arc<Keys>>,
}

/// A provider of the settings.
#[derive(Clone, Copy)]
pub(super) struct Provider<'a> {
    /// In the settings and in addresses.
    pub(super) name: &'a str,
    pub(super) settings: &'a Oidc,
    providers: &'a Providers,
}

/// What a provider says of itself (OpenID Connect Discovery 1.0 §3, RFC 9207 §3).
#[derive(Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    pub(super) authorization_endpoint: Url,
    pub(super) token_endpoint: Url,
    pub(super) userinfo_endpoint: Option<Url>,
    jwks_uri: Url,
    /// Whether every answer of the authorization endpoint says whose it is.
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

impl Metadata {
    /// Whether this store's secret goes into the `Authorization` header; otherwise it goes into the form.
    pub(super) fn takes_basic(&self) -> bool {
        let methods = self.token_endpoint_auth_methods_supported.as_ref();
        methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"))
    }
}

/// The keys that a provider signs with.
pub(super) struct Keys {
    pub(super) keys: Vec<Jwk>,
    fetched_at: DateTime<Utc>,
}

impl Providers {
    /// From the settings; calls nobody.
    pub fn new(settings: &BTreeMap<String, Oidc>) -> Self {
        let most = settings.len() as u64;
        Self {
            all: settings.clone(),
            fetcher: Fetcher::default(),
            metadata: Cache::builder().max_capacity(most).time_to_live(KEPT).build(),
            keys: Cache::builder().max_capacity(most).time_to_live(KEPT).build(),
        }
    }

    /// All of them, by name.
    pub(super) fn list(&self) -> impl Iterator<Item = Provider<'_>> {
        self.all.iter().map(|(name, settings)| Provider { name, settings, providers: self })
    }

    /// One of them; 404.
    pub(super) fn find(&self, name: &str) -> Result<Provider<'_>> {
        self.list().find(|provider| provider.name == name).ok_or_else(|| NOT_FOUND.into())
    }
}

impl Provider<'_> {
    /// As people see it.
    pub(super) fn display_name(&self) -> &str {
        self.settings.display_name.as_deref().unwrap_or(self.name)
    }

    /// Where it sends people back to.
    pub(super) fn redirect_uri(&self, app: &App) -> String {
        app.public_url(&format!("{}/auth/oidc/{}/callback", crate::router::API, self.name))
    }

    /// What it says of itself; 503 `provider_unavailable`. Who asks at once shares one call.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>> {
        let read = self.providers.metadata.try_get_with_by_ref(self.name, self.discover());
        read.await.map_err(|why: Arc<String>| self.unavailable("discovery", &why))
    }

    async fn discover(&self) -> std::result::Result<Arc<Metadata>, String> {
        let issuer = &self.settings.issuer;
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let url = Url::parse(&address).map_err(|error| error.to_string())?;
        let document = self.providers.fetcher.document(url).await?;
        let metadata: Metadata = serde_json::from_slice(&document).map_err(|error| error.to_string())?;
        if metadata.issuer != *issuer {
            return Err("its document names another issuer than the settings do".to_owned());
        }
        let endpoints = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
        let plain = issuer.starts_with("http://");
        let sound = |url: &Url| url.scheme() == "https" || plain && url.scheme() == "http";
        if !endpoints.into_iter().chain(&metadata.userinfo_endpoint).all(sound) {
            return Err("its document names an endpoint that is not https".to_owned());
        }
        Ok(Arc::new(metadata))
    }

    /// Its keys; fetched anew when they are `stale`: a token was signed by one that is not among them.
    pub(super) async fn keys(&self, app: &App, stale: bool) -> Result<Arc<Keys>> {
        let metadata = self.metadata().await?;
        let now = app.clock.now();
        if stale
            && let Some(known) = self.providers.keys.get(self.name).await
            && known.fetched_at + LEAST_AGE <= now
        {
            self.providers.keys.invalidate(self.name).await;
        }
        let fetched = async {
            let document = self.providers.fetcher.document(metadata.jwks_uri.clone()).await?;
            let keys = read_keys(&document).ok_or("its key set is none")?;
            Ok::<_, String>(Arc::new(Keys { keys, fetched_at: now }))
        };
        let read = self.providers.keys.try_get_with_by_ref(self.name, fetched);
        read.await.map_err(|why: Arc<String>| self.unavailable("keys", &why))
    }

    /// 503 to the caller, and a line to the operator.
    pub(super) fn unavailable(&self, what: &str, why: &str) -> crate::error::Error {
        tracing::warn!(provider = self.name, what, why, "a sign-in provider gives no usable answer");
        PROVIDER_UNAVAILABLE.into()
    }
}

/// The keys of a set (RFC 7517 §5): those of kinds that are not known here are left out.
fn read_keys(document: &[u8]) -> Option<Vec<Jwk>> {
    let set: Value = serde_json::from_slice(document).ok()?;
    let keys = set.get("keys")?.as_array()?;
    Some(keys.iter().take(MOST_KEYS).filter_map(|key| serde_json::from_value(key.clone()).ok()).collect())
}
