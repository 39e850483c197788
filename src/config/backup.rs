//! The settings of backups.
use std::{
    fmt,
    num::{NonZeroU8, NonZeroU16},
    path::PathBuf,
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use super::lenient;

/// How the address of a place in a bucket begins.
const S3: &str = "s3://";

/// Backups that the server makes by itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Backup {
    /// The folder in which they are made, each in one of its own, or `s3://BUCKET/PREFIX`; default: none is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<BackupPlace>,
    /// Hours from one to the next.
    #[serde(deserialize_with = "lenient::number")]
    pub every_hours: NonZeroU16,
    /// How many are kept; older ones are removed.
    #[serde(deserialize_with = "lenient::number")]
    pub keep: NonZeroU8,
    /// Whether the bytes of builds and pictures are in them, beside the tables.
    #[serde(deserialize_with = "lenient::number")]
    pub objects: bool,
}

/// Where backups are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum BackupPlace {
    /// A folder.
    Folder(PathBuf),
    /// A bucket, of the server and by the credentials of `storage.s3`.
    Bucket {
        /// Its name.
        bucket: String,
        /// What stands before the names in it, without slashes around it; may be empty.
        prefix: String,
    },
}

impl FromStr for BackupPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(place) = text.strip_prefix(S3) else { return Ok(Self::Folder(PathBuf::from(text))) };
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        if bucket.is_empty() {
            return Err(format!("`{text}` names no bucket, as s3://BUCKET/PREFIX does"));
        }
        Ok(Self::Bucket { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
    }
}

impl TryFrom<String> for BackupPlace {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<BackupPlace> for String {
    fn from(place: BackupPlace) -> Self {
        place.to_string()
    }
}

impl fmt::Display for BackupPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Bucket { bucket, prefix } => write!(f, "{S3}{bucket}/{prefix}"),
        }
    }
}

/// A day, as `backup.every_hours`.
const DAILY: NonZeroU16 = match NonZeroU16::new(24) {
    Some(hours) => hours,
    None => NonZeroU16::MIN,
};

/// A week of them, as `backup.keep`.
const KEPT: NonZeroU8 = match NonZeroU8::new(7) {
    Some(count) => count,
    None => NonZeroU8::MIN,
};

impl Default for Backup {
    fn default() -> Self {
        Self { folder: None, every_hours: DAILY, keep: KEPT, objects: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_in_a_bucket() {
        let place = |text: &str| text.parse::<BackupPlace>();
        assert_eq!(place("/srv/backups"), Ok(BackupPlace::Folder("/srv/backups".into())));
        let bucket =
            |prefix: &str| BackupPlace::Bucket { bucket: "kept".to_owned(), prefix: prefix.to_owned() };
        assert_eq!(place("s3://kept"), Ok(bucket("")));
        assert_eq!(place("s3://kept/a/b/"), Ok(bucket("a/b")));
        assert!(place("s3:///a").is_err());
        assert_eq!(bucket("a/b").to_string(), "s3://kept/a/b");
    }
}
