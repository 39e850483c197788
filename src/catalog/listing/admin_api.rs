//! The list of the back office: products of every status.
use axum::{
    extract::{OriginalUri, State},
    response::Response,
};
use entity::product::Status;
use serde::Deserialize;
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{ListParameters, Listed, list};
use crate::{
    accounts::Editor,
    app::App,
    error::Result,
    web::{
        Page, Query,
        locale::{self, AcceptLanguage, Wanted},
    },
};

pub(in crate::catalog) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_products))
}

/// The parameters of the public list, and the status.
#[derive(Deserialize)]
struct AdminListParameters {
    #[serde(default)]
    status: Vec<Status>,
    #[serde(flatten)]
    list: ListParameters,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only documents the parameter")]
struct StatusParameter {
    /// Any of these, separated by commas; default: all.
    #[param(inline, style = Form, explode = false)]
    status: Option<Vec<Status>>,
}

impl IntoParams for AdminListParameters {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        [StatusParameter::into_params(&place), ListParameters::into_params(&place)].concat()
    }
}

/// Products of every status, filtered and sorted as in the public list.
#[utoipa::path(
    get,
    path = "/admin/products",
    operation_id = "list_products_for_editing",
    tag = "catalog administration",
    security(("bearer" = ["editor"])),
    params(AdminListParameters),
    responses((status = 200, body = Page<Listed>))
)]
async fn list_products(
    State(app): State<App>,
    Editor(editor): Editor,
    OriginalUri(uri): OriginalUri,
    accepted: AcceptLanguage,
    Query(asked): Query<AdminListParameters>,
) -> Result<Response> {
    let market = asked.list.market(Some(&editor), &app.config.store);
    let wanted = Wanted::new(asked.list.locale.clone(), editor.locale, accepted);
    let query = asked.list.query(&asked.status)?;
    let listing = list(&app, query, &market, &wanted, app.clock.now()).await?;
    let mut response = listing.page.answer(&uri);
    locale::say(response.headers_mut(), &listing.locale);
    Ok(response)
}
