//! Who is asking where e-readers do: they know HTTP Basic alone.
use axum::extract::FromRequestParts;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderValue, header, request::Parts};

use super::{
    Account, MaybeAccount,
    access::{UNAUTHORIZED, by_key},
    api_keys,
};
use crate::{
    app::App,
    error::{Error, Result},
};

/// The account of who is signed in, or whose API key is the password of HTTP Basic, whatever the user's name is; 401
/// to a bad credential, none without one.
///
/// Only for what GET reads: a browser sends Basic along by itself, so nothing that changes may take it.
pub struct MaybeReader(pub Option<Account>);

/// The same of who must be known; 401 to a stranger.
pub struct Reader(pub Account);

impl FromRequestParts<App> for MaybeReader {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let key = parts.headers.get(header::AUTHORIZATION).and_then(password);
        match key.filter(|key| key.starts_with(api_keys::PREFIX)) {
            Some(key) => Ok(Self(by_key(parts, app, &key).await?)),
            None => Ok(Self(MaybeAccount::from_request_parts(parts, app).await?.0)),
        }
    }
}

impl FromRequestParts<App> for Reader {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let MaybeReader(account) = MaybeReader::from_request_parts(parts, app).await?;
        Ok(Self(account.ok_or(UNAUTHORIZED)?))
    }
}

/// The password of HTTP Basic (RFC 7617).
fn password(credential: &HeaderValue) -> Option<String> {
    let (scheme, encoded) = credential.to_str().ok()?.split_once(' ')?;
    let bytes = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':').map(|(_, password)| password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_basic_is_what_stands_behind_the_first_colon() {
        let read = |text: &str| password(&HeaderValue::from_str(text).unwrap());
        assert_eq!(read("Basic YWRhOm1pc3RfOmE=").as_deref(), Some("mist_:a"));
        assert_eq!(read("basic OmE=").as_deref(), Some("a"), "the name may be empty");
        for other in ["Bearer YWRhOmE=", "Basic", "Basic !", "Basic YWRh", "Basic /zo="] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
