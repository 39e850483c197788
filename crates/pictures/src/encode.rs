//! From pixels to bytes.
use image::{
    DynamicImage, GenericImageView,
    codecs::{jpeg::JpegEncoder, webp::WebPEncoder},
};

use crate::{Refused, Rendition};

/// Of a JPEG, 1 to 100: above it files grow and eyes see no more.
const QUALITY: u8 = 85;

/// How a picture is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// What covers what is behind it: photographs, covers, screenshots.
    Jpeg,
    /// What lets something through; without loss.
    Webp,
}

impl Format {
    /// The format that keeps what the picture shows.
    pub(crate) fn fit(picture: &DynamicImage) -> Self {
        let seen_through = picture.color().has_alpha()
            && picture.pixels().any(|(_, _, pixel)| pixel.0.last().is_some_and(|alpha| *alpha < u8::MAX));
        if seen_through { Self::Webp } else { Self::Jpeg }
    }

    /// RFC 6838.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }

    /// How names of such files end.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
        }
    }
}

pub(crate) fn rendition(picture: &DynamicImage, format: Format) -> Result<Rendition, Refused> {
    let mut bytes = Vec::new();
    let written = match format {
        Format::Jpeg => {
            picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY))
        }
        Format::Webp => picture.to_rgba8().write_with_encoder(WebPEncoder::new_lossless(&mut bytes)),
    };
    written.map_err(|_| Refused::Damaged)?;
    Ok(Rendition { width: picture.width(), height: picture.height(), format, bytes })
}
