//! Where builds are kept, and what leads to them.
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{Secret, lenient};

/// Where builds are kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// `local`: the data folder; `s3`: a bucket.
    pub kind: StorageKind,
    /// The bucket.
    pub s3: S3,
}

/// The kinds of storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StorageKind {
    /// The folder `objects` of the data folder.
    Local,
    /// A bucket of S3.
    S3,
}

impl std::str::FromStr for StorageKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "local" => Ok(Self::Local),
            "s3" => Ok(Self::S3),
            other => Err(format!("`{other}` is no storage; there are `local` and `s3`")),
        }
    }
}

/// A bucket of S3, or of a server that speaks like it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct S3 {
    /// Its name.
    pub bucket: String,
    /// Its region; default: `AWS_REGION`, else `us-east-1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Where the server is, if it is not AWS's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Url>,
    /// Whether the bucket's name stands in the path; else it stands before the host's.
    #[serde(deserialize_with = "lenient::number")]
    pub path_style: bool,
    /// An access key's id; default: what the environment gives, a role among it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// Its secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_access_key: Option<Secret>,
    /// Whether download links lead to the bucket itself; else to the store, which reads the bucket.
    #[serde(deserialize_with = "lenient::number")]
    pub direct_links: bool,
}

/// What stands before the storage.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cdn {
    /// Amazon CloudFront.
    pub cloudfront: CloudFront,
}

/// A distribution that reads the bucket, and the key that it trusts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CloudFront {
    /// Its domain; with it, download links lead there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The id of its public key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_pair_id: Option<String>,
    /// The file of the private key in PEM: RSA of 2048 bits, or ECDSA over P-256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key_file: Option<PathBuf>,
    /// The same key as a text, for where secrets are handed over in the environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key: Option<Secret>,
    /// Whether a link is good from the address alone (IPv4) for which it was made.
    #[serde(deserialize_with = "lenient::number")]
    pub bind_address: bool,
}

impl Default for Storage {
    fn default() -> Self {
        Self { kind: StorageKind::Local, s3: S3::default() }
    }
}

impl Default for S3 {
    fn default() -> Self {
        Self {
            bucket: String::new(),
            region: None,
            endpoint: None,
            path_style: false,
            access_key_id: None,
            secret_access_key: None,
            direct_links: true,
        }
    }
}

impl Storage {
    /// Each setting that is not as it should be, and why.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.kind == StorageKind::S3 && self.s3.bucket.is_empty() {
            faults.push("storage.s3.bucket: is needed for storage.kind = \"s3\"".to_owned());
        }
        if self.s3.access_key_id.is_some() != self.s3.secret_access_key.is_some() {
            faults.push("storage.s3.access_key_id, secret_access_key: are needed together".to_owned());
        }
        if let Some(endpoint) = &self.s3.endpoint {
            let sound = matches!(endpoint.scheme(), "http" | "https")
                && endpoint.has_host()
                && endpoint.path() == "/"
                && endpoint.query().is_none();
            if !sound {
                let why = "must be an address without a path, such as https://s3.example.com";
                faults.push(format!("storage.s3.endpoint: {why}"));
            }
            // The bucket's name before an IP address is no host.
            let named = matches!(endpoint.host(), None | Some(Host::Domain(_)));
            if !named && !self.s3.path_style {
                let why = "must be true where the endpoint is an IP address";
                faults.push(format!("storage.s3.path_style: {why}"));
            }
        }
        faults
    }
}

impl CloudFront {
    /// Each setting that is not as it should be, and why.
    pub(super) fn faults(&self, storage: &Storage) -> Vec<String> {
        let mut faults = Vec::new();
        let mut refuse = |wrong: bool, setting: &str, why: &str| {
            if wrong {
                faults.push(format!("cdn.cloudfront.{setting}: {why}"));
            }
        };
        let Some(domain) = &self.domain else {
            let key = self.private_key_file.is_some() || self.private_key.is_some();
            let others = self.key_pair_id.is_some() || key;
            refuse(others, "domain", "is needed with the other settings of CloudFront");
            return faults;
        };
        let plain = domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
        refuse(
            !plain || domain.is_empty(),
            "domain",
            "must be a host's name such as d111111abcdef8.cloudfront.net",
        );
        refuse(storage.kind != StorageKind::S3, "domain", "needs storage.kind = \"s3\"");
        refuse(self.key_pair_id.is_none(), "key_pair_id", "is needed with a domain");
        refuse(
            self.private_key_file.is_some() == self.private_key.is_some(),
            "private_key_file, private_key",
            "one of both is needed with a domain",
        );
        faults
    }
}
