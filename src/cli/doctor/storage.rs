//! Whether an object can be written, read and removed.
use std::error::Error;

use bytes::Bytes;
use futures::TryStreamExt;
use mist::{
    config::{Config, StorageKind},
    storage,
};
use objects::Objects;

use super::Finding;
use crate::cli::clock;

/// What to do where a bucket is used; a folder's owner knows.
const ADVICE: &str = "see the storage settings, and that this program may read, write, list and delete there \
                      (deploy/aws/s3.md has the policy of a bucket)";

pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let local = config.storage.kind == StorageKind::Local;
    if local && !config.data_dir.is_dir() {
        let what = format!("there is no data folder {} yet", config.data_dir.display());
        return vec![Finding::warning(what, "`mist serve` makes it")];
    }
    let place = if local { "the data folder" } else { "the bucket" };
    let objects = match storage::open(config, config.storage.kind) {
        Ok(objects) => objects,
        Err(error) => return vec![Finding::failure(error.to_string(), ADVICE)],
    };
    vec![match tried(&objects).await {
        Ok(()) => Finding::ok(format!("{place} took an object, gave it back and removed it")),
        Err(why) => Finding::failure(format!("{place}: {why}"), ADVICE),
    }]
}

/// Writes an object that no other equals, reads it and removes it.
async fn tried(objects: &Objects) -> Result<(), String> {
    let step = |what: &'static str| move |error: objects::Error| told(what, &error);
    objects.probe().await.map_err(step("does not answer"))?;
    let bytes = Bytes::from(format!("a probe of mist doctor: {}", clock().new_id()));
    let mut writer = objects.writer().await.map_err(step("can't be written"))?;
    writer.write(bytes.clone()).await.map_err(step("can't be written"))?;
    let stored = writer.finish().await.map_err(step("can't be written"))?;
    let read = async {
        let chunks = objects.read(&stored.key, 0..stored.size).await.map_err(step("can't be read"))?;
        let chunks: Vec<Bytes> =
            chunks.try_collect().await.map_err(|error| format!("breaks off: {error}"))?;
        if chunks.concat() == bytes { Ok(()) } else { Err("gives other bytes than it took".to_owned()) }
    }
    .await;
    objects.delete(&stored.key).await.map_err(step("does not let its objects be removed"))?;
    read
}

fn told(what: &str, error: &objects::Error) -> String {
    match error.source() {
        Some(cause) => format!("{what}: {error}: {cause}"),
        None => format!("{what}: {error}"),
    }
}
