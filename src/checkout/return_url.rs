//! Where a provider may send the buyer after payment.
use url::Url;

use crate::{app::App, error::Fault};

/// Whether a buyer may be sent there: anywhere by https, or to this store and its frontend.
pub(super) fn fault(app: &App, field: &str, text: Option<&str>) -> Option<Fault> {
    let text = text?;
    let allowed = Url::parse(text).is_ok_and(|url| {
        let own = |base: &Url| base.origin() == url.origin();
        let public = Url::parse(&app.public_url("/"));
        url.username().is_empty()
            && url.password().is_none()
            && (url.scheme() == "https"
                || public.is_ok_and(|base| own(&base))
                || app.config.http.frontend_url.as_ref().is_some_and(own))
    });
    let rule = "must be an https address, or one of this store";
    (!allowed).then(|| Fault::new(field, "invalid_url", rule))
}
