//! Whether bytes of a file lie in memory, so that whoever sends them waits for no disk.

use std::fs::File;
use std::ops::Range;

/// One byte is tried in so many: the kernel reads ahead by as much. Some pages between may still be missing, which costs a
/// moment's wait for them and no more.
#[cfg(target_os = "linux")]
const STEP: u64 = 128 * 1024;

/// Whether they lie in memory, as far as that can be told without waiting: false also where the file system can't tell.
#[cfg(target_os = "linux")]
pub(crate) fn is_in_memory(file: &File, range: &Range<u64>) -> bool {
    use std::io::IoSliceMut;

    use rustix::io::{ReadWriteFlags, preadv2};

    let is_there = |place: u64| {
        let mut byte = [0];
        let read = preadv2(file, &mut [IoSliceMut::new(&mut byte)], place, ReadWriteFlags::NOWAIT);
        matches!(read, Ok(1))
    };
    let mut place = range.start;
    while place < range.end {
        if !is_there(place) {
            return false;
        }
        place += STEP;
    }
    range.is_empty() || is_there(range.end - 1)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn is_in_memory(_: &File, _: &Range<u64>) -> bool {
    false
}
