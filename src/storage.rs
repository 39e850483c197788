//! Where bytes are kept, as the settings say.
use objects::{CloudFront, Files, Objects, S3Settings};

use crate::{
    config::{self, Config, StorageKind},
    error::{Error, Result},
};

/// Opens a storage; of a bucket nothing is asked yet.
pub fn open(config: &Config, kind: StorageKind) -> Result<Objects> {
    match kind {
        StorageKind::Local => Ok(Objects::open(config.data_dir.clone())?),
        StorageKind::S3 => {
            let bucket = &config.storage.s3;
            Ok(Objects::s3(&settings(bucket), bucket.direct_links, front(&config.cdn.cloudfront)?)?)
        }
    }
}

/// Opens a place in a bucket that the settings of the storage lead to, which may be another than the storage's.
pub fn files(config: &Config, bucket: &str, prefix: &str) -> Result<Files> {
    let settings = S3Settings { bucket: bucket.to_owned(), ..settings(&config.storage.s3) };
    Ok(Files::open(&settings, prefix)?)
}

fn settings(bucket: &config::S3) -> S3Settings {
    let secret = bucket.secret_access_key.as_ref();
    let credentials = bucket.access_key_id.clone().zip(secret.map(|secret| secret.as_str().to_owned()));
    S3Settings {
        bucket: bucket.bucket.clone(),
        region: bucket.region.clone(),
        endpoint: bucket.endpoint.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()),
        path_style: bucket.path_style,
        credentials,
        session_token: None,
    }
}

/// CloudFront, if it stands before the bucket. Its key is read here, so that a store without one doesn't start.
fn front(settings: &config::CloudFront) -> Result<Option<CloudFront>> {
    let (Some(domain), Some(id)) = (&settings.domain, &settings.key_pair_id) else {
        return Ok(None);
    };
    let setting = if settings.private_key.is_some() { "private_key" } else { "private_key_file" };
    let unusable = |why: String| Error::unexpected(format!("cdn.cloudfront.{setting}: {why}"));
    let key = match (&settings.private_key, &settings.private_key_file) {
        (Some(key), _) => key.as_str().as_bytes().to_vec(),
        (None, Some(file)) => std::fs::read(file).map_err(|error| unusable(error.to_string()))?,
        (None, None) => return Ok(None),
    };
    let front = CloudFront::new(domain, id, &key, settings.bind_address);
    front.map(Some).map_err(|invalid| unusable(invalid.to_string()))
}
