//! What becomes of pictures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use pictures::{Format, Limits, Refused, remake};

/// Red on the left, blue on the right.
fn halves(width: u32, height: u32) -> DynamicImage {
    let colour = |x| if x < width / 2 { Rgb([250, 5, 5]) } else { Rgb([5, 5, 250]) };
    RgbImage::from_fn(width, height, |x, _| colour(x)).into()
}

fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A JPEG with an Exif segment that says how it is to be turned, and a secret.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let secret = b"51.4778N 0.0014W, taken by Ana";
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif.extend(secret);
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

fn reads(bytes: &[u8]) -> RgbImage {
    image::load_from_memory(bytes).unwrap().to_rgb8()
}

#[test]
fn only_pixels_are_kept_and_they_are_upright() {
    // 6: the camera was turned, so that its left is now on top (Exif 2.32, 4.6.4).
    let sent = with_exif(&file(&halves(64, 32), ImageFormat::Jpeg), 6);
    assert!(holds(&sent, b"taken by Ana"), "the picture that is sent carries more than pixels");
    let made = remake(&sent, &Limits::default(), &[]).unwrap();
    let only = &made[0];
    assert!(!holds(&only.bytes, b"taken by Ana") && !holds(&only.bytes, b"Exif"));
    assert_eq!((only.width, only.height), (32, 64));
    let pixels = reads(&only.bytes);
    assert!(pixels.get_pixel(16, 4).0[0] > 200, "red is on top");
    assert!(pixels.get_pixel(16, 60).0[2] > 200, "blue is below");
}

#[test]
fn every_kind_is_made_again_in_every_smaller_size() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let made = remake(&file(&halves(800, 400), format), &Limits::default(), &[320, 640, 1280]).unwrap();
        let sizes: Vec<_> = made.iter().map(|one| (one.width, one.height, one.format)).collect();
        let jpeg = Format::Jpeg;
        assert_eq!(sizes, [(800, 400, jpeg), (320, 160, jpeg), (640, 320, jpeg)], "{format:?}");
        for one in &made {
            assert_eq!(image::guess_format(&one.bytes).unwrap(), ImageFormat::Jpeg);
            assert_eq!(reads(&one.bytes).dimensions(), (one.width, one.height));
        }
    }
}

#[test]
fn what_lets_something_through_still_does() {
    let glass = RgbaImage::from_pixel(40, 40, Rgba([10, 200, 10, 100]));
    let made = remake(&file(&glass.into(), ImageFormat::Png), &Limits::default(), &[20]).unwrap();
    for one in made {
        assert_eq!(one.format, Format::Webp);
        assert_eq!(image::load_from_memory(&one.bytes).unwrap().to_rgba8().get_pixel(5, 5).0[3], 100);
    }
}

#[test]
fn what_is_larger_than_is_kept_is_scaled_down() {
    let limits = Limits { kept_side: 500, ..Limits::default() };
    let made = remake(&file(&halves(1000, 600), ImageFormat::Png), &limits, &[800, 100]).unwrap();
    let sizes: Vec<_> = made.iter().map(|one| (one.width, one.height)).collect();
    assert_eq!(sizes, [(500, 300), (100, 60)]);
}

/// A PNG that says it has 60,000 × 60,000 pixels, and little behind it.
fn bomb() -> Vec<u8> {
    let mut png = file(&halves(8, 8), ImageFormat::Png);
    let side = 60_000_u32.to_be_bytes();
    png[16..20].copy_from_slice(&side);
    png[20..24].copy_from_slice(&side);
    let sum = crc(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&sum);
    png
}

/// The checksum of a PNG's chunk (ISO/IEC 15948, annex D).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 * (sum & 1)))
    })
}

#[test]
fn what_would_fill_the_memory_is_refused_by_its_head() {
    assert_eq!(remake(&bomb(), &Limits::default(), &[]), Err(Refused::TooLarge));
    let few = Limits { pixels: 100, ..Limits::default() };
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        assert_eq!(remake(&file(&halves(20, 20), format), &few, &[]), Err(Refused::TooLarge), "{format:?}");
    }
}

#[test]
fn what_is_no_picture_is_refused_whatever_it_says() {
    for bytes in [
        b"".as_slice(),
        b"GIF",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7",
        b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0",
        b"\0\0\0\x20ftypavif",
    ] {
        assert_eq!(remake(bytes, &Limits::default(), &[]), Err(Refused::NotAPicture));
    }
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let whole = file(&halves(300, 300), format);
        let cut = &whole[..whole.len() / 2];
        assert_eq!(remake(cut, &Limits::default(), &[]), Err(Refused::Damaged), "{format:?}");
    }
}

#[test]
fn what_hides_behind_a_picture_is_gone() {
    let mut sent = file(&halves(30, 30), ImageFormat::Gif);
    sent.extend(b"<script>alert(document.domain)</script>");
    let made = remake(&sent, &Limits::default(), &[]).unwrap();
    assert!(!holds(&made[0].bytes, b"script"));
}
