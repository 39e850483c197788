//! Links: addresses that say until when which grant may be downloaded, signed so that nobody else can make one.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::download_grant::Model as Grant;
use url::Url;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Refusal, Result},
};

/// Where links lead, before the grant and the file's name.
pub(super) const PATH: &str = "/downloads";

pub(super) const INVALID_SIGNATURE: Refusal =
    Refusal::forbidden("invalid_signature", "This is not a link that this store gave out.");
const LINK_EXPIRED: Refusal =
    Refusal::forbidden("link_expired", "The link is no longer valid; get a new one.");

/// What a link says.
#[derive(Clone, Debug)]
pub(super) struct Link<'a> {
    pub(super) grant: Uuid,
    pub(super) name: &'a str,
    /// Seconds since 1970.
    pub(super) expires: i64,
}

impl Link<'_> {
    fn message(&self) -> Vec<u8> {
        format!("download\n{}\n{}\n{}", self.grant, self.expires, self.name).into_bytes()
    }
}

/// The address of a grant's file.
pub(super) fn url(app: &App, grant: &Grant) -> Result<String> {
    let link = Link { grant: grant.id, name: &grant.file_name, expires: grant.expires_at.timestamp() };
    let signature = URL_SAFE_NO_PAD.encode(app.keys.link.sign(&link.message()));
    let mut url = Url::parse(&app.public_url(PATH)).map_err(Error::unexpected)?;
    url.path_segments_mut()
        .map_err(|()| Error::unexpected("http.public_url can't have a path"))?
        .push(&grant.id.to_string())
        .push(&grant.file_name);
    url.query_pairs_mut()
        .append_pair("expires", &link.expires.to_string())
        .append_pair("signature", &signature);
    Ok(url.into())
}

/// 403 `invalid_signature` unless this store signed the link, `link_expired` when its time is over.
pub(super) fn verify(app: &App, link: &Link<'_>, signature: &str) -> Result<()> {
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| INVALID_SIGNATURE)?;
    if !app.keys.link.verify(&link.message(), &signature) {
        return Err(INVALID_SIGNATURE.into());
    }
    if link.expires <= app.clock.now().timestamp() { Err(LINK_EXPIRED.into()) } else { Ok(()) }
}
