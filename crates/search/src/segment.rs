//! A segment: documents that never change, as columns in memory; only which of them are alive does.
use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use roaring::RoaringBitmap;
use tantivy::{DocId, SegmentReader, columnar::Column, fastfield::AliveBitSet, index::SegmentId};
use uuid::Uuid;

use crate::{
    error::Result,
    labels::LabelColumn,
    numbers::Numbers,
    order::Order,
    postings::exact,
    prices::Prices,
    query::{By, Key},
    schema::{Fields, IDS, LABELS, NUMBERS, OF_LANGUAGE},
    titles::Titles,
};

/// What a segment holds, loaded once. What is read of a few documents alone stays where it lies, in a file that is mapped.
pub(crate) struct Columns {
    pub(crate) documents: u32,
    /// All of them, in a form that is quick to intersect.
    every: RoaringBitmap,
    /// The halves of their ids.
    ids: [Column<u64>; 2],
    /// All of them by id.
    pub(crate) by_id: Box<[DocId]>,
    pub(crate) kind: LabelColumn,
    pub(crate) tag: LabelColumn,
    pub(crate) category: LabelColumn,
    pub(crate) platform: LabelColumn,
    pub(crate) need: LabelColumn,
    pub(crate) language: LabelColumn,
    pub(crate) publisher: LabelColumn,
    pub(crate) prices: Prices,
    pub(crate) titles: Titles,
    rating_average: Numbers,
    rating_count: Numbers,
    popularity: Numbers,
    release_date: Numbers,
    created_at: Column<i64>,
    published_at: Column<i64>,
    orders: [OnceLock<Order>; 6],
    /// Those that have a title in a language, where that was asked for.
    titled: RwLock<HashMap<String, Arc<RoaringBitmap>>>,
}

impl Columns {
    fn load(reader: &SegmentReader) -> Result<Self> {
        let documents = reader.max_doc();
        let fast = reader.fast_fields();
        let [high, low] = IDS;
        let ids = [fast.u64(high)?, fast.u64(low)?];
        let [kind, tag, category, platform, need, language, publisher] = LABELS;
        let labels = |name, counted| LabelColumn::load(fast.str(name)?, documents, counted);
        let numbers = |name| -> Result<Numbers> {
            let column = fast.i64(name)?;
            Ok(Numbers::of((0..documents).map(|document| column.first(document)).collect()))
        };
        let [rating_average, rating_count, popularity, created_at, published_at] = NUMBERS;
        Ok(Self {
            documents,
            every: RoaringBitmap::from_sorted_iter(0..documents).unwrap_or_default(),
            by_id: sorted(&ids, documents),
            ids,
            kind: labels(kind, true)?,
            tag: labels(tag, true)?,
            category: labels(category, true)?,
            platform: labels(platform, true)?,
            need: labels(need, false)?,
            language: labels(language, true)?,
            publisher: labels(publisher, false)?,
            prices: Prices::load(fast.bytes("prices")?, fast.bytes("sales")?.as_ref(), documents)?,
            titles: Titles::load(fast.str("sort_title")?)?,
            rating_average: numbers(rating_average)?,
            rating_count: numbers(rating_count)?,
            popularity: numbers(popularity)?,
            release_date: numbers("release_date")?,
            created_at: fast.i64(created_at)?,
            published_at: fast.i64(published_at)?,
            orders: Default::default(),
            titled: RwLock::default(),
        })
    }

    pub(crate) fn id(&self, document: DocId) -> Uuid {
        id_of(&self.ids, document)
    }

    pub(crate) fn popularity(&self, document: DocId) -> i64 {
        self.popularity.get(document).unwrap_or_default()
    }

    /// Days since 1970.
    pub(crate) fn release_date(&self, document: DocId) -> Option<i64> {
        self.release_date.get(document)
    }

    /// The bits of the average, whose order is that of the stars, and how many there are.
    pub(crate) fn rating(&self, document: DocId) -> (i64, i64) {
        let average = self.rating_average.get(document).unwrap_or_default();
        (average, self.rating_count.get(document).unwrap_or_default())
    }

    pub(crate) fn created_at(&self, document: DocId) -> i64 {
        self.created_at.first(document).unwrap_or_default()
    }

    pub(crate) fn published_at(&self, document: DocId) -> i64 {
        self.published_at.first(document).unwrap_or_default()
    }

    /// The key of a document in an order that neither words nor prices decide.
    pub(crate) fn key(&self, by: By, document: DocId) -> Option<Key> {
        match by {
            By::Title => Some(Key::Text(self.titles.of(document).to_owned())),
            By::ReleaseDate => self.release_date(document).map(Key::Number),
            By::Rating => {
                let (average, count) = self.rating(document);
                Some(Key::Pair(average, count))
            }
            By::Popularity => Some(Key::Number(self.popularity(document))),
            By::CreatedAt => Some(Key::Number(self.created_at(document))),
            By::PublishedAt => Some(Key::Number(self.published_at(document))),
            By::Relevance | By::Price => None,
        }
    }

    /// Documents in an order that neither words nor prices decide; made when it is first asked for.
    pub(crate) fn order(&self, by: By) -> Option<&Order> {
        let slot = match by {
            By::Title => 0,
            By::ReleaseDate => 1,
            By::Rating => 2,
            By::Popularity => 3,
            By::CreatedAt => 4,
            By::PublishedAt => 5,
            By::Relevance | By::Price => return None,
        };
        let make = || match by {
            By::Title => self.made(|document| Some(self.titles.rank(document))),
            By::ReleaseDate => self.made(|document| self.release_date.key(document)),
            By::Rating => self.made(|document| Some(self.rating(document))),
            By::CreatedAt => self.made(|document| Some(self.created_at(document))),
            By::PublishedAt => self.made(|document| Some(self.published_at(document))),
            By::Popularity | By::Relevance | By::Price => {
                self.made(|document| Some(self.popularity.key(document)))
            }
        };
        self.orders.get(slot).map(|order| order.get_or_init(make))
    }

    fn made<K: Ord + Copy>(&self, key: impl Fn(DocId) -> Option<K>) -> Order {
        Order::by(&self.by_id, key)
    }
}

fn id_of([high, low]: &[Column<u64>; 2], document: DocId) -> Uuid {
    let half = |column: &Column<u64>| column.first(document).unwrap_or_default();
    Uuid::from_u64_pair(half(high), half(low))
}

/// Documents by id.
fn sorted(ids: &[Column<u64>; 2], documents: u32) -> Box<[DocId]> {
    let mut known: Vec<(Uuid, DocId)> =
        (0..documents).map(|document| (id_of(ids, document), document)).collect();
    known.sort_unstable();
    known.into_iter().map(|(_, document)| document).collect()
}

/// A segment as a commit left it.
#[derive(Clone)]
pub(crate) struct Segment {
    pub(crate) columns: Arc<Columns>,
    /// None where all are.
    pub(crate) alive: Option<Arc<RoaringBitmap>>,
    pub(crate) reader: SegmentReader,
    pub(crate) fields: Fields,
}

impl Segment {
    /// A segment whose columns are loaded, or taken over from the commit before.
    pub(crate) fn load(reader: &SegmentReader, fields: Fields, before: &[Self]) -> Result<Self> {
        let before = before.iter().find(|segment| segment.id() == reader.segment_id());
        let columns = match before {
            Some(segment) => Arc::clone(&segment.columns),
            None => Arc::new(Columns::load(reader)?),
        };
        // What is gone stays gone: as many are the same ones.
        let same = before.filter(|segment| segment.reader.num_docs() == reader.num_docs());
        let alive = match same {
            Some(segment) => segment.alive.clone(),
            None => reader.has_deletes().then(|| Arc::new(alive(reader))),
        };
        Ok(Self { columns, alive, reader: reader.clone(), fields })
    }

    fn id(&self) -> SegmentId {
        self.reader.segment_id()
    }

    /// Every document that has a title in a language; gathered when it is first asked for.
    pub(crate) fn titled_in(&self, language: &str) -> Result<Arc<RoaringBitmap>> {
        let known = &self.columns.titled;
        if let Some(found) = known.read().unwrap_or_else(PoisonError::into_inner).get(language) {
            return Ok(Arc::clone(found));
        }
        let field = self.fields.title_of_language;
        let index = self.reader.inverted_index(field)?;
        let found = Arc::new(exact(&index, field, &format!("{language}{OF_LANGUAGE}"))?);
        // What anybody may ask for is remembered only of languages that there are.
        if !found.is_empty() {
            let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(language.to_owned(), Arc::clone(&found));
        }
        Ok(found)
    }

    /// Every document that is still there.
    pub(crate) fn all(&self) -> &RoaringBitmap {
        self.alive.as_deref().unwrap_or(&self.columns.every)
    }
}

fn alive(reader: &SegmentReader) -> RoaringBitmap {
    let mut alive = vec![0_u8; (reader.max_doc() as usize).div_ceil(8)];
    for document in reader.alive_bitset().into_iter().flat_map(AliveBitSet::iter_alive) {
        if let Some(byte) = alive.get_mut(document as usize / 8) {
            *byte |= 1 << (document % 8);
        }
    }
    RoaringBitmap::from_lsb0_bytes(0, &alive)
}
