//! Where a browser may be sent after a sign-in: the store's own origins and those of the settings, nowhere else.
use url::Url;

use crate::{
    app::App,
    error::{Error, Result},
};

/// Characters of an address to return to, at most.
pub(super) const LONGEST: usize = 2000;

/// An address that may be returned to; 422 at `return_to`.
pub(super) fn parse(app: &App, text: &str) -> Result<Url> {
    let url = Url::parse(text)
        .map_err(|_| Error::field("return_to", "invalid_url", "is not a whole address, such as https://…"))?;
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let web = matches!(url.scheme(), "http" | "https");
    let own = [Url::parse(&app.public_url("/")), Url::parse(&app.frontend_url("/"))];
    let mut allowed = own.iter().flatten().chain(&app.config.http.return_origins);
    if web && bare && allowed.any(|one| one.origin() == url.origin()) && url.as_str().len() <= LONGEST {
        return Ok(url);
    }
    Err(Error::field("return_to", "not_allowed", "is neither the store's own nor one of its settings"))
}

/// The address with a code behind it, where no server sees it.
pub(super) fn with_code(return_to: &str, code: &str) -> Result<String> {
    let mut url = Url::parse(return_to).map_err(Error::unexpected)?;
    url.set_fragment(Some(&format!("code={code}")));
    Ok(url.into())
}
