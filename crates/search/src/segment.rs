//! A segment: documents that never change, as columns in memory; only which of them are alive does.
use std::sync::{Arc, OnceLock};

use roaring::RoaringBitmap;
use tantivy::{DocId, SegmentReader, columnar::Column, index::SegmentId};
use uuid::Uuid;

use crate::{
    error::Result,
    labels::LabelColumn,
    order::Order,
    prices::Prices,
    query::{By, Key},
    schema::{Fields, LABELS, NUMBERS},
};

/// What a segment holds, loaded once.
pub(crate) struct Columns {
    pub(crate) documents: u32,
    /// All of them, in a form that is quick to intersect.
    every: RoaringBitmap,
    pub(crate) ids: Vec<u128>,
    pub(crate) kind: LabelColumn,
    pub(crate) tag: LabelColumn,
    pub(crate) category: LabelColumn,
    pub(crate) platform: LabelColumn,
    pub(crate) need: LabelColumn,
    pub(crate) language: LabelColumn,
    pub(crate) publisher: LabelColumn,
    pub(crate) prices: Prices,
    titles: Titles,
    rating_average: Vec<i64>,
    rating_count: Vec<i64>,
    popularity: Vec<i64>,
    created_at: Vec<i64>,
    release_date: Vec<i32>,
    orders: [OnceLock<Order>; 5],
}

/// The day of what has none.
const NO_DAY: i32 = i32::MIN;

impl Columns {
    fn load(reader: &SegmentReader) -> Result<Self> {
        let documents = reader.max_doc();
        let fast = reader.fast_fields();
        let [high, low] = [fast.u64("id_high")?, fast.u64("id_low")?];
        let id = |document| {
            let half = |column: &Column<u64>| u128::from(column.first(document).unwrap_or_default());
            half(&high) << 64 | half(&low)
        };
        let [kind, tag, category, platform, need, language, publisher] = LABELS;
        let labels = |name, listed| LabelColumn::load(fast.str(name)?, documents, listed);
        let numbers = |name| -> Result<Vec<i64>> {
            let column = fast.i64(name)?;
            Ok((0..documents).map(|document| column.first(document).unwrap_or_default()).collect())
        };
        let [rating_average, rating_count, popularity, created_at] = NUMBERS;
        let days = fast.i64("release_date")?;
        let day = |document| days.first(document).and_then(|day| i32::try_from(day).ok()).unwrap_or(NO_DAY);
        Ok(Self {
            documents,
            every: RoaringBitmap::from_sorted_iter(0..documents).unwrap_or_default(),
            ids: (0..documents).map(id).collect(),
            kind: labels(kind, true)?,
            tag: labels(tag, true)?,
            category: labels(category, true)?,
            platform: labels(platform, true)?,
            need: labels(need, false)?,
            language: labels(language, true)?,
            publisher: labels(publisher, false)?,
            prices: Prices::load(fast.i64("prices")?, &fast.i64("sales")?, documents),
            titles: Titles::load(reader, documents)?,
            rating_average: numbers(rating_average)?,
            rating_count: numbers(rating_count)?,
            popularity: numbers(popularity)?,
            created_at: numbers(created_at)?,
            release_date: (0..documents).map(day).collect(),
            orders: Default::default(),
        })
    }

    pub(crate) fn id(&self, document: DocId) -> Uuid {
        Uuid::from_u128(self.ids.get(document as usize).copied().unwrap_or_default())
    }

    pub(crate) fn popularity(&self, document: DocId) -> i64 {
        self.popularity.get(document as usize).copied().unwrap_or_default()
    }

    /// Days since 1970.
    pub(crate) fn release_date(&self, document: DocId) -> Option<i32> {
        self.release_date.get(document as usize).copied().filter(|day| *day != NO_DAY)
    }

    /// The bits of the average, whose order is that of the stars.
    pub(crate) fn rating(&self, document: DocId) -> (i64, i64) {
        let at = |column: &[i64]| column.get(document as usize).copied().unwrap_or_default();
        (at(&self.rating_average), at(&self.rating_count))
    }

    /// The key of a document in an order that neither words nor prices decide.
    pub(crate) fn key(&self, by: By, document: DocId) -> Option<Key> {
        match by {
            By::Title => Some(Key::Text(self.titles.of(document).to_owned())),
            By::ReleaseDate => self.release_date(document).map(|day| Key::Number(day.into())),
            By::Rating => {
                let (average, count) = self.rating(document);
                Some(Key::Pair(average, count))
            }
            By::Popularity => Some(Key::Number(self.popularity(document))),
            By::CreatedAt => {
                Some(Key::Number(self.created_at.get(document as usize).copied().unwrap_or_default()))
            }
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
            By::Relevance | By::Price => return None,
        };
        let make = || match by {
            By::Title => self.made(|document| Some(self.titles.rank(document))),
            By::ReleaseDate => self.made(|document| self.release_date(document)),
            By::Rating => self.made(|document| Some(self.rating(document))),
            By::CreatedAt => self.made(|document| self.created_at.get(document as usize).copied()),
            By::Popularity | By::Relevance | By::Price => {
                self.made(|document| Some(self.popularity(document)))
            }
        };
        self.orders.get(slot).map(|order| order.get_or_init(make))
    }

    fn made<K: Ord + Copy>(&self, key: impl Fn(DocId) -> Option<K>) -> Order {
        Order::by(self.documents, &self.ids, key)
    }
}

/// Folded titles, each once, in their order.
struct Titles {
    text: String,
    /// Where each title begins, one more than there are titles.
    starts: Vec<u32>,
    /// By document.
    ranks: Vec<u32>,
}

impl Titles {
    fn load(reader: &SegmentReader, documents: u32) -> Result<Self> {
        let mut titles = Self { text: String::new(), starts: vec![0], ranks: Vec::new() };
        let Some(column) = reader.fast_fields().str("sort_title")? else {
            titles.starts.push(0);
            titles.ranks = vec![0; documents as usize];
            return Ok(titles);
        };
        let mut stream = column.dictionary().stream()?;
        while stream.advance() {
            titles.text.push_str(&String::from_utf8_lossy(stream.key()));
            titles.starts.push(u32::try_from(titles.text.len()).unwrap_or(u32::MAX));
        }
        let ords = column.ords();
        let rank =
            |document| ords.first(document).and_then(|ord| u32::try_from(ord).ok()).unwrap_or_default();
        titles.ranks = (0..documents).map(rank).collect();
        titles.text.shrink_to_fit();
        Ok(titles)
    }

    fn rank(&self, document: DocId) -> u32 {
        self.ranks.get(document as usize).copied().unwrap_or_default()
    }

    fn of(&self, document: DocId) -> &str {
        let rank = self.rank(document) as usize;
        let bounds = self.starts.get(rank).zip(self.starts.get(rank + 1));
        bounds.and_then(|(from, to)| self.text.get(*from as usize..*to as usize)).unwrap_or_default()
    }
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
        let same = before.iter().find(|segment| segment.id() == reader.segment_id());
        let columns = match same {
            Some(segment) => Arc::clone(&segment.columns),
            None => Arc::new(Columns::load(reader)?),
        };
        let alive = reader.has_deletes().then(|| {
            let mut alive = vec![0_u8; (reader.max_doc() as usize).div_ceil(8)];
            for document in reader.doc_ids_alive() {
                if let Some(byte) = alive.get_mut(document as usize / 8) {
                    *byte |= 1 << (document % 8);
                }
            }
            Arc::new(RoaringBitmap::from_lsb0_bytes(0, &alive))
        });
        Ok(Self { columns, alive, reader: reader.clone(), fields })
    }

    fn id(&self) -> SegmentId {
        self.reader.segment_id()
    }

    /// Every document that is still there.
    pub(crate) fn all(&self) -> RoaringBitmap {
        match &self.alive {
            Some(alive) => alive.as_ref().clone(),
            None => self.columns.every.clone(),
        }
    }
}
