//! A commit, seen whole: what is asked of it is answered alike until it is dropped.
use std::sync::Arc;

use tantivy::Searcher;

use crate::{
    error::Result,
    facets::Tally,
    filters::Fitting,
    matching::{FEW, Matched, Matcher, Way},
    prices::PriceView,
    query::{Found, Hit, Query, Sort, Words},
    ranking::{Ranking, compare},
    schema::Fields,
    segment::Segment,
    spelling,
};

/// A commit of an index.
pub struct Snapshot {
    segments: Vec<Segment>,
    /// Raised by every commit since the index was opened.
    generation: u64,
}

impl Snapshot {
    pub(crate) fn load(
        searcher: &Searcher,
        fields: Fields,
        before: Option<&Self>,
        generation: u64,
    ) -> Result<Self> {
        let known = before.map_or(&[][..], |before| before.segments.as_slice());
        let readers = searcher.segment_readers().iter();
        let segments = readers.map(|reader| Segment::load(reader, fields, known)).collect::<Result<_>>()?;
        Ok(Self { segments, generation })
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Raised by every commit since the index was opened.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// How many documents there are.
    pub fn documents(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.reader.num_docs())).sum()
    }

    /// When a sale begins or ends next: microseconds since 1970.
    pub fn next_boundary(&self, now: i64) -> Option<i64> {
        self.segments.iter().filter_map(|segment| segment.columns.prices.next_boundary(now)).min()
    }

    /// Answers a question.
    pub fn search(&self, query: &Query) -> Result<Found> {
        let matched = query.words.as_ref().map(|words| self.matched(words, &query.languages)).transpose()?;
        let views: Vec<Arc<PriceView>> = self
            .segments
            .iter()
            .map(|segment| segment.columns.prices.view(&query.market, query.now, &segment.columns.ids))
            .collect();
        let mut tallies: Vec<Tally<'_>> = query.facets.iter().map(Tally::new).collect();
        let (mut hits, mut total) = (Vec::new(), 0);
        for (index, (segment, prices)) in self.segments.iter().zip(&views).enumerate() {
            let matched = matched.as_ref().and_then(|matched| matched.get(index));
            let fitting = Fitting::of(segment, &query.filters, prices, matched.map(Matched::all));
            total += fitting.all().len();
            for tally in &mut tallies {
                tally.add(segment, &fitting, prices);
            }
            let sort = query.sort;
            let ranking = Ranking { segment, prices, matched, sort, after: query.after.as_ref() };
            hits.extend(ranking.first(fitting.all(), query.limit.saturating_add(1)));
        }
        let more = first(&mut hits, query.sort, query.limit);
        let nothing = hits.is_empty() && query.after.is_none();
        let meant = query.words.as_ref().filter(|_| nothing);
        Ok(Found {
            hits,
            more,
            total: query.count.then_some(total),
            facets: tallies.into_iter().map(Tally::counts).collect(),
            until: self.next_boundary(query.now),
            did_you_mean: match meant {
                Some(words) => spelling::meant(&self.segments, words)?,
                None => None,
            },
        })
    }

    /// What the words match in each segment; words spelt otherwise only where few are found.
    fn matched(&self, words: &Words, languages: &[String]) -> Result<Vec<Matched>> {
        let matcher = Matcher::new(words, languages);
        let mut matched =
            self.segments.iter().map(|segment| matcher.spelt(segment)).collect::<Result<Vec<_>>>()?;
        let alive = |(segment, matched): (&Segment, &Matched)| match &segment.alive {
            Some(alive) => matched.all().intersection_len(alive),
            None => matched.all().len(),
        };
        for way in Way::ALL {
            if self.segments.iter().zip(&matched).map(alive).sum::<u64>() >= FEW {
                break;
            }
            for (segment, matched) in self.segments.iter().zip(&mut matched) {
                matcher.misspelt(segment, way, matched)?;
            }
        }
        Ok(matched)
    }
}

impl std::fmt::Display for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sizes: Vec<String> =
            self.segments.iter().map(|segment| segment.reader.num_docs().to_string()).collect();
        write!(f, "{} documents in segments of {}", self.documents(), sizes.join(", "))
    }
}

/// Keeps the first hits of several segments; says whether there were more.
fn first(hits: &mut Vec<Hit>, sort: Sort, limit: usize) -> bool {
    hits.sort_unstable_by(|left, right| compare(sort, &left.place, &right.place));
    let more = hits.len() > limit;
    hits.truncate(limit);
    more
}
