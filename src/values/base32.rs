//! Crockford's base 32, which has no letters that look alike: <https://www.crockford.com/base32.html>.

/// The letters, by what they stand for.
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Bytes as letters, the first bit first; what is missing of the last letter is 0.
pub fn encode(bytes: &[u8]) -> String {
    let (mut text, mut held, mut bits) = (String::new(), 0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

fn letter(bits: u32) -> char {
    let at = usize::try_from(bits & 31).unwrap_or_default();
    ALPHABET.get(at).copied().map_or('0', char::from)
}

/// So many bytes of letters, in either case, hyphens and letters that look alike allowed; none of anything else.
pub fn decode(text: &str, length: usize) -> Option<Vec<u8>> {
    let (mut bytes, mut held, mut bits) = (Vec::with_capacity(length), 0_u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'-') {
        let letter = match letter.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            other => other,
        };
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        held = held << 5 | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
            held &= (1 << bits) - 1;
        }
        if bytes.len() > length {
            return None;
        }
    }
    (bytes.len() == length && bits < 5 && held == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(decode(&encode(&bytes), bytes.len()), Some(bytes));
        }
    }

    #[test]
    fn letters_are_those_of_the_standard() {
        assert_eq!(encode(b"foobar"), "CSQPYRK1E8");
        assert_eq!(decode("csqp-yrkl-e8", 6).as_deref(), Some(b"foobar".as_slice()));
        for (text, length) in [("CSQPYRK1E8", 5), ("CSQPYRK1E8", 7), ("CSQPYRK1E9", 6), ("UUUUUUUUUU", 6)] {
            assert_eq!(decode(text, length), None, "{text} {length}");
        }
    }
}
