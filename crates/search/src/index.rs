//! An index in a folder: opened, changed by commits, built anew beside the one that serves.
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use tantivy::{
    Index as Inner, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, TantivyError,
    directory::error::LockError,
    indexer::{IndexWriterOptions, LogMergePolicy, NoMergePolicy},
};
use uuid::Uuid;

use crate::{
    document::Document,
    error::{Error, Result},
    files::{self, Files},
    folder::{self, Why},
    ids::OfIds,
    schema::{self, Fields},
    snapshot::Snapshot,
};

/// Bytes that a commit's documents take in memory before they are written: the least that Tantivy asks for.
const WRITER_BYTES: usize = 15_000_000;
/// The same while an index is built.
const BUILDER_BYTES: usize = 60_000_000;
/// Documents of a segment above which it is merged with no other: its columns would be loaded anew.
const LARGEST_MERGED: usize = 300_000;

/// An index that answers.
pub struct Index {
    inner: Inner,
    fields: Fields,
    reader: IndexReader,
    snapshot: RwLock<Arc<Snapshot>>,
    /// Opened by the first change: an index that is only read has no writer's memory.
    writer: Mutex<Option<IndexWriter>>,
}

/// What was found in a folder.
pub enum Opened {
    /// An index, as its last commit left it.
    There(Box<Index>),
    /// None that can be used.
    Absent(Why),
}

impl Index {
    /// Opens the index of a folder, if there is one of this version that can be read.
    pub fn open(root: &Path, version: u32) -> Result<Opened> {
        let Some((path, found)) = folder::current(root)? else {
            let why = if root.join("current").exists() { Why::Damaged } else { Why::Missing };
            return Ok(Opened::Absent(why));
        };
        if found != version {
            return Ok(Opened::Absent(Why::OtherVersion));
        }
        match Self::read(&path) {
            Ok(index) => Ok(Opened::There(Box::new(index))),
            Err(_) => Ok(Opened::Absent(Why::Damaged)),
        }
    }

    fn read(path: &Path) -> Result<Self> {
        let inner = Inner::open(Files::of(path)?)?;
        let (schema, fields) = schema::schema();
        if inner.schema() != schema {
            return Err(TantivyError::SchemaError("another schema".to_owned()).into());
        }
        if !files::are_whole(&inner, path)? {
            return Err(Error::Damaged);
        }
        Self::of(inner, fields)
    }

    fn of(inner: Inner, fields: Fields) -> Result<Self> {
        let reader = inner.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let snapshot = Snapshot::load(&reader.searcher(), fields, None, 0)?;
        Ok(Self {
            inner,
            fields,
            reader,
            snapshot: RwLock::new(Arc::new(snapshot)),
            writer: Mutex::default(),
        })
    }

    /// The last commit.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the last commit was told to remember.
    pub fn note(&self) -> Result<Option<String>> {
        Ok(self.inner.load_metas()?.payload)
    }

    /// Writes documents in place of those of their ids and takes others out, in one commit that remembers a note; it
    /// is seen when this returns. After an error nothing of it is.
    pub fn apply(&self, written: &[Document], removed: &[Uuid], note: &str) -> Result<()> {
        let mut slot = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let writer = self.writer_in(&mut slot)?;
        let outcome = self.commit(writer, written, removed, note);
        if outcome.is_err() {
            // A writer that failed may hold half of the change.
            *slot = None;
        }
        outcome
    }

    fn writer_in<'a>(
        &self,
        slot: &'a mut MutexGuard<'_, Option<IndexWriter>>,
    ) -> Result<&'a mut IndexWriter> {
        if slot.is_none() {
            **slot = Some(writer(&self.inner, 1, WRITER_BYTES)?);
        }
        slot.as_mut().ok_or(Error::Locked)
    }

    fn commit(
        &self,
        writer: &mut IndexWriter,
        written: &[Document],
        removed: &[Uuid],
        note: &str,
    ) -> Result<()> {
        let gone = written.iter().map(|document| document.id).chain(removed.iter().copied());
        writer.delete_query(Box::new(OfIds::new(gone)))?;
        for document in written {
            writer.add_document(self.fields.document(document))?;
        }
        let mut prepared = writer.prepare_commit()?;
        prepared.set_payload(note);
        prepared.commit()?;
        self.reader.reload()?;
        let before = self.snapshot();
        let generation = before.generation() + 1;
        let after = Snapshot::load(&self.reader.searcher(), self.fields, Some(&before), generation)?;
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(after);
        Ok(())
    }
}

fn writer(inner: &Inner, threads: usize, bytes: usize) -> Result<IndexWriter> {
    let options = IndexWriterOptions::builder()
        .num_worker_threads(threads)
        .memory_budget_per_thread(bytes)
        .num_merge_threads(1)
        .build();
    let writer: IndexWriter = inner.writer_with_options(options).map_err(|error| match error {
        TantivyError::LockFailure(LockError::LockBusy, _) => Error::Locked,
        other => other.into(),
    })?;
    let mut policy = LogMergePolicy::default();
    policy.set_max_docs_before_merge(LARGEST_MERGED);
    writer.set_merge_policy(Box::new(policy));
    Ok(writer)
}

/// An index that is being built beside the one that serves; dropped, it leaves nothing that counts.
pub struct Rebuild {
    root: PathBuf,
    folder: PathBuf,
    version: u32,
    fields: Fields,
    writer: IndexWriter,
}

impl Rebuild {
    /// Begins an empty index in a folder.
    pub fn begin(root: &Path, version: u32) -> Result<Self> {
        let folder = folder::fresh(root)?;
        let (schema, fields) = schema::schema();
        let inner =
            Inner::builder().schema(schema).settings(IndexSettings::default()).create_in_dir(&folder)?;
        let writer = writer(&inner, 2, BUILDER_BYTES)?;
        // All at the end: what is merged on the way is merged again, and how many segments are left is luck.
        writer.set_merge_policy(Box::new(NoMergePolicy));
        Ok(Self { root: root.to_owned(), folder, version, fields, writer })
    }

    /// Adds documents, each once: half of them on a thread of their own, for to find their words takes longest of all.
    pub fn add(&self, documents: &[Document]) -> Result<()> {
        let (some, others) = documents.split_at(documents.len() / 2);
        std::thread::scope(|scope| {
            let beside = scope.spawn(|| self.add_each(others));
            self.add_each(some)?;
            beside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    fn add_each(&self, documents: &[Document]) -> Result<()> {
        for document in documents {
            self.writer.add_document(self.fields.document(document))?;
        }
        Ok(())
    }

    /// Makes it the index that counts, remembering a note, and removes every other.
    pub fn finish(self, note: &str) -> Result<Index> {
        let (index, successor) = self.whole(note)?;
        successor.promote()?;
        Ok(index)
    }

    /// Completes it, remembering a note: it may be changed like any other, and does not count yet.
    pub fn whole(self, note: &str) -> Result<(Index, Successor)> {
        let Self { root, folder, version, fields, mut writer } = self;
        let mut prepared = writer.prepare_commit()?;
        prepared.set_payload(note);
        prepared.commit()?;
        let segments = writer.index().searchable_segment_ids()?;
        if segments.len() > 1 {
            writer.merge(&segments).wait()?;
        }
        writer.wait_merging_threads()?;
        let index = Index::of(Inner::open(Files::of(&folder)?)?, fields)?;
        Ok((index, Successor { root, folder, version }))
    }
}

/// The place on disk of an index that is whole and does not count yet; dropped, it never will.
pub struct Successor {
    root: PathBuf,
    folder: PathBuf,
    version: u32,
}

impl Successor {
    /// Makes it the index that counts, and removes every other.
    pub fn promote(self) -> Result<()> {
        Ok(folder::promote(&self.root, &self.folder, self.version)?)
    }
}
