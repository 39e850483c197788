//! Uploaded pictures: a stranger's file becomes files of the store's own, in every size, before anybody sees one.
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use pictures::{Limits, Refused, Rendition};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    app::App,
    catalog::media::NewFile,
    error::{Error, Refusal, Result},
    web::{Upload, upload::Uploaded},
};

/// Pixels of the longer side of what is made beside the largest size.
const SIDES: [u32; 3] = [320, 640, 1280];
/// Uploads that are read or wait at once; each holds `delivery.max_picture_bytes` at most.
const READERS: usize = 4;
/// Pictures that are decoded at once; each takes some hundred megabytes at most.
const DECODERS: usize = 1;

const BUSY: Refusal = Refusal::with_status(
    StatusCode::SERVICE_UNAVAILABLE,
    "busy",
    "Too many pictures are being uploaded at once; try again.",
);
const NOT_A_PICTURE: Refusal = Refusal::with_status(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "unsupported_media_type",
    "The file is no JPEG, PNG, WebP or GIF, whatever its name says.",
);

/// Where pictures are made again, a few at once.
pub struct Desk {
    readers: Arc<Semaphore>,
    decoders: Arc<Semaphore>,
}

impl Default for Desk {
    fn default() -> Self {
        Self { readers: Arc::new(Semaphore::new(READERS)), decoders: Arc::new(Semaphore::new(DECODERS)) }
    }
}

/// A form that was read, and the place at the desk that its bytes take.
pub(super) struct Received {
    pub(super) form: Uploaded,
    _place: OwnedSemaphorePermit,
}

/// Reads a form with a picture; 503 `busy`, and what [`Upload::read`] refuses.
pub(super) async fn receive(app: &App, form: Upload, names: &[&str]) -> Result<Received> {
    let place = Arc::clone(&app.pictures.readers).try_acquire_owned().map_err(|_| BUSY)?;
    Ok(Received { form: form.read(app.config.delivery.max_picture_bytes, names).await?, _place: place })
}

/// Makes a picture again in every size and keeps the bytes; 415 for what is none, 422 for what is too large or damaged.
pub(super) async fn make(app: &App, picture: Bytes) -> Result<Vec<NewFile>> {
    let turn = Arc::clone(&app.pictures.decoders).acquire_owned().await.map_err(Error::unexpected)?;
    let made = tokio::task::spawn_blocking(move || {
        // Held to the end, whether or not anybody still waits for the picture.
        let _turn = turn;
        pictures::remake(&picture, &Limits::default(), &SIDES)
    });
    let mut files = Vec::new();
    for rendition in made.await.map_err(Error::unexpected)?.map_err(refused)? {
        files.push(keep(app, rendition).await?);
    }
    Ok(files)
}

async fn keep(app: &App, made: Rendition) -> Result<NewFile> {
    let mut writer = app.objects.writer().await?;
    writer.write(Bytes::from(made.bytes)).await?;
    Ok(NewFile {
        name: format!("{}.{}", made.width.max(made.height), made.format.extension()),
        media_type: made.format.media_type(),
        width: made.width,
        height: made.height,
        stored: writer.finish().await?,
    })
}

fn refused(refused: Refused) -> Error {
    match refused {
        Refused::NotAPicture => NOT_A_PICTURE.into(),
        Refused::TooLarge => Error::field("file", "picture_too_large", "has more pixels than are taken"),
        Refused::Damaged => Error::field("file", "damaged_picture", "is damaged"),
    }
}
