//! Categories and tags, addressed by their slugs.
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::Editor,
    app::App,
    catalog::{
        categories::{self, Category, CategoryChanges, NewCategory},
        tags::{self, NewTag, Tag, TagChanges},
    },
    error::Result,
    values::{Locale, Slug, Word},
    web::{Created, Json, Path},
};

/// The name of a category or a tag in another language.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewName {
    /// One line.
    name: Word,
}

/// The routes of categories and tags.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_category))
        .routes(routes!(change_category, delete_category))
        .routes(routes!(put_category_translation, delete_category_translation))
        .routes(routes!(create_tag))
        .routes(routes!(change_tag, delete_tag))
        .routes(routes!(put_tag_translation, delete_tag_translation))
}

/// Make a category.
#[utoipa::path(
    post, path = "/admin/categories", tag = "catalog administration", operation_id = "create_category",
    request_body = NewCategory,
    responses((status = 201, body = Category)),
    security(("bearer" = ["editor"])),
)]
async fn create_category(
    State(app): State<App>,
    Editor(editor): Editor,
    body: Json<NewCategory>,
) -> Result<Created<Category>> {
    let body = categories::create(&app, editor.id, &body.read()?).await?;
    Ok(Created { body, headers: Vec::new() })
}

/// Change a category; its products follow.
#[utoipa::path(
    patch, path = "/admin/categories/{slug}", tag = "catalog administration", operation_id = "change_category",
    params(("slug" = inline(Slug), Path, description = "The category.")),
    request_body = CategoryChanges,
    responses((status = 200, body = Category)),
    security(("bearer" = ["editor"])),
)]
async fn change_category(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(slug): Path<Slug>,
    body: Json<CategoryChanges>,
) -> Result<Json<Category>> {
    categories::find(&app, &slug).await?;
    Ok(Json::of(categories::change(&app, editor.id, &slug, &body.read()?).await?))
}

/// Delete a category, from its products too.
#[utoipa::path(
    delete, path = "/admin/categories/{slug}", tag = "catalog administration", operation_id = "delete_category",
    params(("slug" = inline(Slug), Path, description = "The category.")),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = ["editor"])),
)]
async fn delete_category(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(slug): Path<Slug>,
) -> Result<StatusCode> {
    categories::delete(&app, editor.id, &slug).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Name a category in another language.
#[utoipa::path(
    put, path = "/admin/categories/{slug}/translations/{locale}", tag = "catalog administration",
    operation_id = "put_category_translation",
    params(
        ("slug" = inline(Slug), Path, description = "The category."),
        ("locale" = inline(Locale), Path, description = "BCP 47."),
    ),
    request_body = NewName,
    responses((status = 200, body = Category)),
    security(("bearer" = ["editor"])),
)]
async fn put_category_translation(
    State(app): State<App>,
    Editor(editor): Editor,
    Path((slug, locale)): Path<(Slug, Locale)>,
    body: Json<NewName>,
) -> Result<Json<Category>> {
    categories::find(&app, &slug).await?;
    let name = body.read()?.name;
    Ok(Json::of(categories::translate(&app, editor.id, &slug, &locale, Some(&name)).await?))
}

/// Forget the name of a category in another language.
#[utoipa::path(
    delete, path = "/admin/categories/{slug}/translations/{locale}", tag = "catalog administration",
    operation_id = "delete_category_translation",
    params(
        ("slug" = inline(Slug), Path, description = "The category."),
        ("locale" = inline(Locale), Path, description = "BCP 47."),
    ),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = ["editor"])),
)]
async fn delete_category_translation(
    State(app): State<App>,
    Editor(editor): Editor,
    Path((slug, locale)): Path<(Slug, Locale)>,
) -> Result<StatusCode> {
    categories::translate(&app, editor.id, &slug, &locale, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a tag.
#[utoipa::path(
    post, path = "/admin/tags", tag = "catalog administration", operation_id = "create_tag",
    request_body = NewTag,
    responses((status = 201, body = Tag)),
    security(("bearer" = ["editor"])),
)]
async fn create_tag(
    State(app): State<App>,
    Editor(editor): Editor,
    body: Json<NewTag>,
) -> Result<Created<Tag>> {
    let body = tags::create(&app, editor.id, &body.read()?).await?;
    Ok(Created { body, headers: Vec::new() })
}

/// Change a tag; its products follow.
#[utoipa::path(
    patch, path = "/admin/tags/{slug}", tag = "catalog administration", operation_id = "change_tag",
    params(("slug" = inline(Slug), Path, description = "The tag.")),
    request_body = TagChanges,
    responses((status = 200, body = Tag)),
    security(("bearer" = ["editor"])),
)]
async fn change_tag(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(slug): Path<Slug>,
    body: Json<TagChanges>,
) -> Result<Json<Tag>> {
    tags::find(&app, &slug).await?;
    Ok(Json::of(tags::change(&app, editor.id, &slug, &body.read()?).await?))
}

/// Delete a tag, from its products too.
#[utoipa::path(
    delete, path = "/admin/tags/{slug}", tag = "catalog administration", operation_id = "delete_tag",
    params(("slug" = inline(Slug), Path, description = "The tag.")),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = ["editor"])),
)]
async fn delete_tag(
    State(app): State<App>,
    Editor(editor): Editor,
    Path(slug): Path<Slug>,
) -> Result<StatusCode> {
    tags::delete(&app, editor.id, &slug).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Name a tag in another language.
#[utoipa::path(
    put, path = "/admin/tags/{slug}/translations/{locale}", tag = "catalog administration",
    operation_id = "put_tag_translation",
    params(
        ("slug" = inline(Slug), Path, description = "The tag."),
        ("locale" = inline(Locale), Path, description = "BCP 47."),
    ),
    request_body = NewName,
    responses((status = 200, body = Tag)),
    security(("bearer" = ["editor"])),
)]
async fn put_tag_translation(
    State(app): State<App>,
    Editor(editor): Editor,
    Path((slug, locale)): Path<(Slug, Locale)>,
    body: Json<NewName>,
) -> Result<Json<Tag>> {
    tags::find(&app, &slug).await?;
    let name = body.read()?.name;
    Ok(Json::of(tags::translate(&app, editor.id, &slug, &locale, Some(&name)).await?))
}

/// Forget the name of a tag in another language.
#[utoipa::path(
    delete, path = "/admin/tags/{slug}/translations/{locale}", tag = "catalog administration",
    operation_id = "delete_tag_translation",
    params(
        ("slug" = inline(Slug), Path, description = "The tag."),
        ("locale" = inline(Locale), Path, description = "BCP 47."),
    ),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = ["editor"])),
)]
async fn delete_tag_translation(
    State(app): State<App>,
    Editor(editor): Editor,
    Path((slug, locale)): Path<(Slug, Locale)>,
) -> Result<StatusCode> {
    tags::translate(&app, editor.id, &slug, &locale, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
