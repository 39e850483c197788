//! A commit, seen whole: what is asked of it is answered alike until it is dropped.
use std::sync::Arc;

use tantivy::Searcher;

use crate::{
    error::Result,
    facets::Tally,
    filters::Fitting,
    matching::{FEW, Matched, Matcher, Spelt, Way},
    prices::PriceView,
    query::{By, Counts, Found, Hit, Query, Sort, Words},
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
        let views: Vec<Arc<PriceView>> = self
            .segments
            .iter()
            .map(|segment| segment.columns.prices.view(&query.market, query.now, &segment.columns.by_id))
            .collect::<Result<_>>()?;
        let (mut hits, total, facets) = match &query.words {
            Some(words) if wants_the_best_alone(query) => {
                (self.best(words, query, &views)?, None, Vec::new())
            }
            words => {
                let matched =
                    words.as_ref().map(|words| self.matched(words, &query.languages)).transpose()?;
                self.all(query, &views, matched.as_deref())
            }
        };
        let more = first(&mut hits, query.sort, query.limit);
        let nothing = hits.is_empty() && query.after.is_none();
        let meant = query.words.as_ref().filter(|_| nothing);
        Ok(Found {
            hits,
            more,
            total,
            facets,
            until: self.next_boundary(query.now),
            did_you_mean: match meant {
                Some(words) => self.meant(words, query, &views)?,
                None => None,
            },
        })
    }

    /// Other words that find something of what is asked for, where these find nothing.
    fn meant(&self, words: &Words, query: &Query, views: &[Arc<PriceView>]) -> Result<Option<String>> {
        let Some(meant) = spelling::meant(&self.segments, words)? else { return Ok(None) };
        for (segment, prices) in self.segments.iter().zip(views) {
            let mut matched = Matched::default();
            Matcher::new(&meant, &query.languages, segment.fields).spelt(
                segment,
                Spelt::Anywhere,
                &mut matched,
            )?;
            if !Fitting::of(segment, &query.filters, prices, Some(matched.all())).all().is_empty() {
                return Ok(Some(meant.text));
            }
        }
        Ok(None)
    }

    /// The first hits of each segment, how many there are, and the facets.
    fn all(
        &self,
        query: &Query,
        views: &[Arc<PriceView>],
        matched: Option<&[Matched]>,
    ) -> (Vec<Hit>, Option<u64>, Vec<Counts>) {
        let mut tallies: Vec<Tally<'_>> = query.facets.iter().map(Tally::new).collect();
        let (mut hits, mut total) = (Vec::new(), 0);
        for (index, (segment, prices)) in self.segments.iter().zip(views).enumerate() {
            let matched = matched.and_then(|matched| matched.get(index));
            let fitting = Fitting::of(segment, &query.filters, prices, matched.map(Matched::all));
            total += fitting.all().len();
            for tally in &mut tallies {
                tally.add(segment, &fitting, prices);
            }
            let ranking = ranking(query, segment, prices, matched);
            hits.extend(ranking.first(fitting.all(), query.limit.saturating_add(1)));
        }
        let facets = tallies.into_iter().map(Tally::counts).collect();
        (hits, query.count.then_some(total), facets)
    }

    /// What the words match in each segment; words spelt otherwise only where few are found.
    fn matched(&self, words: &Words, languages: &[String]) -> Result<Vec<Matched>> {
        let Some(first) = self.segments.first() else { return Ok(Vec::new()) };
        let matcher = Matcher::new(words, languages, first.fields);
        let mut all: Vec<Matched> = self.segments.iter().map(|_| Matched::default()).collect();
        for (segment, matched) in self.segments.iter().zip(&mut all) {
            for way in Spelt::ALL {
                matcher.spelt(segment, way, matched)?;
            }
        }
        for way in Way::ALL {
            if self.alive(&all) >= FEW {
                break;
            }
            let misspelt = matcher.misspelt(way)?;
            for (segment, matched) in self.segments.iter().zip(&mut all) {
                matched.add(way.tier(), misspelt.find(segment)?);
            }
        }
        Ok(all)
    }

    /// The hits that the words match best: whatever matches less well than enough others isn't looked for.
    fn best(&self, words: &Words, query: &Query, views: &[Arc<PriceView>]) -> Result<Vec<Hit>> {
        let Some(first) = self.segments.first() else { return Ok(Vec::new()) };
        let matcher = Matcher::new(words, &query.languages, first.fields);
        let mut places: Vec<(Ranking<'_>, Fitting<'_>, Matched)> = self
            .segments
            .iter()
            .zip(views)
            .map(|(segment, prices)| {
                let fitting = Fitting::of(segment, &query.filters, prices, None);
                (ranking(query, segment, prices, None), fitting, Matched::default())
            })
            .collect();
        let limit = query.limit.saturating_add(1);
        let mut hits = Vec::new();
        for way in Spelt::ALL {
            for (ranking, fitting, matched) in &mut places {
                matcher.spelt(ranking.segment, way, matched)?;
                let found = matched.tier(way.tier()).map(|found| found & fitting.all());
                hits.extend(found.into_iter().flat_map(|found| ranking.in_tier(way.tier(), &found, limit)));
            }
            if hits.len() >= limit {
                return Ok(hits);
            }
        }
        for way in Way::ALL {
            if self.alive(places.iter().map(|(.., matched)| matched)) >= FEW {
                break;
            }
            let misspelt = matcher.misspelt(way)?;
            for (ranking, fitting, matched) in &mut places {
                matched.add(way.tier(), misspelt.find(ranking.segment)?);
                let found = matched.tier(way.tier()).map(|found| found & fitting.all());
                hits.extend(found.into_iter().flat_map(|found| ranking.in_tier(way.tier(), &found, limit)));
            }
        }
        Ok(hits)
    }

    /// How many documents match that are still there.
    fn alive<'a>(&self, matched: impl IntoIterator<Item = &'a Matched>) -> u64 {
        let alive = |(segment, matched): (&Segment, &Matched)| match &segment.alive {
            Some(alive) => matched.all().intersection_len(alive),
            None => matched.all().len(),
        };
        self.segments.iter().zip(matched).map(alive).sum()
    }
}

/// Whether nothing is asked but the documents that the words match best.
fn wants_the_best_alone(query: &Query) -> bool {
    let best_first = Sort { by: By::Relevance, descending: true };
    query.sort == best_first && !query.count && query.facets.is_empty()
}

fn ranking<'a>(
    query: &'a Query,
    segment: &'a Segment,
    prices: &'a PriceView,
    matched: Option<&'a Matched>,
) -> Ranking<'a> {
    Ranking { segment, prices, matched, sort: query.sort, after: query.after.as_ref() }
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
