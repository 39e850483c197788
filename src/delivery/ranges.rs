//! Byte ranges (RFC 9110 §14): which bytes of a file a `Range` header asks for.
use std::ops::Range;

/// Parts of one answer at most, after what overlaps or touches is joined.
const MOST_PARTS: usize = 16;

/// What a `Range` header selects of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Selected {
    /// All of it: the header is of another unit, malformed, or asks for more parts than are sent.
    Whole,
    /// These, none of them empty: in their order, apart from each other.
    Parts(Vec<Range<u64>>),
    /// Nothing that the file has.
    Nothing,
}

impl Selected {
    /// Bytes of a file of `size` bytes that are sent.
    pub(super) fn bytes(&self, size: u64) -> u64 {
        match self {
            Self::Whole => size,
            Self::Parts(parts) => parts.iter().map(|part| part.end - part.start).sum(),
            Self::Nothing => 0,
        }
    }
}

/// One range as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spec {
    /// `first-last`, the last included; `first-` has the largest number there is.
    From(u64, u64),
    /// `-length`
    Last(u64),
}

/// Reads a `Range` header for a file of `size` bytes.
pub(super) fn select(header: &str, size: u64) -> Selected {
    let Some(specs) = parse(header) else { return Selected::Whole };
    // No Content-Range can be written for the end of nothing; RFC 9110 §14.1.2 calls it satisfiable.
    if size == 0 && specs.iter().any(|spec| matches!(spec, Spec::Last(1..))) {
        return Selected::Whole;
    }
    let mut asked: Vec<Range<u64>> = specs.into_iter().filter_map(|spec| spec.of(size)).collect();
    asked.sort_by_key(|range| range.start);
    let mut parts: Vec<Range<u64>> = Vec::new();
    for range in asked {
        match parts.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => parts.push(range),
        }
    }
    match parts.len() {
        0 => Selected::Nothing,
        1..=MOST_PARTS => Selected::Parts(parts),
        _ => Selected::Whole,
    }
}

impl Spec {
    /// The bytes it means of a file, unless there are none.
    fn of(self, size: u64) -> Option<Range<u64>> {
        let range = match self {
            Self::From(first, last) => first..last.saturating_add(1).min(size),
            Self::Last(length) => size.saturating_sub(length)..size,
        };
        (!range.is_empty()).then_some(range)
    }
}

/// The ranges of a header in bytes; none when it is malformed or of another unit.
fn parse(header: &str) -> Option<Vec<Spec>> {
    let (unit, set) = header.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    // RFC 9110 §5.6.1.2: empty elements of a list are skipped.
    let texts = set.split(',').map(|text| text.trim_matches([' ', '\t'])).filter(|text| !text.is_empty());
    let specs: Vec<Spec> = texts.map(spec).collect::<Option<_>>()?;
    (!specs.is_empty()).then_some(specs)
}

fn spec(text: &str) -> Option<Spec> {
    match text.split_once('-')? {
        ("", length) => Some(Spec::Last(number(length)?)),
        (first, "") => Some(Spec::From(number(first)?, u64::MAX)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Spec::From(first, last))
        }
    }
}

/// Digits; a number too large to hold is the largest there is, as no file reaches it either.
fn number(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(ranges: &[(u64, u64)]) -> Selected {
        Selected::Parts(ranges.iter().map(|(start, end)| *start..*end).collect())
    }

    #[test]
    fn the_examples_of_the_rfc() {
        for (header, selected) in [
            ("bytes=0-499", parts(&[(0, 500)])),
            ("bytes=500-999", parts(&[(500, 1000)])),
            ("bytes=-500", parts(&[(9500, 10000)])),
            ("bytes=9500-", parts(&[(9500, 10000)])),
            ("bytes=0-0,-1", parts(&[(0, 1), (9999, 10000)])),
            ("bytes= 0-999, 4500-5499, -1000", parts(&[(0, 1000), (4500, 5500), (9000, 10000)])),
            ("bytes=500-700,601-999", parts(&[(500, 1000)])),
            ("BYTES=,0-4, ,5-9,", parts(&[(0, 10)])),
            ("bytes=9999-99999999999999999999999", parts(&[(9999, 10000)])),
            ("bytes=-99999999999999999999999", parts(&[(0, 10000)])),
            ("bytes=10000-", Selected::Nothing),
            ("bytes=-0", Selected::Nothing),
            ("bytes=99999999999999999999999-", Selected::Nothing),
            ("bytes=0-4,10000-", parts(&[(0, 5)])),
        ] {
            assert_eq!(select(header, 10000), selected, "{header}");
        }
    }

    #[test]
    fn what_is_malformed_is_as_if_it_were_not_there() {
        for header in [
            "",
            "bytes",
            "bytes=",
            "bytes=,",
            "bytes=-",
            "bytes=5-4",
            "bytes=0-4,x",
            "bytes=+1-2",
            "bytes=1--2",
            "lines=0-4",
            "bytes=0 -4",
            "bytes=0-4;1",
        ] {
            assert_eq!(select(header, 10), Selected::Whole, "{header}");
        }
    }

    #[test]
    fn an_empty_file_has_an_end_and_no_beginning() {
        assert_eq!(select("bytes=-5", 0), Selected::Whole);
        assert_eq!(select("bytes=0-", 0), Selected::Nothing);
        assert_eq!(select("bytes=-0", 0), Selected::Nothing);
    }

    #[test]
    fn a_great_many_parts_are_sent_as_the_whole() {
        let set =
            |count: u64| (0..count).map(|n| format!("{}-{}", n * 10, n * 10)).collect::<Vec<_>>().join(",");
        assert!(
            matches!(select(&format!("bytes={}", set(16)), 1000), Selected::Parts(parts) if parts.len() == 16)
        );
        assert_eq!(select(&format!("bytes={}", set(17)), 1000), Selected::Whole);
        let overlapping = vec!["0-"; 5000].join(",");
        assert_eq!(select(&format!("bytes={overlapping}"), 1000), parts(&[(0, 1000)]));
    }

    fn any_spec() -> impl Strategy<Value = (Option<u64>, Option<u64>)> {
        prop_oneof![
            (0..80_u64, 0..80_u64).prop_map(|(first, last)| (Some(first), Some(last))),
            (0..80_u64).prop_map(|first| (Some(first), None)),
            (0..80_u64).prop_map(|length| (None, Some(length))),
        ]
    }

    /// Asks of each byte whether a range holds it.
    fn naive(specs: &[(Option<u64>, Option<u64>)], size: u64) -> Selected {
        if specs.iter().any(|spec| matches!(spec, (Some(first), Some(last)) if first > last)) {
            return Selected::Whole;
        }
        let holds = |byte: u64| {
            specs.iter().any(|spec| match *spec {
                (Some(first), last) => first <= byte && last.is_none_or(|last| byte <= last),
                (None, length) => byte + length.unwrap() >= size,
            })
        };
        let mut runs: Vec<Range<u64>> = Vec::new();
        for byte in (0..size).filter(|byte| holds(*byte)) {
            match runs.last_mut() {
                Some(run) if run.end == byte => run.end += 1,
                _ => runs.push(byte..byte + 1),
            }
        }
        let end_of_nothing = size == 0 && specs.iter().any(|spec| matches!(spec, (None, Some(1..))));
        match runs.len() {
            0 if end_of_nothing => Selected::Whole,
            0 => Selected::Nothing,
            1..=MOST_PARTS => Selected::Parts(runs),
            _ => Selected::Whole,
        }
    }

    proptest! {
        #[test]
        fn each_byte_is_selected_as_if_it_were_asked_alone(
            specs in prop::collection::vec(any_spec(), 1..24),
            size in 0..64_u64,
        ) {
            let show = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
            let set: Vec<String> =
                specs.iter().map(|(first, last)| format!("{}-{}", show(*first), show(*last))).collect();
            prop_assert_eq!(select(&format!("bytes={}", set.join(", ")), size), naive(&specs, size));
        }

        #[test]
        fn no_header_selects_what_is_not_there(header in "(bytes=)?[-0-9, a-z=]{0,40}", size in 0..100_u64) {
            if let Selected::Parts(parts) = select(&header, size) {
                prop_assert!(!parts.is_empty());
                let mut end = None;
                for part in parts {
                    prop_assert!(!part.is_empty() && part.end <= size && end.is_none_or(|end| end < part.start));
                    end = Some(part.end);
                }
            }
        }
    }
}
