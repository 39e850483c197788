//! The store itself: what a shop window needs to know before it shows anything.
use std::collections::BTreeSet;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::visitor::Visitor;
use crate::{
    app::App,
    catalog::listing::{Reach, reach},
    config::{self, ProviderName},
    error::Result,
    web::{Json, Query, query::NoParameters},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read_store))
}

/// The store.
#[derive(Serialize, ToSchema)]
struct Store {
    /// As it calls itself.
    name: String,
    /// ISO 4217: prices are in it unless a request names another.
    currency: String,
    /// ISO 3166-1 alpha-2: buyers are there unless they say otherwise.
    country: String,
    /// BCP 47: the language its catalog is written in.
    locale: String,
    /// ISO 4217: what there are prices in, and the store's own, sorted.
    currencies: Vec<String>,
    /// ISO 3166-1 alpha-2: those with prices of their own, and the store's, sorted. Elsewhere a product's general
    /// price holds.
    countries: Vec<String>,
    /// BCP 47: what something is translated to, and the store's own, sorted.
    locales: Vec<String>,
    /// Who takes the money; the first is used unless a buyer names another.
    payment_providers: Vec<ProviderName>,
}

impl Store {
    fn of(settings: &config::Config, reach: Reach) -> Self {
        let config::Store { name, currency, country, locale, .. } = settings.store.clone();
        Self {
            currencies: with(reach.currencies, currency.as_str()),
            countries: with(reach.countries, country.as_str()),
            locales: with(reach.locales, locale.as_str()),
            name,
            currency: currency.into_string(),
            country: country.into_string(),
            locale: locale.into_string(),
            payment_providers: settings.payments.providers.clone(),
        }
    }
}

/// What there is, with one more unless it is there, sorted.
fn with(mut list: BTreeSet<String>, one: &str) -> Vec<String> {
    list.insert(one.to_owned());
    list.into_iter().collect()
}

/// The store's name, currencies, countries, languages and payment providers.
#[utoipa::path(
    get,
    path = "/store",
    tag = "storefront",
    security(()),
    responses(
        (status = 200, body = Store),
        (status = 304, description = "Unchanged since the `ETag` that `If-None-Match` names."),
    )
)]
async fn read_store(
    State(app): State<App>,
    visitor: Visitor,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response> {
    let store = Store::of(&app.config, reach(&app.db.read).await?);
    Ok(visitor.sign(Json::of(store).into_response(), &app.config.store.locale))
}
