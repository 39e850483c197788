//! The import: a product a line, as many lines as come.
use axum::{body::Body, extract::State};
use futures::TryStreamExt;
use http::HeaderMap;
use tokio::io::BufReader;
use tokio_util::io::StreamReader;

use crate::{
    accounts::Editor,
    app::App,
    catalog::{Tally, import},
    error::{Refusal, Result},
    languages::Language,
    web::{
        Json,
        json::{content_type, refuse_encoding},
    },
};

/// The media type of an import: JSON texts, one a line.
const NDJSON: &str = "application/x-ndjson";

const NOT_NDJSON: Refusal = Refusal::with_status(
    http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "unsupported_media_type",
    "This takes application/x-ndjson.",
);

/// Make and update products from lines of JSON; a bad line fails alone.
#[utoipa::path(
    post, path = "/admin/import", tag = "catalog administration", operation_id = "import_products",
    request_body(content = String, content_type = "application/x-ndjson", description = "A product a line. It may plan `sales` (`percent`, `starts_at`, `ends_at`) in place of those that run or are to come."),
    responses((status = 200, body = Tally)),
    security(("bearer" = ["editor"])),
)]
pub(super) async fn import_products(
    State(app): State<App>,
    Editor(editor): Editor,
    language: Language,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Tally>> {
    if content_type(&headers).as_deref() != Some(NDJSON) {
        return Err(NOT_NDJSON.into());
    }
    refuse_encoding(&headers)?;
    let input = StreamReader::new(body.into_data_stream().map_err(std::io::Error::other));
    Ok(Json::of(import(&app.db, &app.clock, Some(editor.id), language, BufReader::new(input)).await?))
}
