//! In which language the store itself speaks to who asks: problem documents and pages.
use std::{
    convert::Infallible,
    sync::{Arc, OnceLock},
};

use axum::extract::{FromRequestParts, Request};
use http::{HeaderValue, Uri, header, request::Parts};

use super::locale::{AcceptLanguage, Wanted};
use crate::{app::App, languages::Language, values::Locale};

/// What is known of a reader's languages. Handlers and their errors need not know it: the layer that writes problem
/// documents keeps it aside, and who finds out whose request it is notes the account's language on it.
#[derive(Clone, Debug)]
pub struct Reader {
    uri: Uri,
    accepted: Option<HeaderValue>,
    account: Option<Noted>,
}

/// The language of the account that asks, noted once it is known.
#[derive(Clone, Debug, Default)]
pub struct Noted(Arc<OnceLock<Locale>>);

impl Noted {
    /// Notes the language that an account chose.
    pub fn note(&self, locale: Option<&Locale>) {
        if let Some(locale) = locale {
            // The first stays: a request has one account.
            self.0.get_or_init(|| locale.clone());
        }
    }
}

impl Reader {
    /// Of a request that is still to be answered.
    pub fn of(request: &mut Request) -> Self {
        // A stranger's request has no account to note.
        let account = request.headers().contains_key(header::AUTHORIZATION).then(Noted::default);
        if let Some(noted) = &account {
            request.extensions_mut().insert(noted.clone());
        }
        let accepted = request.headers().get(header::ACCEPT_LANGUAGE).cloned();
        Self { uri: request.uri().clone(), accepted, account }
    }

    /// The path that was asked.
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// The best language: `?locale=`, the account's, `Accept-Language`, the store's, English.
    pub fn language(&self, app: &App) -> Language {
        let query = self.uri.query().unwrap_or_default();
        let asked = url::form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "locale")
            .and_then(|(_, tag)| Locale::parse(&tag).ok());
        let account = self.account.as_ref().and_then(|noted| noted.0.get().cloned());
        let wanted = Wanted::new(asked, account, AcceptLanguage::of(self.accepted.as_ref()));
        Language::of(&wanted, &app.config.store.locale)
    }
}

/// The language to answer in: the account's, where an argument before this one found out whose request it is;
/// `Accept-Language`, the store's, English.
impl FromRequestParts<App> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let account = parts.extensions.get::<Noted>().and_then(|noted| noted.0.get().cloned());
        let wanted = Wanted::new(None, account, AcceptLanguage::read(&parts.headers));
        Ok(Self::of(&wanted, &app.config.store.locale))
    }
}
