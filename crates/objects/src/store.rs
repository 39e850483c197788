//! The store itself: every operation on objects.

use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt, TryStreamExt};

use crate::folder::{self, Folder};
use crate::s3::write::{IN_SMALL_PARTS, Size};
use crate::s3::{self, Bucket};
use crate::{
    Asked, Chunks, CloudFront, Completed, Direct, Draft, Error, Key, Opening, Outlet, Sha256, Stored,
    Verdict, Writer, blocking, verify,
};

/// A store of immutable objects; clones are the same store.
#[derive(Clone)]
pub struct Objects {
    place: Place,
    /// Where links lead instead of to the bucket.
    front: Option<Arc<CloudFront>>,
    /// Whether links lead past this program at all.
    direct: bool,
}

/// Where objects are kept.
#[derive(Clone)]
enum Place {
    Folder(Arc<Folder>),
    S3(Arc<Bucket>),
}

/// An object that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub key: Key,
    /// In bytes.
    pub size: u64,
    /// When it was written, by the clock of where it lies.
    pub modified: SystemTime,
}

impl Objects {
    /// Opens the store in a folder, makes what is missing of it, and removes temporaries older than
    /// [`LEFTOVER_AGE`](crate::LEFTOVER_AGE). Blocks for a moment: call it at the start.
    pub fn open(root: PathBuf) -> Result<Self, Error> {
        let folder = Folder::open(&root)?;
        Ok(Self { place: Place::Folder(Arc::new(folder)), front: None, direct: false })
    }

    /// Opens the store in a bucket, which is asked nothing yet. Links lead to it where `direct`, or to CloudFront before it.
    pub fn s3(settings: &s3::Settings, direct: bool, front: Option<CloudFront>) -> Result<Self, Error> {
        let bucket = Bucket::open(settings)?;
        Ok(Self { place: Place::S3(Arc::new(bucket)), front: front.map(Arc::new), direct })
    }

    /// Begins an object. `Full` and `Unavailable` are possible here and at each step of the writer.
    pub async fn writer(&self) -> Result<Writer, Error> {
        self.begin(None, Size::UpTo(IN_SMALL_PARTS)).await
    }

    /// The same for an object of that many bytes.
    pub async fn writer_of(&self, size: u64) -> Result<Writer, Error> {
        self.begin(None, Size::Of(size)).await
    }

    /// The same for an object of at most that many bytes, which may be a great many.
    pub async fn writer_up_to(&self, most: u64) -> Result<Writer, Error> {
        self.begin(None, Size::UpTo(most)).await
    }

    /// Copies an object out of another store, under its name; `NotFound` unless it is there and has that size and digest.
    pub async fn copy(&self, from: &Self, object: &Stored) -> Result<(), Error> {
        self.take(from.read(&object.key, 0..object.size).await?, object).await
    }

    /// The same out of a stream.
    pub async fn take(
        &self,
        mut bytes: impl Stream<Item = io::Result<Bytes>> + Unpin,
        object: &Stored,
    ) -> Result<(), Error> {
        let mut writer = self.begin(Some(object.key.clone()), Size::Of(object.size)).await?;
        while let Some(chunk) = bytes.try_next().await? {
            writer.write(chunk).await?;
        }
        let whole = writer.written() == object.size;
        let sealed = writer.seal().await?;
        if !whole || *sealed.sha256() != object.sha256 {
            sealed.discard().await;
            return Err(Error::NotFound);
        }
        sealed.keep().await.map(drop)
    }

    async fn begin(&self, key: Option<Key>, size: Size) -> Result<Writer, Error> {
        match &self.place {
            Place::Folder(folder) => Ok(folder::write::Writer::new(Arc::clone(folder), key).await?.into()),
            Place::S3(bucket) => Ok(s3::write::Writer::new(Arc::clone(bucket), key, size)?.into()),
        }
    }

    /// Whether equal bytes have one name, whoever brings them. Elsewhere each has a name of its own.
    pub fn names_by_digest(&self) -> bool {
        matches!(self.place, Place::Folder(_))
    }

    /// Whether a draft is locked by whoever opens it. Where it isn't, the caller lets one at a time open it.
    pub fn locks_drafts(&self) -> bool {
        matches!(self.place, Place::Folder(_))
    }

    /// Opens an object that comes in parts, by a name of the caller's, for this one writer: `Busy` while there is
    /// another, in this process or elsewhere, as far as [`Self::locks_drafts`]. `NotFound` when it is not there.
    pub async fn draft(&self, name: u128, opening: Opening<'_>) -> Result<Draft, Error> {
        match &self.place {
            Place::Folder(folder) => {
                let (folder, make) = (Arc::clone(folder), opening.make);
                let opened = blocking::run(move || folder::draft::Draft::open(folder, name, make));
                Ok(opened.await?.into())
            }
            Place::S3(bucket) => {
                let bucket = Arc::clone(bucket);
                Ok(s3::draft::Draft::open(bucket, name, opening.size, opening.state)?.into())
            }
        }
    }

    /// Removes what came of a draft. Who still writes it writes into nothing. `NotFound` when it was not there.
    pub async fn delete_draft(&self, name: u128) -> Result<(), Error> {
        match &self.place {
            Place::Folder(folder) => run(folder, move |folder| folder.delete_draft(name)).await,
            Place::S3(bucket) => s3::draft::delete(bucket, name).await,
        }
    }

    /// The names of all drafts.
    pub async fn drafts(&self) -> Result<Vec<u128>, Error> {
        match &self.place {
            Place::Folder(folder) => run(folder, |folder| Ok(folder.drafts()?)).await,
            Place::S3(bucket) => s3::draft::names(bucket).await,
        }
    }

    /// The object that a draft of that digest and size was renamed to, or `NotFound`.
    pub async fn stored(&self, sha256: &Sha256, size: u64) -> Result<Stored, Error> {
        let sha256 = *sha256;
        match &self.place {
            Place::Folder(folder) => {
                run(folder, move |folder| folder::draft::stored(folder, &sha256, size)).await
            }
            Place::S3(_) => Err(Error::NotFound),
        }
    }

    /// Streams a range of an object's bytes; an empty range is an empty stream.
    ///
    /// `NotFound` when there is no such object; `Unavailable`, before the first byte, when it ends before the range does.
    pub async fn read(&self, key: &Key, range: Range<u64>) -> Result<Chunks, Error> {
        self.open_range(key, None, range, None).await
    }

    /// The same of an object of that size, for a connection, if it may be sent files. `Unavailable` also when it is of another.
    pub async fn read_to(
        &self,
        key: &Key,
        size: u64,
        range: Range<u64>,
        outlet: Option<Outlet>,
    ) -> Result<Chunks, Error> {
        self.open_range(key, Some(size), range, outlet).await
    }

    async fn open_range(
        &self,
        key: &Key,
        size: Option<u64>,
        range: Range<u64>,
        outlet: Option<Outlet>,
    ) -> Result<Chunks, Error> {
        match &self.place {
            Place::Folder(folder) => {
                let key = key.clone();
                let open =
                    move |folder: &Folder| folder::read::Chunks::open(folder, &key, size, range, outlet);
                run(folder, open).await.map(Chunks::mapped)
            }
            Place::S3(bucket) => bucket.read(key, size, range).await.map(Chunks::streamed),
        }
    }

    /// Looks for an object without reading it: `NotFound`, or `Unavailable` when it is not of that size.
    pub async fn require(&self, key: &Key, size: u64) -> Result<(), Error> {
        if self.size(key).await? == size { Ok(()) } else { Err(Error::wrong_size()) }
    }

    /// The size of an object in bytes, or `NotFound`.
    pub async fn size(&self, key: &Key) -> Result<u64, Error> {
        match &self.place {
            Place::Folder(folder) => {
                let key = key.clone();
                run(folder, move |folder| folder.size(&key)).await
            }
            Place::S3(bucket) => bucket.size(key).await,
        }
    }

    /// The file in which an object's bytes are, where a folder keeps them: for who sends it instead of this program.
    pub fn file(&self, key: &Key) -> Option<PathBuf> {
        match &self.place {
            Place::Folder(folder) => Some(folder.path(key)),
            Place::S3(_) => None,
        }
    }

    /// Reads an object whole and compares its size and digest.
    pub async fn verify(&self, key: &Key, size: u64, sha256: &Sha256) -> Result<Verdict, Error> {
        match &self.place {
            Place::Folder(folder) => {
                let (key, sha256) = (key.clone(), *sha256);
                run(folder, move |folder| verify::digest(folder, &key, size, &sha256)).await
            }
            Place::S3(bucket) => bucket.verify(key, size, sha256).await,
        }
    }

    /// Compares an object's size alone: cheap, and blind to changed bytes.
    pub async fn verify_size(&self, key: &Key, size: u64) -> Result<Verdict, Error> {
        match self.size(key).await {
            Err(Error::NotFound) => Ok(Verdict::Missing),
            Err(error) => Err(error),
            Ok(found) if found == size => Ok(Verdict::Sound),
            Ok(_) => Ok(Verdict::WrongSize),
        }
    }

    /// Removes an object, durably. Streams that are reading it go on to their end. A folder says `NotFound` when it was not
    /// there.
    pub async fn delete(&self, key: &Key) -> Result<(), Error> {
        match &self.place {
            Place::Folder(folder) => {
                let key = key.clone();
                run(folder, move |folder| folder.delete(&key)).await
            }
            Place::S3(bucket) => bucket.delete(key).await,
        }
    }

    /// Removes an object that was written before that; false when it was written anew since.
    pub async fn delete_older(&self, key: &Key, than: SystemTime) -> Result<bool, Error> {
        match &self.place {
            Place::Folder(folder) => {
                let key = key.clone();
                run(folder, move |folder| folder.delete_older(&key, than)).await
            }
            // What S3 has under a random name is never written anew.
            Place::S3(bucket) => bucket.delete(key).await.map(|()| true),
        }
    }

    /// Every object that there is, in no order.
    pub fn list(&self) -> BoxStream<'static, Result<Found, Error>> {
        match &self.place {
            Place::Folder(folder) => {
                let folder = Arc::clone(folder);
                let shards = async move { run(&folder, |folder| Ok(folder.shards_there()?)).await };
                let shards = stream::once(shards).map_ok(|shards| stream::iter(shards).map(Ok)).try_flatten();
                let objects = shards.and_then(|shard| blocking::run(move || Ok(Folder::objects_of(&shard)?)));
                objects.map_ok(|found| stream::iter(found).map(Ok)).try_flatten().boxed()
            }
            Place::S3(bucket) => bucket.list(),
        }
    }

    /// Ends the uploads to S3 that were begun before that and came to no end, and says how many; none where they can't be
    /// listed, or there is no such thing.
    pub async fn abort_uploads_older(&self, than: SystemTime) -> Result<Option<u64>, Error> {
        match &self.place {
            Place::Folder(_) => Ok(None),
            Place::S3(bucket) => s3::open_uploads::abort_older(bucket, than.into()).await,
        }
    }

    /// Proves that the store answers: a folder by making and removing a small file, a bucket by a list of one object.
    ///
    /// Missing subfolders are made again; a missing root is `Unavailable` until it is back.
    pub async fn probe(&self) -> Result<(), Error> {
        match &self.place {
            Place::Folder(folder) => run(folder, |folder| Ok(folder.probe()?)).await,
            Place::S3(bucket) => bucket.probe().await,
        }
    }

    /// How long a link past this program lives that should live that long; none where there are no such links.
    ///
    /// It is never longer than the credentials that sign it are known to last.
    pub async fn link_life(&self, wanted: Duration) -> Result<Option<Duration>, Error> {
        match &self.place {
            Place::S3(_) if self.front.is_some() => Ok(Some(wanted)),
            Place::S3(bucket) if self.direct => s3::links::life(bucket, wanted).await.map(Some),
            _ => Ok(None),
        }
    }

    /// Signs a link past this program, where [`Self::link_life`] says that there are such.
    pub async fn link(&self, key: &Key, asked: &Asked<'_>) -> Result<String, Error> {
        match (&self.place, &self.front) {
            (Place::S3(_), Some(front)) => front.sign(key, asked),
            (Place::S3(bucket), None) => s3::links::sign(bucket, key, asked).await,
            (Place::Folder(_), _) => Err(Error::NotFound),
        }
    }

    /// Begins an object of that many bytes which others write, by addresses that lead past this program; none where there
    /// are no such.
    pub async fn begin_direct(&self, size: u64) -> Result<Option<Direct>, Error> {
        match self.reached() {
            Some(bucket) => s3::direct::begin(bucket, size).await.map(Some),
            None => Ok(None),
        }
    }

    /// How long the address of a part lives that should live that long; none where there are no such.
    pub async fn direct_life(&self, wanted: Duration) -> Result<Option<Duration>, Error> {
        match self.reached() {
            Some(bucket) => s3::links::life(bucket, wanted).await.map(Some),
            None => Ok(None),
        }
    }

    /// Signs the address to which a part is PUT; parts count from 1.
    pub async fn direct_part(&self, direct: &Direct, number: u64, life: Duration) -> Result<String, Error> {
        let bucket = self.bucket().ok_or(Error::NotFound)?;
        s3::direct::part(bucket, direct, number, life).await
    }

    /// Makes an object of the parts, named by their entity tags in order. That it is one already is no error.
    pub async fn complete_direct(&self, direct: &Direct, tags: Vec<String>) -> Result<Completed, Error> {
        s3::direct::complete(self.bucket().ok_or(Error::NotFound)?, direct, tags).await
    }

    /// Forgets the parts, and the object if it is one.
    pub async fn abort_direct(&self, direct: &Direct) -> Result<(), Error> {
        match self.bucket() {
            Some(bucket) => s3::direct::abort(bucket, direct).await,
            None => Ok(()),
        }
    }

    /// The digest of an object in a bucket, which is read whole.
    pub async fn digest(&self, key: &Key, size: u64) -> Result<Sha256, Error> {
        self.bucket().ok_or(Error::NotFound)?.digest(key, size).await
    }

    fn bucket(&self) -> Option<&Arc<Bucket>> {
        match &self.place {
            Place::Folder(_) => None,
            Place::S3(bucket) => Some(bucket),
        }
    }

    /// The bucket, if clients reach it themselves.
    fn reached(&self) -> Option<&Arc<Bucket>> {
        self.bucket().filter(|_| self.direct)
    }
}

async fn run<T: Send + 'static>(
    folder: &Arc<Folder>,
    work: impl FnOnce(&Folder) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let folder = Arc::clone(folder);
    blocking::run(move || work(&folder)).await
}
