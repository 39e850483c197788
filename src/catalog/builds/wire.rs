//! Builds as every slice shows them.
use chrono::{DateTime, Utc};
use entity::{
    build::{self, Arch, Kind, Status},
    build_file,
    product_platform::Platform,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::values::{Slug, Version};

/// A build to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBuild {
    /// As its publisher writes it, one line.
    pub version: Version,
    /// What it runs on.
    pub platform: Platform,
    /// Which processor it is for; `any` unless said.
    pub arch: Option<Arch>,
    /// `build`, the product itself, unless said.
    pub kind: Option<Kind>,
    /// Where it appears; `stable` unless said.
    pub channel: Option<Slug>,
    /// Release notes, Markdown.
    #[schema(max_length = 20_000)]
    pub notes: Option<String>,
    /// To how many of a hundred owners it is offered once it is released; 100 unless said.
    #[schema(minimum = 0, maximum = 100)]
    pub rollout_percent: Option<i32>,
}

/// What may change of a build that is there; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildChanges {
    /// To how many of a hundred owners it is offered once it is released.
    #[schema(minimum = 0, maximum = 100)]
    pub rollout_percent: Option<i32>,
    /// Release notes of a draft, Markdown.
    #[schema(max_length = 20_000)]
    pub notes: Option<String>,
}

/// A build as those who keep the catalog see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Build {
    /// UUIDv7.
    pub id: Uuid,
    /// What it is a build of.
    pub product_id: Uuid,
    /// As its publisher writes it.
    pub version: String,
    /// What it runs on.
    pub platform: Platform,
    /// Which processor it is for.
    pub arch: Arch,
    /// The product itself, or what comes with it.
    pub kind: Kind,
    /// Where it appears.
    pub channel: String,
    /// Release notes, Markdown.
    pub notes: String,
    /// Where it stands.
    pub status: Status,
    /// To how many of a hundred owners it is offered once it is released: always the same ones, and more when this
    /// rises.
    pub rollout_percent: i32,
    /// By name.
    pub files: Vec<BuildFile>,
    /// Bytes of all its files.
    pub size: i64,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// UTC; null for a draft.
    #[schema(required)]
    pub released_at: Option<DateTime<Utc>>,
}

/// A build that is offered, as its owners see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReleasedBuild {
    /// UUIDv7.
    pub id: Uuid,
    /// As its publisher writes it.
    pub version: String,
    /// What it runs on.
    pub platform: Platform,
    /// Which processor it is for.
    pub arch: Arch,
    /// The product itself, or what comes with it.
    pub kind: Kind,
    /// Where it appears.
    pub channel: String,
    /// Release notes, Markdown.
    pub notes: String,
    /// UTC.
    pub released_at: DateTime<Utc>,
    /// By name.
    pub files: Vec<BuildFile>,
    /// Bytes of all its files.
    pub size: i64,
}

/// A file of a build.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BuildFile {
    /// A flat name.
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// Lower-case hex.
    pub sha256: String,
    /// Why a file of a draft that is asked for by itself is kept back; there where a scanner looks files through, and not for
    /// one that is clean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<Quarantine>,
}

/// Why a file is kept back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quarantine {
    /// It is still to be looked through.
    Pending,
    /// Something was found in it.
    Infected,
    /// It could not be looked through, though that was tried for hours; it is tried again when it is put or its build is to
    /// be released.
    Failed,
}

impl Build {
    pub(super) fn of(row: build::Model, files: Vec<BuildFile>) -> Self {
        Self {
            id: row.id,
            product_id: row.product_id,
            version: row.version,
            platform: row.platform,
            arch: row.arch,
            kind: row.kind,
            channel: row.channel,
            notes: row.notes,
            status: row.status,
            rollout_percent: row.rollout_percent,
            size: size(&files),
            files,
            created_at: row.created_at,
            released_at: row.released_at,
        }
    }
}

impl ReleasedBuild {
    /// None for a build that was never released.
    pub(super) fn of(row: build::Model, files: Vec<BuildFile>) -> Option<Self> {
        Some(Self {
            id: row.id,
            version: row.version,
            platform: row.platform,
            arch: row.arch,
            kind: row.kind,
            channel: row.channel,
            notes: row.notes,
            released_at: row.released_at?,
            size: size(&files),
            files,
        })
    }
}

fn size(files: &[BuildFile]) -> i64 {
    files.iter().map(|file| file.size).sum()
}

impl From<build_file::Model> for BuildFile {
    fn from(row: build_file::Model) -> Self {
        Self { name: row.name, size: row.size, sha256: row.sha256, quarantine: None }
    }
}

/// What has changed for somebody who may have an earlier build.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Update {
    /// Whether `since` is this very build.
    pub up_to_date: bool,
    /// The newest build for that platform, processor and channel that is offered to the account.
    pub build: ReleasedBuild,
    /// The build that `since` names; null when it names none.
    #[schema(required)]
    pub since: Option<Earlier>,
    /// Names of the files whose bytes that build doesn't have under the same name.
    pub changed: Vec<String>,
    /// Bytes of the files that changed.
    pub changed_size: i64,
}

/// A build that its owner has.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Earlier {
    /// UUIDv7.
    pub id: Uuid,
    /// As its publisher writes it.
    pub version: String,
}
