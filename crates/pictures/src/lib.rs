//! Pictures from strangers: judged before they are decoded, and made again without what else they carried.
//!
//! What a picture is, its first bytes say, never its name. Whatever stands beside the pixels (where it was taken, by
//! whom, with what, another file behind the end) is gone afterwards, for only pixels are handed on.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod decode;
mod encode;
mod limits;

use image::imageops::FilterType;

pub use encode::Format;
pub use limits::Limits;

/// Why a picture was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no JPEG, PNG, WebP or GIF.
    #[error("it is no JPEG, PNG, WebP or GIF")]
    NotAPicture,
    /// It has more pixels, or a longer side, than is taken.
    #[error("it has more pixels than are taken")]
    TooLarge,
    /// It begins like a picture and goes on like none.
    #[error("it is damaged")]
    Damaged,
}

/// One size of a picture, made from its pixels alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendition {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// How it is encoded.
    pub format: Format,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Makes a picture again, upright, in the largest size that is kept, then in each of `sides` that is smaller than that.
///
/// A size is the length of the longer side in pixels. Of an animation it is the first frame. Computes for a while and
/// takes memory by `limits`: not for a thread that has something else to do.
pub fn remake(bytes: &[u8], limits: &Limits, sides: &[u32]) -> Result<Vec<Rendition>, Refused> {
    let picture = decode::upright(bytes, limits)?;
    let longest = picture.width().max(picture.height());
    let full = match longest > limits.kept_side {
        true => picture.resize(limits.kept_side, limits.kept_side, FilterType::CatmullRom),
        false => picture,
    };
    let format = Format::fit(&full);
    let mut made = vec![encode::rendition(&full, format)?];
    let kept = longest.min(limits.kept_side);
    for side in sides.iter().copied().filter(|side| *side < kept) {
        made.push(encode::rendition(&full.thumbnail(side, side), format)?);
    }
    Ok(made)
}
