//! Pictures of products: uploaded ones, and addresses that came with an import.
use std::collections::HashMap;

pub use entity::product_media::Kind as MediaKind;
use entity::{product_media, product_media_file};
use objects::Stored;
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    edit::{finish, locked},
    object_rows,
    queries::media as queries,
};
use crate::{
    app::App,
    error::{Error, NOT_FOUND, Refusal, Result},
    web::if_match::IfMatch,
};

/// Pictures of a product at most.
const MOST_PICTURES: u64 = 50;
/// Where pictures stand below the store's own address.
pub const MEDIA: &str = "/media";
/// Pixels of the longer side that a cover in a list has at most.
const COVER_SIDE: i32 = 1280;

const TOO_MANY_PICTURES: Refusal =
    Refusal::conflict("too_many_pictures", "A product has 50 pictures at most.");

/// A picture of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Media {
    /// UUIDv7; null when only its address is known, from an import.
    pub id: Option<Uuid>,
    /// What it is for.
    pub kind: MediaKind,
    /// Where it is, in its largest size.
    pub url: String,
    /// Pixels; null when only its address is known.
    pub width: Option<i32>,
    /// Pixels; null when only its address is known.
    pub height: Option<i32>,
    /// Smaller sizes, the smallest first.
    pub thumbnails: Vec<Thumbnail>,
}

/// A smaller size of a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Thumbnail {
    /// Where it is.
    pub url: String,
    /// Pixels.
    pub width: i32,
    /// Pixels.
    pub height: i32,
}

/// One size of a picture whose bytes are kept.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// A file name that says the longer side.
    pub name: String,
    /// RFC 6838.
    pub media_type: &'static str,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The bytes.
    pub stored: Stored,
}

/// Adds a picture to a product; a cover takes the place of the one there was. The bytes are durable already.
///
/// 404, 409 `too_many_pictures`, 412 as `asked` says.
pub async fn add(
    app: &App,
    editor: Uuid,
    product_id: Uuid,
    asked: &IfMatch,
    kind: MediaKind,
    files: &[NewFile],
) -> Result<Media> {
    for file in files {
        object_rows::restore(app, &file.stored).await?;
    }
    let id = app.clock.new_id();
    let picture = product_media::Model { id, product_id, kind, created_at: app.clock.now() };
    let rows = app
        .db
        .write(async |tx| {
            locked(tx, product_id, asked).await?;
            if kind == MediaKind::Cover {
                queries::delete_cover(tx, product_id).await?;
            }
            if queries::count(tx, product_id).await? >= MOST_PICTURES {
                return Err(TOO_MANY_PICTURES.into());
            }
            let mut rows = Vec::with_capacity(files.len());
            for file in files {
                let key = object_rows::keep(tx, &file.stored, picture.created_at).await?;
                rows.push(row(id, file, key)?);
            }
            queries::insert(tx, picture.clone(), rows.clone()).await?;
            finish(tx, app, editor, product_id, "product.updated").await?;
            Ok(rows)
        })
        .await;
    if let Err(error) = &rows {
        for file in files {
            object_rows::discard(app, &file.stored, error).await;
        }
    }
    let rows = rows?;
    for (file, row) in files.iter().zip(&rows) {
        object_rows::drop_duplicate(app, &file.stored, &row.object_key).await;
    }
    Ok(shown(&picture, rows).at(app))
}

/// Takes a picture off a product; its bytes stay until nothing refers to them. 404, 412.
pub async fn remove(app: &App, editor: Uuid, product_id: Uuid, id: Uuid, asked: &IfMatch) -> Result<()> {
    app.db
        .write(async |tx| {
            let product = super::queries::products::lock(tx, product_id).await?.ok_or(NOT_FOUND)?;
            if !queries::delete(tx, product_id, id).await? {
                return Err(NOT_FOUND.into());
            }
            asked.honour(product.version)?;
            finish(tx, app, editor, product_id, "product.updated").await
        })
        .await
}

/// One file of a picture, whatever the status of its product.
pub async fn file(
    db: &impl ConnectionTrait,
    picture: Uuid,
    name: &str,
) -> Result<Option<product_media_file::Model>> {
    Ok(queries::file(db, picture, name).await?)
}

fn row(media_id: Uuid, file: &NewFile, object_key: String) -> Result<product_media_file::Model> {
    Ok(product_media_file::Model {
        media_id,
        name: file.name.clone(),
        object_key,
        size: i64::try_from(file.stored.size).map_err(Error::unexpected)?,
        sha256: file.stored.sha256.to_hex(),
        media_type: file.media_type.to_owned(),
        width: i32::try_from(file.width).map_err(Error::unexpected)?,
        height: i32::try_from(file.height).map_err(Error::unexpected)?,
    })
}

/// The uploaded pictures of products as their rows keep them, the cover first.
pub(super) async fn of_products(
    db: &impl ConnectionTrait,
    products: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Media>>, DbErr> {
    let pictures = queries::pictures(db, products).await?;
    let ids: Vec<Uuid> = pictures.iter().map(|picture| picture.id).collect();
    let mut files: HashMap<Uuid, Vec<product_media_file::Model>> = HashMap::new();
    for file in queries::files(db, &ids).await? {
        files.entry(file.media_id).or_default().push(file);
    }
    let mut shown_of: HashMap<Uuid, Vec<Media>> = HashMap::new();
    for picture in pictures {
        let shown = shown(&picture, files.remove(&picture.id).unwrap_or_default());
        shown_of.entry(picture.product_id).or_default().push(shown);
    }
    for pictures in shown_of.values_mut() {
        pictures.sort_by_key(|picture| picture.kind);
    }
    Ok(shown_of)
}

/// A picture with its addresses below the store's own.
fn shown(picture: &product_media::Model, mut files: Vec<product_media_file::Model>) -> Media {
    files.sort_by_key(|file| file.width.max(file.height));
    let url = |file: &product_media_file::Model| format!("{MEDIA}/{}/{}", picture.id, file.name);
    let largest = files.pop();
    Media {
        id: Some(picture.id),
        kind: picture.kind,
        url: largest.as_ref().map(url).unwrap_or_default(),
        width: largest.as_ref().map(|file| file.width),
        height: largest.as_ref().map(|file| file.height),
        thumbnails: files
            .iter()
            .map(|file| Thumbnail { url: url(file), width: file.width, height: file.height })
            .collect(),
    }
}

/// The pictures of a product: the `uploaded` ones, then those of which an import gave the address.
pub(super) fn all(uploaded: &Value, imported: &Value) -> Vec<Media> {
    let mut pictures: Vec<Media> = read(uploaded);
    let urls: Vec<String> = read(imported);
    for url in urls {
        let kind = if pictures.is_empty() { MediaKind::Cover } else { MediaKind::Screenshot };
        pictures.push(Media::elsewhere(url, kind));
    }
    pictures
}

/// The address of the picture that lists show of a product.
pub(super) fn cover(uploaded: &Value, imported: &Value) -> Option<String> {
    Some(all(uploaded, imported).first()?.cover().to_owned())
}

/// Makes the address of a picture a whole one. One that came with an import is whole already.
pub(super) fn locate(url: &mut String, app: &App) {
    if url.starts_with('/') {
        *url = app.public_url(url);
    }
}

fn read<T: DeserializeOwned + Default>(column: &Value) -> T {
    T::deserialize(column).unwrap_or_default()
}

impl Media {
    /// A picture of which only the address is known.
    fn elsewhere(url: String, kind: MediaKind) -> Self {
        Self { id: None, kind, url, width: None, height: None, thumbnails: Vec::new() }
    }

    /// With whole addresses.
    pub(super) fn at(mut self, app: &App) -> Self {
        locate(&mut self.url, app);
        for thumbnail in &mut self.thumbnails {
            locate(&mut thumbnail.url, app);
        }
        self
    }

    /// The address of the size that lists show.
    fn cover(&self) -> &str {
        let fits = |one: &&Thumbnail| one.width.max(one.height) <= COVER_SIDE;
        let large = self.width.max(self.height) > Some(COVER_SIDE);
        let smaller = self.thumbnails.iter().rev().find(fits).filter(|_| large);
        smaller.map_or(&self.url, |thumbnail| &thumbnail.url)
    }
}
