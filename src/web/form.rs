//! The fields of a form, as a page without scripts sends them.
use axum::extract::{FromRequest, Request};
use http::{Method, StatusCode};

use super::json::{collect, content_type};
use crate::{
    app::App,
    error::{Error, Refusal, Result},
};

/// Largest form, bytes: a token and a password.
const LARGEST: usize = 16 * 1024;
const FORM: &str = "application/x-www-form-urlencoded";
const UNSUPPORTED_MEDIA_TYPE: Refusal = Refusal::with_status(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "unsupported_media_type",
    "This takes application/x-www-form-urlencoded.",
);

/// The fields of a form: of a GET its query, otherwise its urlencoded body. Fields that nobody asks for are let be, for
/// mail programs add some to links.
pub struct Form(Vec<(String, String)>);

impl Form {
    /// The first field of a name; empty when there is none.
    pub fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    fn read(bytes: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(bytes).into_owned().collect())
    }
}

impl FromRequest<App> for Form {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Self> {
        if [Method::GET, Method::HEAD].contains(request.method()) {
            return Ok(Self::read(request.uri().query().unwrap_or_default().as_bytes()));
        }
        if content_type(request.headers()).as_deref() != Some(FORM) {
            return Err(UNSUPPORTED_MEDIA_TYPE.into());
        }
        Ok(Self::read(&collect(request, LARGEST).await?))
    }
}
