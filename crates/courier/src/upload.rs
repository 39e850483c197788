//! Files that come in parts (tus 1.0.0). What was begun is found in the store by the digest in its metadata, so that
//! whatever was killed goes on from where the store is, from any machine.
use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use futures::TryStreamExt;
use reqwest::{
    Body, Method, RequestBuilder, Response,
    header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION},
};
use serde::Deserialize;
use tokio_util::io::ReaderStream;

use crate::{
    error::{Error, Result},
    parcel::Parcel,
    patience::Patience,
    progress::{Bar, Progress},
    publishing::gone,
    store::{Store, sent},
};

/// Bytes of a part: what is lost at most when it breaks off, and what many proxies let through.
const PART: u64 = 16 * 1024 * 1024;
/// For a part, at 28 kB/s.
const PART_TIME: Duration = Duration::from_secs(600);
/// Bytes that are read of a file at a time.
const BUFFER: usize = 128 * 1024;
const RESUMABLE: &str = "tus-resumable";
const VERSION: &str = "1.0.0";
const OFFSET: &str = "upload-offset";

/// An upload that waits for its rest.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Upload {
    id: String,
    name: String,
    metadata: String,
    length: u64,
    offset: u64,
}

/// What an upload cost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sent {
    /// Bytes that were sent.
    pub(crate) sent: u64,
    /// Bytes that had been there before.
    pub(crate) resumed: u64,
}

impl Upload {
    /// Whether it is one of the very bytes of a parcel.
    fn is(&self, parcel: &Parcel) -> bool {
        self.length == parcel.size && self.metadata == metadata(parcel)
    }

    /// Bytes that came of a parcel; none unless it is one of it.
    pub(crate) fn came_of(&self, parcel: &Parcel) -> Option<u64> {
        self.is(parcel).then_some(self.offset)
    }

    /// Whether it would take the place of a parcel.
    fn is_called_as(&self, parcel: &Parcel) -> bool {
        self.name == parcel.name
    }
}

/// The uploads to a build that wait for their rest.
pub(crate) async fn open(store: &Store, build: &str) -> Result<Vec<Upload>> {
    store.list(&["admin", "builds", build, "uploads"]).await
}

/// Ends what was begun of other bytes and would take the place of a parcel when it is whole.
pub(crate) async fn end_others(store: &Store, build: &str, open: &[Upload], parcel: &Parcel) -> Result<()> {
    for upload in open.iter().filter(|upload| upload.is_called_as(parcel) && !upload.is(parcel)) {
        let request = speaking(store, Method::DELETE, &["admin", "builds", build, "uploads", &upload.id])?;
        gone(sent(request).await.map(drop))?;
    }
    Ok(())
}

/// Sends a parcel into a draft, from where an earlier upload of it came to.
pub(crate) async fn send(
    store: &Store,
    build: &str,
    parcel: &Parcel,
    open: &[Upload],
    progress: &Progress,
) -> Result<Sent> {
    let mut patience = Patience::default();
    let begun = open.iter().find(|upload| upload.is(parcel));
    let id = match begun {
        Some(upload) => upload.id.clone(),
        None => begin(store, build, parcel, &mut patience).await?,
    };
    let mut offset = begun.map_or(0, |upload| upload.offset);
    let sending =
        Sending { store, build, id: &id, parcel, bar: progress.begin(&parcel.name, parcel.size, offset) };
    // One of which all bytes came before is made a file by asking for it.
    if begun.is_some() {
        offset = sending.offset().await?;
    }
    let mut sent = 0;
    while offset < parcel.size {
        match sending.part(offset).await {
            Ok(end) if end > offset => {
                patience.renew();
                sent += end - offset;
                offset = end;
            }
            Ok(end) => return Err(Error::Unsound(format!("the store is at {end}, behind {offset}"))),
            // A part that came though its answer didn't, or that somebody else sent, is one too many.
            Err(error) if error.may_pass() || error.is("offset_mismatch") => {
                patience.after_any(error).await?;
                offset = sending.offset().await?;
            }
            Err(error) => return Err(error),
        }
        sending.bar.set(offset);
    }
    sending.bar.end();
    Ok(Sent { sent, resumed: parcel.size - sent })
}

async fn begin(store: &Store, build: &str, parcel: &Parcel, patience: &mut Patience) -> Result<String> {
    loop {
        let request = speaking(store, Method::POST, &["admin", "builds", build, "uploads"])?
            .header("upload-length", parcel.size)
            .header("upload-metadata", metadata(parcel));
        match sent(request).await {
            Ok(begun) => {
                let location = begun.headers().get(LOCATION).and_then(|place| place.to_str().ok());
                // Only the id is taken: the key goes nowhere else than to the store that was named.
                let id = location.and_then(|place| place.rsplit('/').next()).unwrap_or_default();
                let known = id.parse::<uuid::Uuid>().is_ok();
                return known
                    .then(|| id.to_owned())
                    .ok_or_else(|| Error::Unsound("the store does not say where the upload is".to_owned()));
            }
            Err(error) => patience.after(error).await?,
        }
    }
}

/// A parcel on its way.
struct Sending<'a> {
    store: &'a Store,
    build: &'a str,
    id: &'a str,
    parcel: &'a Parcel,
    bar: Bar,
}

impl Sending<'_> {
    fn path(&self) -> [&str; 5] {
        ["admin", "builds", self.build, "uploads", self.id]
    }

    /// Where the store is.
    async fn offset(&self) -> Result<u64> {
        let mut patience = Patience::default();
        loop {
            match sent(speaking(self.store, Method::GET, &self.path())?).await {
                Ok(asked) => return offset_of(&asked),
                Err(error) => patience.after(error).await?,
            }
        }
    }

    /// Sends the next part; gives where the store is then.
    async fn part(&self, offset: u64) -> Result<u64> {
        let length = (self.parcel.size - offset).min(PART);
        let bytes = ReaderStream::with_capacity(self.parcel.part(offset, length).await?, BUFFER);
        let bar = self.bar.clone();
        let bytes = bytes.inspect_ok(move |chunk| bar.advance(chunk.len() as u64));
        let request = speaking(self.store, Method::PATCH, &self.path())?
            .header(OFFSET, offset)
            .header(CONTENT_TYPE, "application/offset+octet-stream")
            .header(CONTENT_LENGTH, length)
            .timeout(PART_TIME)
            .body(Body::wrap_stream(bytes));
        offset_of(&sent(request).await?)
    }
}

fn speaking(store: &Store, method: Method, path: &[&str]) -> Result<RequestBuilder> {
    Ok(store.ask(method, path)?.header(RESUMABLE, VERSION))
}

fn offset_of(response: &Response) -> Result<u64> {
    let offset = response.headers().get(OFFSET).and_then(|value| value.to_str().ok()?.parse().ok());
    offset.ok_or_else(|| Error::Unsound("the store does not say how far the upload is".to_owned()))
}

fn metadata(parcel: &Parcel) -> String {
    let digest = parcel.digest.to_string();
    format!("filename {},sha256 {}", STANDARD.encode(&parcel.name), STANDARD.encode(digest))
}
