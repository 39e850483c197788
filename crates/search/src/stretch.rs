//! What lies between two bounds: stretches of an order.
use std::{cell::OnceCell, ops::Range};

use roaring::RoaringBitmap;
use tantivy::DocId;

use crate::order::Order;

/// Documents of an order that lie between bounds, as a bitmap when that is asked for.
pub(crate) struct Stretch<'a> {
    order: &'a Order,
    /// Places in what has a key: ascending, apart.
    inside: Vec<Range<usize>>,
    bits: OnceCell<RoaringBitmap>,
}

impl<'a> Stretch<'a> {
    /// What has a key that is not below one bound and, of that, not above another.
    pub(crate) fn between(
        order: &'a Order,
        below: impl Fn(DocId) -> bool,
        above: impl Fn(DocId) -> bool,
    ) -> Self {
        let present = order.present();
        let from = present.partition_point(|document| below(*document));
        let to = present.partition_point(|document| !above(*document)).max(from);
        Self { order, inside: std::iter::once(from..to).collect(), bits: OnceCell::new() }
    }

    /// The same without what lies in another stretch of the same order.
    pub(crate) fn except(mut self, other: &Self) -> Self {
        for Range { start, end } in &other.inside {
            let parts = self.inside.into_iter().flat_map(|part| {
                let (before, behind) = (part.start..part.end.min(*start), part.start.max(*end)..part.end);
                [before, behind]
            });
            self.inside = parts.filter(|part| !part.is_empty()).collect();
        }
        self
    }

    pub(crate) fn len(&self) -> usize {
        self.inside.iter().map(Range::len).sum()
    }

    fn documents(&self) -> usize {
        self.order.present().len() + self.order.missing().len()
    }

    /// How many documents must be looked at for the bitmap.
    pub(crate) fn cost(&self) -> u64 {
        match self.bits.get() {
            Some(_) => 0,
            None => self.len().min(self.documents() - self.len()) as u64,
        }
    }

    /// Who lies inside.
    pub(crate) fn bits(&self) -> &RoaringBitmap {
        self.bits.get_or_init(|| {
            let (inside, documents) = (self.len(), self.documents());
            let mut bits = vec![0_u8; documents.div_ceil(8)];
            if inside <= documents / 2 {
                self.inside.iter().for_each(|part| self.set(&mut bits, part.clone()));
                return RoaringBitmap::from_lsb0_bytes(0, &bits);
            }
            // Quicker to see who lies outside.
            let mut from = 0;
            for part in &self.inside {
                self.set(&mut bits, from..part.start);
                from = part.end;
            }
            self.set(&mut bits, from..self.order.present().len());
            set(&mut bits, self.order.missing());
            bits.iter_mut().for_each(|byte| *byte = !*byte);
            if let (Some(last), used @ 1..) = (bits.last_mut(), documents % 8) {
                *last &= (1 << used) - 1;
            }
            RoaringBitmap::from_lsb0_bytes(0, &bits)
        })
    }

    fn set(&self, bits: &mut [u8], part: Range<usize>) {
        set(bits, self.order.present().get(part).unwrap_or_default());
    }
}

fn set(bits: &mut [u8], documents: &[DocId]) {
    for document in documents {
        if let Some(byte) = bits.get_mut(*document as usize / 8) {
            *byte |= 1 << (document % 8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_the_documents_between_the_bounds() {
        let by_id: Vec<DocId> = (0..1001).rev().collect();
        let key = |document: DocId| (!document.is_multiple_of(7)).then_some(document * 13 % 100);
        let order = Order::by(&by_id, key);
        let number = |document| key(document).unwrap_or_default();
        for (from, to) in [(0, 100), (10, 20), (3, 90), (50, 40)] {
            let between = || {
                Stretch::between(&order, |document| number(document) < from, |document| number(document) > to)
            };
            let fits = |document: &DocId| key(*document).is_some_and(|key| from <= key && key <= to);
            let expected: RoaringBitmap = (0..1001).filter(fits).collect();
            assert_eq!(*between().bits(), expected);
            let inner =
                Stretch::between(&order, |document| number(document) < 15, |document| number(document) > 17);
            let expected: RoaringBitmap =
                expected.iter().filter(|document| !(15..=17).contains(&number(*document))).collect();
            assert_eq!(*between().except(&inner).bits(), expected);
        }
    }
}
