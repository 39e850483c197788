//! Multipart uploads whose parts others send. What they sent is known only by reading it.

use std::time::Duration;

use object_store::multipart::{MultipartStore, PartId};
use object_store::signer::{Method, SignedUrlOptions, Signer};

use super::{Bucket, place, says, told};
use crate::{Completed, Direct, Error, Key};

/// Bytes of a part at least: 16 MiB, so that few addresses are enough for most files.
const PART: u64 = 16 * 1024 * 1024;
/// Parts of one object at most, though S3 would take five times as many: each has an address.
const PARTS: u64 = 2_000;
/// How S3 calls parts that are not as they were named.
const REFUSALS: [&str; 5] =
    ["InvalidPart", "EntityTooSmall", "NoSuchUpload", "InvalidArgument", "MalformedXML"];

/// Begins an object of that many bytes.
pub(crate) async fn begin(bucket: &Bucket, size: u64) -> Result<Direct, Error> {
    let key = Key::random().map_err(std::io::Error::other)?;
    let upload = bucket.store.create_multipart(&place(&key)).await.map_err(unavailable)?;
    Ok(Direct { key, upload, part_bytes: part_bytes(size) })
}

/// Signs the address of a part; they count from 1.
pub(crate) async fn part(
    bucket: &Bucket,
    direct: &Direct,
    number: u64,
    life: Duration,
) -> Result<String, Error> {
    let query = [("partNumber", number.to_string()), ("uploadId", direct.upload.clone())];
    let options = SignedUrlOptions::default().with_query(query);
    let signed = bucket.store.signed_url_opts(Method::PUT, &place(&direct.key), life, &options).await;
    Ok(signed.map_err(told)?.into())
}

/// Makes an object of the parts, named by their entity tags in order. That it is one already is no error.
pub(crate) async fn complete(
    bucket: &Bucket,
    direct: &Direct,
    tags: Vec<String>,
) -> Result<Completed, Error> {
    let parts = tags.into_iter().map(|tag| PartId { content_id: tag }).collect();
    let Err(error) = bucket.store.complete_multipart(&place(&direct.key), &direct.upload, parts).await else {
        return Ok(Completed::Whole);
    };
    match bucket.size(&direct.key).await {
        Ok(_) => return Ok(Completed::Whole),
        Err(Error::NotFound) => {}
        Err(error) => return Err(error),
    }
    let forgotten = matches!(error, object_store::Error::NotFound { .. });
    if forgotten || REFUSALS.iter().any(|word| says(&error, word)) {
        return Ok(Completed::Refused);
    }
    Err(unavailable(error))
}

/// Forgets the parts, and the object if it is one. Both are tried, for it is not known here which of them there are.
pub(crate) async fn abort(bucket: &Bucket, direct: &Direct) -> Result<(), Error> {
    let aborted = bucket.store.abort_multipart(&place(&direct.key), &direct.upload).await.map_err(told);
    let deleted = bucket.delete(&direct.key).await;
    for outcome in [aborted, deleted] {
        match outcome {
            Ok(()) | Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn part_bytes(size: u64) -> u64 {
    size.div_ceil(PARTS).max(PART)
}

/// An upload that is gone is no object that is missing.
fn unavailable(error: object_store::Error) -> Error {
    Error::Unavailable(std::io::Error::other(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_has_parts_that_s3_takes() {
        let (mebibyte, gibibyte) = (1024_u64.pow(2), 1024_u64.pow(3));
        for size in [1, 16 * mebibyte, 100 * gibibyte, 5 * 1024 * gibibyte] {
            let bytes = part_bytes(size);
            assert!(
                size.div_ceil(bytes) <= PARTS && bytes >= 5 * mebibyte && bytes <= 5 * gibibyte,
                "{size}"
            );
        }
    }
}
