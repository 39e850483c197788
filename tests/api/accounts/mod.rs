//! Accounts: registering, signing in and out, and what accounts may do.
mod access_tokens;
mod api_keys;
mod back_office;
mod command_line;
mod email;
mod login;
mod me;
mod notices;
mod oidc;
mod pages;
mod passkeys;
mod password_reset;
mod refresh;
mod register;
mod second_factor;
mod sessions;
mod step_up;
mod throttling;
mod token_keys;

use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::{Client, Reply, TestApp};

const REGISTER: &str = "/api/v1/auth/register";
const LOGIN: &str = "/api/v1/auth/login";
const REFRESH: &str = "/api/v1/auth/refresh";
const LOGOUT: &str = "/api/v1/auth/logout";
const SESSIONS: &str = "/api/v1/auth/sessions";
const ME: &str = "/api/v1/me";
const TOTP: &str = "/api/v1/me/totp";
const PASSWORD_OF_ME: &str = "/api/v1/me/password";
const EMAIL_OF_ME: &str = "/api/v1/me/email";
const VERIFY: &str = "/api/v1/auth/email/verify";
const RESEND: &str = "/api/v1/auth/email/resend";
const FORGOT: &str = "/api/v1/auth/password/forgot";
const RESET: &str = "/api/v1/auth/password/reset";
const API_KEYS: &str = "/api/v1/me/api-keys";
const ACCOUNTS: &str = "/api/v1/admin/accounts";

/// Signs in; the answer whatever it is.
async fn login(app: &TestApp, email: &str, password: &str) -> Reply {
    app.nobody().post(LOGIN, json!({"email": email, "password": password})).await
}

/// PATCH without a precondition.
async fn patch(client: &Client, path: &str, body: Value) -> Reply {
    Reply::of(client.request(Method::PATCH, path).json(&body)).await
}

/// Swaps a session's refresh token.
async fn refresh(app: &TestApp, session: &Value) -> Reply {
    app.nobody().post(REFRESH, json!({"refresh_token": session["refresh_token"]})).await
}

/// How many events of a kind were written.
async fn events(app: &TestApp, kind: &str) -> u64 {
    entity::event::Entity::find()
        .filter(entity::event::Column::Kind.eq(kind))
        .count(&app.app.db.read)
        .await
        .unwrap()
}
