//! Where a provider may send the buyer after payment.
use url::Url;

use crate::{app::App, error::Fault};

/// Where a buyer comes back to after paying, unless the order says otherwise: a path of the frontend, or our own page.
pub(super) const PAID: &str = "/checkout/thank-you";
/// Where a buyer comes back to without having paid, unless the order says otherwise.
pub(super) const CANCELLED: &str = "/checkout/cancelled";

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
    (!allowed).then(|| Fault::new(field, "invalid_url", "must be an https address, or one of this store"))
}
