//! What the demo ships: `demo/README.md` says what is what.
use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    catalog::Platform,
    error::{Error, Result},
    values::{Locale, Slug, Version, Word},
};

/// The products, in the format of the import.
pub(super) const CATALOG: &str = include_str!("../../demo/catalog.ndjson");
/// What is delivered for what isn't shipped itself.
pub(super) const TEMPLATE: &str = include_str!("../../demo/files/readme.txt.template");
const NAMES: &str = include_str!("../../demo/names.json");
const BUILDS: &str = include_str!("../../demo/builds.json");
const FILES: &[(&str, &str)] = &[
    ("a-christmas-carol.txt", include_str!("../../demo/files/a-christmas-carol.txt")),
    (
        "alices-adventures-in-wonderland.txt",
        include_str!("../../demo/files/alices-adventures-in-wonderland.txt"),
    ),
    ("don-quixote.txt", include_str!("../../demo/files/don-quixote.txt")),
    ("dracula.txt", include_str!("../../demo/files/dracula.txt")),
    ("frankenstein.txt", include_str!("../../demo/files/frankenstein.txt")),
    ("grimms-fairy-tales.txt", include_str!("../../demo/files/grimms-fairy-tales.txt")),
    ("hojoki.txt", include_str!("../../demo/files/hojoki.txt")),
    ("leaves-of-grass.txt", include_str!("../../demo/files/leaves-of-grass.txt")),
    ("moby-dick.txt", include_str!("../../demo/files/moby-dick.txt")),
    ("on-the-origin-of-species.txt", include_str!("../../demo/files/on-the-origin-of-species.txt")),
    ("pride-and-prejudice.txt", include_str!("../../demo/files/pride-and-prejudice.txt")),
    (
        "the-adventures-of-sherlock-holmes.txt",
        include_str!("../../demo/files/the-adventures-of-sherlock-holmes.txt"),
    ),
    ("the-tale-of-genji.txt", include_str!("../../demo/files/the-tale-of-genji.txt")),
    ("the-time-machine.txt", include_str!("../../demo/files/the-time-machine.txt")),
    (
        "twenty-thousand-leagues-under-the-seas.txt",
        include_str!("../../demo/files/twenty-thousand-leagues-under-the-seas.txt"),
    ),
    ("walden.txt", include_str!("../../demo/files/walden.txt")),
];

/// The names of categories and tags.
#[derive(Deserialize)]
pub(super) struct Names {
    /// Parents before their children.
    pub(super) categories: Vec<CategoryNames>,
    pub(super) tags: Vec<TagNames>,
}

/// A category in every language.
#[derive(Deserialize)]
pub(super) struct CategoryNames {
    pub(super) slug: Slug,
    pub(super) parent: Option<Slug>,
    pub(super) names: BTreeMap<String, Word>,
}

/// A tag in every language.
#[derive(Deserialize)]
pub(super) struct TagNames {
    pub(super) slug: Slug,
    pub(super) names: BTreeMap<String, Word>,
}

/// What is offered of a product.
#[derive(Deserialize)]
pub(super) struct Offered {
    pub(super) version: Version,
    pub(super) builds: Vec<OfferedBuild>,
}

/// One build of it.
#[derive(Deserialize)]
pub(super) struct OfferedBuild {
    pub(super) platform: Platform,
    pub(super) channel: Slug,
    /// A shipped file, or `template`.
    pub(super) file: String,
}

/// A product's line, as far as the builds need it.
#[derive(Deserialize)]
pub(super) struct Line {
    pub(super) slug: String,
    pub(super) title: String,
    pub(super) developer: Option<String>,
}

/// The names of categories and tags.
pub(super) fn names() -> Result<Names> {
    serde_json::from_str(NAMES).map_err(Error::unexpected)
}

/// The builds by the slug of their product.
pub(super) fn builds() -> Result<BTreeMap<String, Offered>> {
    serde_json::from_str(BUILDS).map_err(Error::unexpected)
}

/// The lines of the catalog.
pub(super) fn lines() -> Result<Vec<Line>> {
    CATALOG.lines().map(|line| serde_json::from_str(line).map_err(Error::unexpected)).collect()
}

/// A shipped file.
pub(super) fn file(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(shipped, _)| *shipped == name).map(|(_, text)| *text)
}

/// A language of the names.
pub(super) fn locale(tag: &str) -> Result<Locale> {
    Locale::parse(tag).map_err(|invalid| Error::unexpected(invalid.message))
}

/// The name in the store's own language.
pub(super) fn own<'a>(names: &'a BTreeMap<String, Word>, slug: &Slug) -> Result<&'a Word> {
    names.get("en").ok_or_else(|| Error::unexpected(format!("{slug} has no English name")))
}
