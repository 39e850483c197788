//! SHA-256 digests, by which both ends know bytes.
use std::{
    fmt,
    fs::File,
    io::{self, Read, Write},
};

use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Bytes that are read at a time.
const BUFFER: usize = 128 * 1024;

/// A SHA-256 digest; read from 64 hex digits and from nothing else, so that it is safe as a part of a file's name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// From 64 hex digits; none for any other text.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok().map(|()| Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("a digest is 64 hex digits"))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A digest that is still taking bytes.
#[derive(Clone)]
pub(crate) struct Digesting(Context);

impl Digesting {
    pub(crate) fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> Digest {
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(self.0.finish().as_ref()).for_each(|(to, from)| *to = *from);
        Digest(bytes)
    }

    /// Takes all that is left of a file; gives the number of its bytes.
    pub(crate) fn read(&mut self, file: &mut File) -> io::Result<u64> {
        let (mut buffer, mut count) = (vec![0; BUFFER], 0);
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                return Ok(count);
            }
            self.update(buffer.get(..read).unwrap_or_default());
            count += read as u64;
        }
    }
}

/// Writes on, and takes the digest and the number of bytes on the way.
pub(crate) struct Noting<W> {
    inner: W,
    digest: Digesting,
    size: u64,
}

impl<W: Write> Noting<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, digest: Digesting::new(), size: 0 }
    }

    pub(crate) fn finish(self) -> (W, u64, Digest) {
        (self.inner, self.size, self.digest.finish())
    }
}

impl<W: Write> Write for Noting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or_default());
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_hex_and_never_a_path() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digesting::new().finish().to_string(), empty);
        assert_eq!(Digest::parse(empty).unwrap().to_string(), empty);
        for text in ["", "../../../etc/passwd", &empty[1..], &format!("{empty}0"), &empty.replace('e', "/")] {
            assert!(Digest::parse(text).is_none(), "{text}");
        }
    }
}
