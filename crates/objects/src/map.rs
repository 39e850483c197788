//! Windows of an object as mapped memory, the one place of the project that needs `unsafe`.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::ops::Range;

use bytes::Bytes;
use memmap2::{Mmap, MmapOptions};

/// Maps the bytes of a window and brings them into memory; they are unmapped when the last `Bytes` of them is dropped.
///
/// A file shorter than the window is an `UnexpectedEof`, and nothing is mapped. An empty window maps nothing.
pub(crate) fn window(file: &File, range: Range<u64>) -> io::Result<Bytes> {
    if range.is_empty() {
        return Ok(Bytes::new());
    }
    let end = range.end;
    let map = bare(file, range)?;
    read_in(file, &map, end)?;
    Ok(Bytes::from_owner(map))
}

/// Maps the bytes of a window that is not empty, and reads none of them; `UnexpectedEof` as above.
pub(crate) fn bare(file: &File, range: Range<u64>) -> io::Result<Mmap> {
    reaches(file, range.end)?;
    let length = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
    let mut options = MmapOptions::new();
    options.offset(range.start).len(length);
    // SAFETY: mapped bytes must not change while they are borrowed. An object gets its name after its last write, nothing
    // opens it for writing again, and replacing or deleting it takes away the name and leaves the mapped file as it is.
    // The length was checked above and never shrinks for the same reason, so that no access lies beyond the end.
    unsafe { options.map(file) }
}

/// Brings a window of a file, which ends there, into memory.
pub(crate) fn read_in(file: &File, map: &Mmap, end: u64) -> io::Result<()> {
    if let Err(error) = populate(map) {
        // Cut short since: the kernel calls that a bad address.
        reaches(file, end)?;
        return Err(error);
    }
    Ok(())
}

/// Says `UnexpectedEof` when a file is shorter than this many bytes.
pub(crate) fn reaches(file: &File, end: u64) -> io::Result<()> {
    if file.metadata()?.len() >= end {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::UnexpectedEof, "an object is shorter than it should be"))
}

/// Reads the pages in here, on a blocking thread: a page that can't be read is an error now instead of a signal later.
#[cfg(target_os = "linux")]
fn populate(map: &Mmap) -> io::Result<()> {
    use memmap2::Advice;

    match map.advise(Advice::PopulateRead) {
        // A kernel before 5.14 doesn't know this advice, and starts reading on the other.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => map.advise(Advice::WillNeed),
        other => other,
    }
}

#[cfg(not(target_os = "linux"))]
fn populate(map: &Mmap) -> io::Result<()> {
    map.advise(memmap2::Advice::WillNeed)
}
