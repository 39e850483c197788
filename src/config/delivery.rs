//! Downloads and uploads.
use std::{
    num::{NonZeroU32, NonZeroUsize},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use super::{Config, StorageKind, lenient};
use crate::values::Country;

/// Downloads and uploads.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Delivery {
    /// Seconds that a download link lives at least; large files get more.
    #[serde(deserialize_with = "lenient::number")]
    pub link_ttl: u64,
    /// Largest file of a build, bytes.
    #[serde(deserialize_with = "lenient::number")]
    pub max_file_bytes: u64,
    /// Most bytes that the builds of one product hold together; 0 sets no limit.
    #[serde(deserialize_with = "lenient::number")]
    pub product_bytes: u64,
    /// Days after its last part when an upload that comes in parts is removed.
    #[serde(deserialize_with = "lenient::number")]
    pub upload_days: u16,
    /// Largest picture of a product as it is uploaded, bytes.
    #[serde(deserialize_with = "lenient::number")]
    pub max_picture_bytes: u64,
    /// Links per account and product in 24 hours.
    #[serde(deserialize_with = "lenient::number")]
    pub links_per_day: u64,
    /// Bytes that one account may download in 24 hours; 0 sets no limit.
    #[serde(deserialize_with = "lenient::number")]
    pub bytes_per_day: u64,
    /// Downloads of one account that each copy sends at once; more are answered 429.
    #[serde(deserialize_with = "lenient::number")]
    pub streams_per_account: NonZeroUsize,
    /// Countries in which products are not delivered: `KP` for none of them, `DE:18` for those rated for 18 years and more.
    #[serde(deserialize_with = "lenient::list")]
    pub withheld: Vec<Withheld>,
    /// Whether a web server in front sends local files.
    #[serde(deserialize_with = "lenient::number")]
    pub accelerate: Accelerate,
    /// Where nginx finds the folder `objects` of the data folder, as an internal location.
    pub accelerate_prefix: String,
    /// Whether downloads past the store count by the logs that `mist logs ingest` reads, not when a link is given out.
    #[serde(deserialize_with = "lenient::number")]
    pub count_by_logs: bool,
    /// The program that looks files through before they are released, and its arguments; none looks.
    #[serde(deserialize_with = "lenient::list")]
    pub scanner: Vec<String>,
    /// Seconds that it may take for one file.
    #[serde(deserialize_with = "lenient::number")]
    pub scanner_timeout: NonZeroU32,
    /// Whether EPUB and PDF of e-books come as copies that bear their owner's name.
    #[serde(deserialize_with = "lenient::number")]
    pub stamp: bool,
    /// Largest file of which copies are made, bytes; a larger one can't be downloaded where copies are asked for.
    #[serde(deserialize_with = "lenient::number")]
    pub stamp_max_bytes: u64,
    /// Hours between two removals of what nobody has; 0 leaves them to `mist objects gc`.
    #[serde(deserialize_with = "lenient::number")]
    pub gc_hours: u16,
}

/// What is not delivered in a country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Where.
    pub country: Country,
    /// Products rated for so many years and more; 0: all of them.
    pub from_age: u8,
}

impl FromStr for Withheld {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (country, age) = text.split_once(':').unwrap_or((text, "0"));
        let country = Country::parse(country.trim()).map_err(|invalid| invalid.message.to_string())?;
        let from_age = age.trim().parse().map_err(|_| "is not of the form `KP` or `DE:18`".to_owned())?;
        Ok(Self { country, from_age })
    }
}

impl Serialize for Withheld {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.from_age {
            0 => serializer.collect_str(&self.country),
            age => serializer.collect_str(&format_args!("{}:{age}", self.country)),
        }
    }
}

/// Who sends local files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Accelerate {
    /// Mist.
    Off,
    /// nginx, told by `X-Accel-Redirect`.
    Nginx,
    /// Apache with mod_xsendfile, or lighttpd, told by `X-Sendfile`.
    Sendfile,
}

impl FromStr for Accelerate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Off),
            "nginx" => Ok(Self::Nginx),
            "sendfile" => Ok(Self::Sendfile),
            other => Err(format!("`{other}` sends no files; there are `off`, `nginx` and `sendfile`")),
        }
    }
}

/// As `delivery.streams_per_account`: as many as several programs open that fetch a file by parts.
const STREAMS: NonZeroUsize = match NonZeroUsize::new(64) {
    Some(streams) => streams,
    None => NonZeroUsize::MIN,
};

/// The most that `delivery.scanner_timeout` may be, seconds: six hours.
const LONGEST_SCAN: u32 = 6 * 60 * 60;

/// As `delivery.scanner_timeout`: half an hour, for files of many gigabytes.
const SCANNER_TIMEOUT: NonZeroU32 = match NonZeroU32::new(30 * 60) {
    Some(seconds) => seconds,
    None => NonZeroU32::MIN,
};

impl Default for Delivery {
    fn default() -> Self {
        Self {
            link_ttl: 600,
            max_file_bytes: 100 * 1024 * 1024 * 1024,
            product_bytes: 0,
            upload_days: 7,
            max_picture_bytes: 16 * 1024 * 1024,
            links_per_day: 200,
            bytes_per_day: 0,
            streams_per_account: STREAMS,
            withheld: Vec::new(),
            accelerate: Accelerate::Off,
            accelerate_prefix: "/mist-objects".to_owned(),
            count_by_logs: false,
            scanner: Vec::new(),
            scanner_timeout: SCANNER_TIMEOUT,
            stamp: false,
            stamp_max_bytes: 64 * 1024 * 1024,
            gc_hours: 24,
        }
    }
}

impl Delivery {
    /// Each setting that is not as it should be, and why.
    pub(super) fn faults(&self, config: &Config) -> Vec<String> {
        let mut faults = Vec::new();
        let mut refuse = |wrong: bool, setting: &str, why: &str| {
            if wrong {
                faults.push(format!("delivery.{setting}: {why}"));
            }
        };
        refuse(self.link_ttl == 0, "link_ttl", "must be at least 1");
        let longest = format!("must be at most {LONGEST_SCAN}");
        refuse(self.scanner_timeout.get() > LONGEST_SCAN, "scanner_timeout", &longest);
        let past = config.storage.kind == StorageKind::S3
            && (config.storage.s3.direct_links || config.cdn.cloudfront.domain.is_some());
        // Else nothing would ever count: what Mist sends itself is in no log of a bucket.
        refuse(
            self.count_by_logs && !past,
            "count_by_logs",
            "needs links past the store: storage.kind = \"s3\" with storage.s3.direct_links, or CloudFront",
        );
        let on = self.accelerate != Accelerate::Off;
        refuse(
            on && config.storage.kind != StorageKind::Local,
            "accelerate",
            "needs storage.kind = \"local\"",
        );
        // A client that comes past the server would be told of a file and get none of it.
        refuse(on && config.http.trusted_proxies.is_empty(), "accelerate", "needs http.trusted_proxies");
        let path = self.accelerate_prefix.strip_prefix('/').unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/".contains(&byte);
        refuse(
            path.is_empty() || path.ends_with('/') || path.contains("//") || !path.bytes().all(plain),
            "accelerate_prefix",
            "must be a path such as /mist-objects",
        );
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_withheld_is_read_as_it_is_written() {
        for text in ["KP", "DE:18"] {
            assert_eq!(serde_json::to_value(text.parse::<Withheld>().unwrap()).unwrap(), text);
        }
        for wrong in ["", "XX", "DE:", "DE:old", "DE:-1", "DE:16:18"] {
            assert!(wrong.parse::<Withheld>().is_err(), "{wrong}");
        }
    }
}
