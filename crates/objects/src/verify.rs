//! Whether an object is what its row says.

use std::io::{self, Read};

use crate::folder::Folder;
use crate::sha256::Digesting;
use crate::{Error, Key, Sha256};

/// Read at a time: 256 KiB. Copied, not mapped, because a failing disk is what this looks for.
const BUFFER: usize = 256 * 1024;

/// What an object was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There is no object of that key.
    Missing,
    /// It has another size.
    WrongSize,
    /// It has the right size and other bytes.
    WrongDigest,
    /// It is what it should be, as far as was asked.
    Sound,
}

pub(crate) fn digest(folder: &Folder, key: &Key, size: u64, sha256: &Sha256) -> Result<Verdict, Error> {
    let mut file = match folder.open_object(key) {
        Err(Error::NotFound) => return Ok(Verdict::Missing),
        other => other?,
    };
    if file.metadata()?.len() != size {
        return Ok(Verdict::WrongSize);
    }
    let sound = digest_of(&mut file)? == *sha256;
    Ok(if sound { Verdict::Sound } else { Verdict::WrongDigest })
}

pub(crate) fn digest_of(file: &mut impl Read) -> io::Result<Sha256> {
    let mut digest = Digesting::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(digest.finish()),
            Ok(count) => digest.update(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
