//! Whom passkeys are made for: the domain of the store's frontend, or its own.
use url::Url;
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::{
    config::Config,
    error::{Error, Refusal, Result},
};

const UNAVAILABLE: Refusal = Refusal::conflict(
    "passkeys_unavailable",
    "This store is reached by an address without a name, for which no browser makes passkeys.",
);

/// Whom passkeys are made for; nobody where the store's address has no domain name.
pub struct RelyingParty(Option<Webauthn>);

impl RelyingParty {
    /// By the settings alone: the frontend's domain, else the store's own. A page of either may ask.
    pub fn new(config: &Config, public_url: &Url) -> Result<Self> {
        let asking = config.http.frontend_url.as_ref().unwrap_or(public_url);
        let Some(domain) = asking.domain() else { return Ok(Self(None)) };
        let built = WebauthnBuilder::new(domain, asking)
            .map(|builder| builder.rp_name(&config.store.name).append_allowed_origin(public_url));
        let webauthn = built.and_then(WebauthnBuilder::build).map_err(Error::unexpected)?;
        Ok(Self(Some(webauthn)))
    }

    /// 409 `passkeys_unavailable` where there is none.
    pub(super) fn require(&self) -> Result<&Webauthn> {
        Ok(self.0.as_ref().ok_or(UNAVAILABLE)?)
    }
}
