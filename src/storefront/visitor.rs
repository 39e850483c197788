//! Who looks at the storefront, and how their answers may be kept.
use axum::{extract::FromRequestParts, response::Response};
use chrono::{DateTime, Utc};
use http::{HeaderValue, header, request::Parts};

use super::cards::next_boundary;
use crate::{
    accounts::{Account, MaybeAccount},
    app::App,
    error::{Error, Result},
    values::Locale,
    web::{
        etag,
        locale::{self, AcceptLanguage, Wanted},
    },
};

/// A visitor, signed in or not.
pub struct Visitor {
    /// The account, if signed in.
    pub account: Option<Account>,
    accepted: AcceptLanguage,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let MaybeAccount(account) = MaybeAccount::from_request_parts(parts, app).await?;
        Ok(Self { account, accepted: AcceptLanguage::from_request_parts(parts, app).await? })
    }
}

impl Visitor {
    /// Somebody who was let in, and the languages that their program asks for.
    pub fn new(account: Option<Account>, accepted: AcceptLanguage) -> Self {
        Self { account, accepted }
    }

    /// The languages this visitor would like; `asked` is the one the address names.
    pub fn wanted(&self, asked: Option<Locale>) -> Wanted {
        let account = self.account.as_ref().and_then(|account| account.locale.clone());
        Wanted::new(asked, account, self.accepted.clone())
    }

    /// Says in which language an answer is and who may keep it: everybody what a stranger got, nobody what is personal.
    pub fn sign(&self, mut response: Response, language: &Locale) -> Response {
        let headers = response.headers_mut();
        locale::say(headers, language);
        match self.account {
            Some(_) => {
                headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
            }
            None => etag::public(headers, None),
        }
        response
    }

    /// The same for an answer with the prices of a moment: nobody keeps or shows it beyond the next beginning or end of a
    /// sale.
    pub async fn sign_prices(
        &self,
        app: &App,
        response: Response,
        language: &Locale,
        now: DateTime<Utc>,
    ) -> Result<Response> {
        let mut response = self.sign(response, language);
        if self.account.is_none()
            && let Some(next) = next_boundary(app, now).await?
        {
            let seconds = u32::try_from((next - now).num_seconds()).unwrap_or_default();
            etag::public(response.headers_mut(), Some(seconds));
        }
        Ok(response)
    }
}
