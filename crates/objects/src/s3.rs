//! A bucket of S3, or of a server that speaks like it.
//!
//! `objects/ab/cd/<64 hex digits>` are whole; `drafts/<name>/…` are the pieces of what comes in parts. What is still being
//! written is a multipart upload, which nobody sees before it is complete.

use std::error::Error as StdError;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey, AwsCredential};
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientOptions, GetOptions, GetRange, ObjectStore, ObjectStoreExt, RetryConfig,
    StaticCredentialProvider,
};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use self::room::Room;
use crate::sha256::Digesting;
use crate::{Error, Found, Key, Sha256, Verdict};

pub(crate) mod direct;
pub(crate) mod draft;
pub(crate) mod files;
pub(crate) mod links;
pub(crate) mod open_uploads;
mod room;
mod traced;
pub(crate) mod write;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// How long nothing may come: a part goes up, and is answered, within this.
const SILENCE: Duration = Duration::from_secs(60);
/// How often a request is tried again,
const RETRIES: usize = 3;
/// and until when after it was first made.
const RETRIED: Duration = Duration::from_secs(20);
/// Bytes that each draft may gather before it asks for room.
const ROOM_UNIT: usize = 1024 * 1024;
/// Units that drafts may gather together beyond those: 10 MiB, the rest of two whole pieces.
const ROOM: usize = 10;
/// Objects that are made of pieces at once.
const POURED_AT_ONCE: usize = 2;
/// How long a probe may take.
const PROBE: Duration = Duration::from_secs(5);

/// Which bucket, and where it is. What is absent is what the environment says as AWS's own programs read it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub bucket: String,
    pub region: Option<String>,
    /// Where a server is that is not AWS's: `http://127.0.0.1:9000`.
    pub endpoint: Option<String>,
    /// Whether the bucket's name stands in the path rather than before the host's.
    pub path_style: bool,
    /// The access key's id and secret.
    pub credentials: Option<(String, String)>,
    /// What makes it a temporary one.
    pub session_token: Option<String>,
}

#[derive(Clone)]
pub(crate) struct Bucket {
    store: AmazonS3,
    options: ClientOptions,
    /// What parts of objects take that are being written.
    parts: Arc<Room>,
    /// What drafts may gather together, in units, beyond one unit each.
    room: Arc<Semaphore>,
    /// Who makes an object of a draft's pieces.
    pouring: Arc<Semaphore>,
}

impl Bucket {
    /// Asks nothing of the server yet.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Error> {
        let plain = settings.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let options = ClientOptions::new()
            .with_timeout_disabled()
            .with_connect_timeout(CONNECT)
            .with_read_timeout(SILENCE)
            .with_allow_http(plain);
        let retry = RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(100),
                max_backoff: Duration::from_secs(2),
                base: 2.0,
            },
            max_retries: RETRIES,
            retry_timeout: RETRIED,
        };
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(&settings.bucket)
            .with_virtual_hosted_style_request(!settings.path_style)
            .with_client_options(options.clone())
            .with_http_connector(traced::Traced::default())
            .with_retry(retry)
            // What speaks like S3 need not know how to delete many objects by one request.
            .with_disable_bulk_delete(true);
        if let Some(region) = &settings.region {
            builder = builder.with_region(region);
        }
        if let Some(endpoint) = &settings.endpoint {
            // So set, no variable of the environment comes before it.
            builder = builder.with_config(AmazonS3ConfigKey::S3Endpoint, placed(endpoint, settings)?);
        }
        if let Some((id, secret)) = &settings.credentials {
            // Whole, so that nothing of the environment's is mixed with it.
            let (key_id, secret_key) = (id.clone(), secret.clone());
            let credential = AwsCredential { key_id, secret_key, token: settings.session_token.clone() };
            builder = builder.with_credentials(Arc::new(StaticCredentialProvider::new(credential)));
        }
        Ok(Self {
            store: builder.build().map_err(told)?,
            options,
            parts: Arc::default(),
            room: Arc::new(Semaphore::new(ROOM)),
            pouring: Arc::new(Semaphore::new(POURED_AT_ONCE)),
        })
    }

    /// Reads a range of an object, which must be of that size where one is given.
    pub(crate) async fn read(
        &self,
        key: &Key,
        size: Option<u64>,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, io::Result<Bytes>>, Error> {
        if range.is_empty() {
            let found = self.size(key).await?;
            return if found < range.end || size.is_some_and(|size| size != found) {
                Err(Error::wrong_size())
            } else {
                Ok(stream::empty().boxed())
            };
        }
        self.get(&place(key), size, range).await
    }

    async fn get(
        &self,
        path: &Path,
        size: Option<u64>,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, io::Result<Bytes>>, Error> {
        let options = GetOptions { range: Some(GetRange::Bounded(range.clone())), ..GetOptions::default() };
        let got = self.store.get_opts(path, options).await.map_err(told)?;
        if got.range != range || size.is_some_and(|size| size != got.meta.size) {
            return Err(Error::wrong_size());
        }
        Ok(got.into_stream().map_err(io::Error::other).boxed())
    }

    pub(crate) async fn size(&self, key: &Key) -> Result<u64, Error> {
        Ok(self.store.head(&place(key)).await.map_err(told)?.size)
    }

    pub(crate) async fn delete(&self, key: &Key) -> Result<(), Error> {
        self.store.delete(&place(key)).await.map_err(told)
    }

    /// All objects, in no order; what has no object's name is passed over.
    pub(crate) fn list(&self) -> BoxStream<'static, Result<Found, Error>> {
        let listed = self.store.list(Some(&Path::from("objects"))).map_err(told);
        let known = listed.try_filter_map(async |meta| {
            let key = meta.location.filename().and_then(|name| Key::parse(name).ok());
            let key = key.filter(|key| place(key) == meta.location);
            Ok(key.map(|key| Found { key, size: meta.size, modified: meta.last_modified.into() }))
        });
        known.boxed()
    }

    pub(crate) async fn verify(&self, key: &Key, size: u64, sha256: &Sha256) -> Result<Verdict, Error> {
        match self.size(key).await {
            Err(Error::NotFound) => return Ok(Verdict::Missing),
            Ok(found) if found == size => {}
            Ok(_) => return Ok(Verdict::WrongSize),
            Err(error) => return Err(error),
        }
        let found = self.digest(key, size).await?;
        Ok(if found == *sha256 { Verdict::Sound } else { Verdict::WrongDigest })
    }

    /// Reads an object of that size whole.
    pub(crate) async fn digest(&self, key: &Key, size: u64) -> Result<Sha256, Error> {
        let mut digest = Digesting::new();
        let mut bytes = self.read(key, None, 0..size).await?;
        while let Some(chunk) = bytes.try_next().await? {
            digest.update(&chunk);
        }
        Ok(digest.finish())
    }

    /// Whether the bucket answers, to these credentials.
    pub(crate) async fn probe(&self) -> Result<(), Error> {
        let options = PaginatedListOptions { max_keys: Some(1), ..PaginatedListOptions::default() };
        let asked = self.store.list_paginated(Some("objects/"), options);
        match timeout(PROBE, asked).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Error::Unavailable(io::Error::other(error))),
            Err(slow) => Err(Error::Unavailable(io::Error::other(slow))),
        }
    }

    async fn credential(&self) -> Result<Arc<AwsCredential>, Error> {
        self.store.credentials().get_credential().await.map_err(told)
    }
}

/// The endpoint as the client takes it: with the bucket before the host's name where it does not stand in the path.
fn placed(endpoint: &str, settings: &Settings) -> Result<String, Error> {
    if settings.path_style {
        return Ok(endpoint.to_owned());
    }
    let (scheme, host) = endpoint.split_once("://").ok_or_else(|| {
        Error::Unavailable(io::Error::other("the endpoint of S3 begins with neither https:// nor http://"))
    })?;
    Ok(format!("{scheme}://{}.{}", settings.bucket, host.trim_end_matches('/')))
}

/// Where an object lies.
fn place(key: &Key) -> Path {
    Path::from(key.path())
}

/// What a refusal or a silence of S3 means here: that a bucket is missing says nothing of an object.
fn told(error: object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { source, .. } if !says(source.as_ref(), "NoSuchBucket") => {
            Error::NotFound
        }
        error => Error::Unavailable(io::Error::other(error)),
    }
}

fn says(error: &(dyn StdError + 'static), word: &str) -> bool {
    error.to_string().contains(word)
}
