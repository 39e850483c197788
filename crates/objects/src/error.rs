//! What can go wrong with an object.

use std::io;

/// Why an object could not be written, read or removed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no object of that key.
    #[error("there is no such object")]
    NotFound,
    /// Somebody else is writing it at this moment.
    #[error("somebody else is writing this object")]
    Busy,
    /// The disk, the quota or the largest file size is used up; nothing was kept.
    #[error("the object store is full")]
    Full,
    /// The folder is gone, unreadable, broken, or an object is not of the size that it should have.
    #[error("the object store is unavailable")]
    Unavailable(#[source] io::Error),
}

impl Error {
    /// What is said of an object that is shorter or longer than it should be.
    pub(crate) fn wrong_size() -> Self {
        let kind = io::ErrorKind::UnexpectedEof;
        Self::Unavailable(io::Error::new(kind, "an object is not of the size that it should have"))
    }
}

impl From<io::Error> for Error {
    /// ENOSPC, EDQUOT and EFBIG are `Full`. A missing file is `Unavailable`: only a reader knows that it looked for an object.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::Full
            }
            _ => Self::Unavailable(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_room_of_any_kind_is_full() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded, io::ErrorKind::FileTooLarge] {
            assert!(matches!(Error::from(io::Error::from(kind)), Error::Full), "{kind:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_kernels_own_no_space_left_is_full() {
        use std::io::Write;

        let mut device = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        assert!(matches!(Error::from(device.write(b"x").unwrap_err()), Error::Full));
    }

    #[test]
    fn anything_else_is_unavailable() {
        for kind in
            [io::ErrorKind::NotFound, io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem]
        {
            assert!(matches!(Error::from(io::Error::from(kind)), Error::Unavailable(_)), "{kind:?}");
        }
    }
}
