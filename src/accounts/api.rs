//! Signing in and out over HTTP.
use axum::{extract::State, response::IntoResponse};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{NewAccount, answers::Session, register, sessions::Device};
use crate::{
    app::App,
    error::Result,
    values::{Country, DisplayName, Email, Locale, NewPassword},
    web::{Created, Json, peer::Peer},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(register))
}

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Registration {
    /// The local part ASCII, the domain of any script.
    email: Email,
    /// 10 to 256 bytes, not easily guessed.
    password: NewPassword,
    /// What others see.
    display_name: DisplayName,
    /// BCP 47: the language of mail and of the catalog.
    locale: Option<Locale>,
    /// ISO 3166-1 alpha-2: where prices are asked for.
    country: Option<Country>,
}

impl From<Registration> for NewAccount {
    fn from(body: Registration) -> Self {
        Self {
            email: body.email,
            password: body.password,
            display_name: body.display_name,
            locale: body.locale,
            country: body.country,
            roles: Vec::new(),
        }
    }
}

impl From<Peer> for Device {
    fn from(peer: Peer) -> Self {
        Self { ip: peer.ip.to_string(), user_agent: peer.user_agent }
    }
}

/// Make an account and sign in. 409 `email_taken` if the address, in any of its spellings, has an account.
#[utoipa::path(post, path = "/auth/register", tag = "accounts", security(()), responses((status = 201, body = Session)))]
async fn register(State(app): State<App>, peer: Peer, body: Json<Registration>) -> Result<impl IntoResponse> {
    let signed_in = register::register(&app, body.read()?.into(), peer.into()).await?;
    Ok(Created { body: Session::from(signed_in), headers: Vec::new() })
}
