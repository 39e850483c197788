//! Forms with a file in them (RFC 7578): read when the handler asks for it, within limits.
use std::{collections::BTreeMap, time::Duration};

use axum::{
    body::{Body, BodyDataStream},
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use http::{StatusCode, header};
use multer::{Constraints, Error as FormError, Multipart, SizeLimit};

use crate::{
    app::App,
    error::{Error, Fault, Refusal, Result},
    web::json::{INCOMPLETE, PAYLOAD_TOO_LARGE, refuse_encoding},
};

/// Bytes of a field that is no file.
const LONGEST_TEXT: u64 = 1024;
/// Bytes of what stands around the fields.
const FRAMING: u64 = 16 * 1024;
/// How long a form may take to arrive.
const WITHIN: Duration = Duration::from_secs(120);
/// The field of the file.
const FILE: &str = "file";

const UNSUPPORTED_MEDIA_TYPE: Refusal = Refusal::with_status(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "unsupported_media_type",
    "This takes multipart/form-data.",
);
const MALFORMED_FORM: Refusal = Refusal::malformed("malformed_form", "The body is no form of RFC 7578.");
const TOO_SLOW: Refusal = Refusal::with_status(
    StatusCode::REQUEST_TIMEOUT,
    "request_timeout",
    "The form took longer to arrive than is waited.",
);

/// A form with a file: [`Upload::read`] reads and judges it.
pub struct Upload(Result<(String, BodyDataStream), Refusal>);

/// What a form held.
#[derive(Debug)]
pub struct Uploaded {
    /// The bytes of the field `file`.
    pub file: Bytes,
    /// The other fields.
    pub texts: BTreeMap<String, String>,
}

impl FromRequest<App> for Upload {
    type Rejection = Error;

    async fn from_request(request: Request<Body>, _: &App) -> Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let boundary = kind.and_then(|kind| multer::parse_boundary(kind).ok()).ok_or(UNSUPPORTED_MEDIA_TYPE);
        let form = refuse_encoding(request.headers()).and(boundary);
        Ok(Self(form.map(|boundary| (boundary, request.into_body().into_data_stream()))))
    }
}

impl Upload {
    /// The file, of at most `largest` bytes, and the fields of these names beside it.
    ///
    /// 400 `malformed_form`, `incomplete_body`; 408; 413; 415; 422 with every field that is unknown, doubled, missing
    /// or no text.
    pub async fn read(self, largest: u64, names: &[&str]) -> Result<Uploaded> {
        let (boundary, body) = self.0?;
        let limits = SizeLimit::new()
            .whole_stream(largest.saturating_add(FRAMING))
            .per_field(LONGEST_TEXT)
            .for_field(FILE, largest);
        let form = Multipart::with_constraints(body, boundary, Constraints::new().size_limit(limits));
        tokio::time::timeout(WITHIN, collect(form, names)).await.map_err(|_| TOO_SLOW)?
    }
}

async fn collect(mut form: Multipart<'_>, names: &[&str]) -> Result<Uploaded> {
    let (mut file, mut texts, mut faults) = (None, BTreeMap::new(), Vec::new());
    while let Some(field) = form.next_field().await.map_err(refused)? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(refused)?;
        if name == FILE {
            if file.replace(bytes).is_some() {
                faults.push(Fault::new(FILE, "duplicate", "may be there once"));
            }
        } else if !names.contains(&name.as_str()) {
            faults.push(Fault::new(name, "unknown_field", "is not known here"));
        } else {
            match String::from_utf8(bytes.into()) {
                Err(_) => faults.push(Fault::new(name, "invalid", "must be UTF-8")),
                Ok(text) => {
                    if texts.insert(name.clone(), text).is_some() {
                        faults.push(Fault::new(name, "duplicate", "may be there once"));
                    }
                }
            }
        }
    }
    let Some(file) = file else {
        faults.push(Fault::new(FILE, "required", "must be there"));
        return Err(Error::Invalid(faults));
    };
    if faults.is_empty() { Ok(Uploaded { file, texts }) } else { Err(Error::Invalid(faults)) }
}

fn refused(error: FormError) -> Error {
    match error {
        FormError::FieldSizeExceeded { .. } | FormError::StreamSizeExceeded { .. } => {
            PAYLOAD_TOO_LARGE.into()
        }
        FormError::StreamReadFailed(_) => INCOMPLETE.into(),
        _ => MALFORMED_FORM.into(),
    }
}
