//! The documents of a segment in an order: made once, walked from any place.
use tantivy::DocId;

/// An order: what has a key by key and id, ascending; then what has none, by id.
#[derive(Default)]
pub(crate) struct Order {
    present: Vec<DocId>,
    missing: Vec<DocId>,
}

impl Order {
    /// Orders documents by a key, then by their ids.
    pub(crate) fn by<K: Ord + Copy>(documents: u32, ids: &[u128], key: impl Fn(DocId) -> Option<K>) -> Self {
        let id = |document: DocId| ids.get(document as usize).copied().unwrap_or_default();
        let mut keyed: Vec<(K, DocId)> = Vec::new();
        let mut missing = Vec::new();
        for document in 0..documents {
            match key(document) {
                Some(key) => keyed.push((key, document)),
                None => missing.push(document),
            }
        }
        keyed.sort_unstable_by(|left, right| left.0.cmp(&right.0).then_with(|| id(left.1).cmp(&id(right.1))));
        missing.sort_unstable_by_key(|document| id(*document));
        Self { present: keyed.into_iter().map(|(_, document)| document).collect(), missing }
    }

    /// Documents from the beginning, or from behind a place: what stands before or at it, `passed` says.
    ///
    /// `passed` is asked of documents in the direction of the walk and must be true of the first ones alone.
    pub(crate) fn walk<'a>(
        &'a self,
        descending: bool,
        passed: impl Fn(DocId) -> bool + 'a,
    ) -> Box<dyn Iterator<Item = DocId> + 'a> {
        let (present, missing) = (self.present.as_slice(), self.missing.as_slice());
        if descending {
            let present = backwards(present, &passed);
            let missing = backwards(missing, &passed);
            Box::new(present.iter().rev().chain(missing.iter().rev()).copied())
        } else {
            let present = forwards(present, &passed);
            let missing = forwards(missing, &passed);
            Box::new(present.iter().chain(missing).copied())
        }
    }
}

fn forwards<'a>(documents: &'a [DocId], passed: &impl Fn(DocId) -> bool) -> &'a [DocId] {
    let from = documents.partition_point(|document| passed(*document));
    documents.get(from..).unwrap_or_default()
}

fn backwards<'a>(documents: &'a [DocId], passed: &impl Fn(DocId) -> bool) -> &'a [DocId] {
    let to = documents.partition_point(|document| !passed(*document));
    documents.get(..to).unwrap_or_default()
}
