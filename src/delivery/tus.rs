//! What tus 1.0.0 says in headers (<https://tus.io/protocols/resumable-upload>).
use aws_lc_rs::digest::{Algorithm, Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::{
    error::{Error, Fault, Refusal, Result},
    values::FileName,
    web::json::content_type,
};

/// The version of the protocol, asked and answered by every message.
pub(super) const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
/// The versions that are spoken here.
pub(super) const VERSIONS: HeaderName = HeaderName::from_static("tus-version");
/// The extensions that are spoken here.
pub(super) const EXTENSIONS: HeaderName = HeaderName::from_static("tus-extension");
/// The largest file.
pub(super) const MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
/// How parts may be digested.
pub(super) const ALGORITHMS: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
/// Bytes of the whole file.
pub(super) const LENGTH: HeaderName = HeaderName::from_static("upload-length");
/// Bytes that came so far.
pub(super) const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
/// What the file is called.
pub(super) const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
/// Until when the rest is waited for.
pub(super) const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
/// The method that is meant, where what lies between sends no other than POST.
pub(super) const METHOD: HeaderName = HeaderName::from_static("x-http-method-override");
const CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");

/// The one version.
pub(super) const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
/// As [`EXTENSIONS`].
pub(super) const SPOKEN: HeaderValue =
    HeaderValue::from_static("creation,creation-with-upload,termination,checksum,expiration");
/// As [`ALGORITHMS`].
pub(super) const DIGESTS: HeaderValue = HeaderValue::from_static("sha1,sha256");
/// What a part of a file is called.
const PART: &str = "application/offset+octet-stream";

const UNSUPPORTED_VERSION: Refusal = Refusal::with_status(
    StatusCode::PRECONDITION_FAILED,
    "unsupported_tus_version",
    "This speaks tus 1.0.0, and Tus-Resumable must say so.",
);
const MALFORMED_UPLOAD: Refusal = Refusal::malformed(
    "malformed_upload",
    "A header of tus is missing or malformed: Upload-Length, Upload-Offset, Upload-Metadata or Upload-Checksum.",
);
const CHECKSUM_MISMATCH: Refusal =
    Refusal::checksum("checksum_mismatch", "The bytes do not have the digest that Upload-Checksum says.");
const NO_PART: Refusal = Refusal::with_status(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "unsupported_media_type",
    "A part of a file is application/offset+octet-stream.",
);

/// 412 unless a message is of the version that is spoken here.
pub(super) fn require_version(headers: &HeaderMap) -> Result<()> {
    if headers.get(RESUMABLE) == Some(&VERSION) { Ok(()) } else { Err(UNSUPPORTED_VERSION.into()) }
}

/// Whether a body is a part of a file.
pub(super) fn is_part(headers: &HeaderMap) -> bool {
    content_type(headers).is_some_and(|kind| kind == PART)
}

/// 415 unless the body is a part of a file.
pub(super) fn require_part(headers: &HeaderMap) -> Result<()> {
    if is_part(headers) { Ok(()) } else { Err(NO_PART.into()) }
}

/// A number of bytes; 400 `malformed_upload` when it is missing or none.
pub(super) fn bytes(headers: &HeaderMap, name: HeaderName) -> Result<i64> {
    let text = text(headers, &name)?.ok_or(MALFORMED_UPLOAD)?;
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    Ok(digits.then(|| text.parse().ok()).flatten().ok_or(MALFORMED_UPLOAD)?)
}

/// What the file is called, and the metadata as it was sent: 400 `malformed_upload`, 422 for the name.
pub(super) fn metadata(headers: &HeaderMap) -> Result<(FileName, String)> {
    let text = text(headers, &METADATA)?.unwrap_or_default();
    let mut name = None;
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD.decode(value).map_err(|_| MALFORMED_UPLOAD)?;
        if key == "filename"
            && name.replace(String::from_utf8(value).map_err(|_| MALFORMED_UPLOAD)?).is_some()
        {
            return Err(MALFORMED_UPLOAD.into());
        }
    }
    let name = FileName::parse(&name.unwrap_or_default())
        .map_err(|invalid| Error::Invalid(vec![Fault::of("filename", invalid)]))?;
    Ok((name, text.to_owned()))
}

/// The digest that a part must have.
pub(super) struct Checksum {
    came: Context,
    stated: Vec<u8>,
}

impl Checksum {
    /// What a sender states, if anything; 400 `malformed_upload` for an algorithm that is not known here too.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>> {
        let Some(text) = text(headers, &CHECKSUM)? else { return Ok(None) };
        let (name, value) = text.split_once(' ').ok_or(MALFORMED_UPLOAD)?;
        let algorithm: &'static Algorithm = match name {
            "sha1" => &SHA1_FOR_LEGACY_USE_ONLY,
            "sha256" => &SHA256,
            _ => return Err(MALFORMED_UPLOAD.into()),
        };
        let stated = STANDARD.decode(value).map_err(|_| MALFORMED_UPLOAD)?;
        Ok(Some(Self { came: Context::new(algorithm), stated }))
    }

    /// The next bytes of the part.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.came.update(bytes);
    }

    /// 460 `checksum_mismatch` unless those were the bytes that were stated.
    pub(super) fn judge(self) -> Result<()> {
        let holds = self.came.finish().as_ref() == self.stated.as_slice();
        if holds { Ok(()) } else { Err(CHECKSUM_MISMATCH.into()) }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    Ok(Some(value.to_str().map_err(|_| MALFORMED_UPLOAD)?.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &'static str) -> Result<(FileName, String)> {
        metadata(&HeaderMap::from_iter([(METADATA, HeaderValue::from_static(text))]))
    }

    #[test]
    fn a_name_is_found_among_other_metadata() {
        for text in [
            "filename Z2FtZS56aXA=",
            "is_confidential,filename Z2FtZS56aXA=",
            "filename Z2FtZS56aXA=, a Yg==",
        ] {
            let (name, kept) = named(text).unwrap();
            assert_eq!((name.as_str(), kept.as_str()), ("game.zip", text));
        }
    }

    #[test]
    fn metadata_without_a_sound_name_is_refused() {
        for text in
            ["", "filename", "filename !", "filename Li4=", "filename YQ==,filename Yg==", "name YQ=="]
        {
            assert!(named(text).is_err(), "{text}");
        }
    }
}
