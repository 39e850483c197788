//! A connection that may be sent files: it is handed windows of them as bytes that nobody need read.
//!
//! What moves bytes through a program by itself, as a server of HTTP does, knows only bytes. So a window is mapped memory that
//! is not read in; the connection, about to send some, asks here which file they are of, and has the kernel send that.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use memmap2::Mmap;

/// The windows that a connection was handed and that are still there. Clones are the same connection's.
#[derive(Clone, Debug, Default)]
pub struct Outlet(Arc<Mutex<BTreeMap<usize, Lent>>>);

/// Where a window is of; its place in memory is the key.
#[derive(Debug)]
struct Lent {
    length: usize,
    file: Arc<File>,
    offset: u64,
}

impl Outlet {
    /// Of which file bytes are, and where in it they begin; none of bytes that are of no window of this connection.
    pub fn source(&self, bytes: &[u8]) -> Option<(Arc<File>, u64)> {
        let place = bytes.as_ptr().addr();
        let windows = self.windows();
        let (start, lent) = windows.range(..=place).next_back()?;
        let within = place - start;
        if within.checked_add(bytes.len())? > lent.length {
            return None;
        }
        Some((Arc::clone(&lent.file), lent.offset + within as u64))
    }

    /// Hands a window out; it is forgotten when the last `Bytes` of it is dropped.
    pub(crate) fn lend(&self, map: Mmap, file: Arc<File>, offset: u64) -> Bytes {
        self.windows().insert(map.as_ptr().addr(), Lent { length: map.len(), file, offset });
        Bytes::from_owner(Window { outlet: self.clone(), map })
    }

    fn windows(&self) -> MutexGuard<'_, BTreeMap<usize, Lent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A window that is known to its connection for as long as it is mapped.
struct Window {
    outlet: Outlet,
    map: Mmap,
}

impl AsRef<[u8]> for Window {
    fn as_ref(&self) -> &[u8] {
        &self.map
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // First this, then the memory goes, which somebody else may get.
        self.outlet.windows().remove(&self.map.as_ptr().addr());
    }
}
