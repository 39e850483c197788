//! What an account may take along of itself.
use sea_orm::ActiveEnum;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    answers::AccountAnswer, api_key_queries, factor_queries, link_queries, oidc, product_limit::ProductLimit,
    profile, queries, scopes::Scopes,
};
use crate::{
    app::App,
    error::{Error, Result},
};

/// The account itself, as its owner sees it.
pub async fn exported(app: &App, id: Uuid) -> Result<Value> {
    let row = profile::find(app, id).await?;
    let signup_locale = json!(row.signup_locale);
    let mut told = serde_json::to_value(AccountAnswer::from(row)).map_err(Error::unexpected)?;
    if let Some(members) = told.as_object_mut() {
        members.insert("signup_locale".to_owned(), signup_locale);
    }
    Ok(told)
}

/// Its sessions from behind `after`, ended ones too, each with its id.
pub async fn exported_sessions(
    app: &App,
    id: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = queries::all_sessions(&app.db.read, id, after, most).await?;
    let told = rows.into_iter().map(|row| {
        let session = json!({
            "id": row.id, "created_at": row.created_at, "last_used_at": row.last_used_at,
            "expires_at": row.expires_at, "revoked_at": row.revoked_at, "proven_at": row.proven_at,
            "ip": row.ip, "user_agent": row.user_agent,
        });
        (row.id, session)
    });
    Ok(told.collect())
}

/// Its second factors: the time-based codes, and each recovery code. They fit on one page, so none is behind another.
pub async fn exported_factors(app: &App, id: Uuid, after: Option<Uuid>) -> Result<Vec<(Uuid, Value)>> {
    if after.is_some() {
        return Ok(Vec::new());
    }
    let confirmed = profile::find(app, id).await?.totp_enabled;
    let factor = factor_queries::totp_factor(&app.db.read, id).await?;
    let codes = factor_queries::recovery_codes(&app.db.read, id).await?;
    let factor = factor
        .into_iter()
        .map(|factor| json!({"kind": "totp", "created_at": factor.created_at, "confirmed": confirmed}));
    let codes = codes.into_iter().map(|code| json!({"kind": "recovery_code", "used_at": code.used_at}));
    Ok(factor.chain(codes).map(|told| (id, told)).collect())
}

/// Who it is at sign-in providers, from behind `after`.
pub async fn exported_identities(
    app: &App,
    id: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = oidc::identities(&app.db.read, id, after, most).await?;
    let told = rows.into_iter().map(|row| {
        let identity = json!({
            "id": row.id, "issuer": row.issuer, "subject": row.subject, "created_at": row.created_at,
        });
        (row.id, identity)
    });
    Ok(told.collect())
}

/// Its API keys from behind `after`, revoked ones too, without what would open anything.
pub async fn exported_api_keys(
    app: &App,
    id: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = api_key_queries::all_api_keys(&app.db.read, id, after, most).await?;
    let told = rows.into_iter().map(|row| {
        let key = json!({
            "id": row.id, "name": row.name, "scopes": Scopes::read(&row.scopes).list(),
            "products": row.products.as_deref().map(|text| ProductLimit::read(text).list()),
            "created_at": row.created_at, "last_used_at": row.last_used_at,
            "expires_at": row.expires_at, "revoked_at": row.revoked_at,
        });
        (row.id, key)
    });
    Ok(told.collect())
}

/// The links that were mailed to it and are still kept, from behind `after`, without their tokens.
pub async fn exported_links(
    app: &App,
    id: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = link_queries::links_of(&app.db.read, id, after, most).await?;
    let told = rows.into_iter().map(|row| {
        let link = json!({
            "id": row.id, "purpose": row.purpose.to_value(), "email": row.email, "replaces": row.replaces,
            "created_at": row.created_at, "expires_at": row.expires_at, "ended_at": row.ended_at,
        });
        (row.id, link)
    });
    Ok(told.collect())
}
