//! Every address of the store: the only list of slices, and the API document made from it.
use std::time::Duration;

use axum::{Router, middleware};
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, timeout::RequestBodyTimeoutLayer,
};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    accounts,
    app::App,
    backoffice, bounces, catalog, checkout, community, config, delivery, feeds, library, licenses,
    notifications, operations, privacy, storefront,
    web::{admission, etag, in_time, layers},
    webhooks,
};

mod document;

/// The base path of the API.
pub const API: &str = "/api/v1";

/// The router of a running store.
pub fn router(app: App) -> Router {
    let (router, _) = routes(&app.config.http).split_for_parts();
    router
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), admission::admitted))
        .layer(middleware::from_fn_with_state(app.clone(), admission::counted))
        .layer(middleware::from_fn(layers::bounded_head))
        .layer(middleware::from_fn_with_state(app.clone(), layers::place))
        .layer(middleware::from_fn_with_state(app.clone(), layers::problems))
        .layer(middleware::from_fn_with_state(app.clone(), layers::observe))
        .with_state(app)
}

/// The OpenAPI document of this build.
pub fn document(settings: &config::Http) -> OpenApi {
    document::finish(routes(settings).into_openapi())
}

fn routes(settings: &config::Http) -> OpenApiRouter<App> {
    let limit = Duration::from_secs(settings.request_timeout);
    let answered = middleware::from_fn(move |request, next| in_time::within(limit, request, next));
    let flowing = RequestBodyTimeoutLayer::new(Duration::from_secs(settings.body_idle_timeout));

    // Public reads: tagged and compressed.
    let public = storefront::routes()
        .merge(community::public_routes())
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn(etag::tag));
    // Everything else that is answered at once.
    let plain = accounts::routes()
        .merge(bounces::routes())
        .merge(catalog::routes())
        .merge(library::routes())
        .merge(checkout::routes())
        .merge(delivery::routes())
        .merge(licenses::routes())
        .merge(community::routes())
        .merge(backoffice::routes())
        .merge(notifications::routes())
        .merge(webhooks::routes())
        .merge(privacy::routes());
    let api = public.merge(plain).layer(answered.clone());
    // What is read by other programs than those that accept JSON, or is answered as something else too.
    let feeds = feeds::routes().layer(CompressionLayer::new()).layer(middleware::from_fn(etag::tag));
    let others = feeds
        .merge(feeds::personal())
        .merge(checkout::documents())
        .merge(backoffice::tables())
        .merge(notifications::others())
        .layer(answered.clone());
    // Bodies as long as they flow.
    let streams = catalog::streams().merge(delivery::streams()).layer(flowing);
    let api = api.merge(streams).layer(middleware::from_fn(layers::json_api));
    OpenApiRouter::with_openapi(document::base())
        .nest(API, api.merge(others))
        .merge(
            operations::routes()
                .merge(accounts::well_known())
                .merge(licenses::well_known())
                .layer(answered.clone()),
        )
        .merge(accounts::pages().merge(checkout::pages()).merge(notifications::pages()).layer(answered))
        .merge(delivery::links())
}
