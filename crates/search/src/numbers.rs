//! A number for each document of a segment, in no more memory than they need: most columns hold few different ones.
use roaring::RoaringBitmap;
use tantivy::DocId;

/// Documents that are taken from a bitmap together.
const TOGETHER: usize = 256;

/// Numbers by document, some of which have none.
pub(crate) struct Numbers {
    /// Ascending, each once.
    distinct: Vec<i64>,
    /// By document: which of them; their count where it has none.
    ranks: Ranks,
}

impl Numbers {
    /// Takes the numbers of documents from the first to the last.
    pub(crate) fn of(numbers: Vec<Option<i64>>) -> Self {
        let mut distinct: Vec<i64> = numbers.iter().copied().flatten().collect();
        distinct.sort_unstable();
        distinct.dedup();
        distinct.shrink_to_fit();
        let none = distinct.len();
        let rank = |number: Option<i64>| match number {
            Some(number) => distinct.partition_point(|other| *other < number),
            None => none,
        };
        let ranks = Ranks::of(numbers.into_iter().map(|number| narrowed(rank(number))), none);
        Self { distinct, ranks }
    }

    /// The number of a document.
    pub(crate) fn get(&self, document: DocId) -> Option<i64> {
        self.distinct.get(self.ranks.get(document)? as usize).copied()
    }

    /// The place of a document's number among all of them: documents in its order are in that of their numbers.
    pub(crate) fn key(&self, document: DocId) -> Option<u32> {
        let rank = self.ranks.get(document)?;
        ((rank as usize) < self.distinct.len()).then_some(rank)
    }

    /// The numbers of these documents, with how many have each.
    pub(crate) fn histogram(&self, of: &RoaringBitmap) -> Vec<(i64, u64)> {
        if self.distinct.len() as u64 > of.len() {
            return of.iter().filter_map(|document| Some((self.get(document)?, 1))).collect();
        }
        let mut times = vec![0; self.distinct.len()];
        self.ranks.each(of, |rank| {
            if let Some(times) = times.get_mut(rank as usize) {
                *times += 1;
            }
        });
        self.distinct.iter().copied().zip(times).filter(|(_, times)| *times > 0).collect()
    }
}

/// Small numbers by document, in two bytes each if they fit.
pub(crate) enum Ranks {
    Short(Box<[u16]>),
    Long(Box<[u32]>),
}

impl Ranks {
    /// Takes numbers, none of which is above the greatest.
    pub(crate) fn of(numbers: impl Iterator<Item = u32>, greatest: usize) -> Self {
        if u16::try_from(greatest).is_ok() {
            Self::Short(numbers.map(|number| u16::try_from(number).unwrap_or(u16::MAX)).collect())
        } else {
            Self::Long(numbers.collect())
        }
    }

    /// That of a document.
    pub(crate) fn get(&self, document: DocId) -> Option<u32> {
        match self {
            Self::Short(ranks) => ranks.get(document as usize).copied().map(u32::from),
            Self::Long(ranks) => ranks.get(document as usize).copied(),
        }
    }

    /// Calls back with that of each of these documents.
    pub(crate) fn each(&self, of: &RoaringBitmap, mut back: impl FnMut(u32)) {
        let (mut documents, mut buffer) = (of.iter(), [0; TOGETHER]);
        loop {
            let some = documents.next_many(&mut buffer);
            if some.is_empty() {
                return;
            }
            match self {
                Self::Short(ranks) => {
                    let ranks = some.iter().filter_map(|document| ranks.get(*document as usize));
                    ranks.for_each(|rank| back(u32::from(*rank)));
                }
                Self::Long(ranks) => {
                    let ranks = some.iter().filter_map(|document| ranks.get(*document as usize));
                    ranks.for_each(|rank| back(*rank));
                }
            }
        }
    }
}

/// As documents and what they have are counted in a segment, which holds fewer than 2³² of each.
pub(crate) fn narrowed(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_they_were() {
        for many in [3, 70_000] {
            let all: Vec<Option<i64>> =
                (0..many).map(|number| (number % 5 != 0).then_some(number * 1_000_003 - 7)).collect();
            let numbers = Numbers::of(all.clone());
            for (document, number) in (0..).zip(&all) {
                assert_eq!(numbers.get(document), *number);
                assert_eq!(numbers.key(document).is_some(), number.is_some());
            }
            assert!(numbers.key(1) < numbers.key(2));
            assert_eq!(numbers.get(DocId::MAX), None);
        }
    }
}
