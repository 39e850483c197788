//! How large a picture may be.

/// How large a picture may be, judged by what its head says before anything is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Width times height.
    pub pixels: u64,
    /// Pixels of the longer side.
    pub side: u32,
    /// Pixels of the longer side of what is kept: what is larger is scaled down.
    pub kept_side: u32,
    /// Bytes that a decoder may ask for.
    pub memory: u64,
}

impl Default for Limits {
    /// A screenshot of five thousand by three thousand.
    fn default() -> Self {
        Self { pixels: 16 * 1024 * 1024, side: 8192, kept_side: 2560, memory: 192 * 1024 * 1024 }
    }
}
