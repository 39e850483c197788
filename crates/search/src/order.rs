//! The documents of a segment in an order: made once, walked from any place.
use tantivy::DocId;

/// An order: what has a key by key and id, ascending; then what has none, by id.
#[derive(Default)]
pub(crate) struct Order {
    present: Box<[DocId]>,
    missing: Box<[DocId]>,
}

impl Order {
    /// Orders documents, which come in the order of their ids, by a key.
    pub(crate) fn by<K: Ord + Copy>(by_id: &[DocId], key: impl Fn(DocId) -> Option<K>) -> Self {
        let mut keyed: Vec<(K, DocId)> = Vec::with_capacity(by_id.len());
        let mut missing = Vec::new();
        for document in by_id {
            match key(*document) {
                Some(key) => keyed.push((key, *document)),
                None => missing.push(*document),
            }
        }
        // Of the same key, those with the lesser id stay before the others.
        keyed.sort_by_key(|(key, _)| *key);
        let present = keyed.into_iter().map(|(_, document)| document).collect();
        Self { present, missing: missing.into() }
    }

    /// What has a key, ascending.
    pub(crate) fn present(&self) -> &[DocId] {
        &self.present
    }

    /// What has none.
    pub(crate) fn missing(&self) -> &[DocId] {
        &self.missing
    }

    /// Documents from the beginning, or from behind a place: what stands before or at it, `passed` says.
    ///
    /// `passed` is asked of documents in the direction of the walk and must be true of the first ones alone.
    pub(crate) fn walk<'a>(
        &'a self,
        descending: bool,
        passed: impl Fn(DocId) -> bool + 'a,
    ) -> Box<dyn Iterator<Item = DocId> + 'a> {
        let (present, missing) = (&*self.present, &*self.missing);
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
