//! An e-book as every feed shows it.
use std::collections::{BTreeMap, BTreeSet};

use super::{
    CATALOG,
    wire::{Acquired, Link, PublicationMetadata, Subject},
};
use crate::{
    app::App,
    catalog::{
        Imprint, ProductSummary,
        builds::{DEFAULT_CHANNEL, Kind as BuildKind, ReleasedBuild},
        listing::{Label, LabelKind, labels},
    },
    delivery::media_type,
    error::Result,
    feeds::addresses,
    web::locale::Wanted,
};

/// What is published, as Readium's manifests call it.
const BOOK: &str = "http://schema.org/Book";
/// The media types that every e-reader shows; one of them must be there.
const SHOWN: [&str; 3] = ["image/jpeg", "image/png", "image/gif"];

/// What categories and tags are called, by slug.
pub(super) struct Names {
    categories: BTreeMap<String, Label>,
    tags: BTreeMap<String, Label>,
}

impl Names {
    pub(super) async fn read(app: &App, wanted: &Wanted) -> Result<Self> {
        let own = &app.config.store.locale;
        Ok(Self {
            categories: labels(&app.db.read, LabelKind::Category, wanted, own).await?,
            tags: labels(&app.db.read, LabelKind::Tag, wanted, own).await?,
        })
    }

    fn subjects(&self, product: &ProductSummary) -> Vec<Subject> {
        let subject = |names: &BTreeMap<String, Label>, slug: &String| Subject {
            name: names.get(slug).map_or(slug, |label| &label.name).clone(),
            code: slug.clone(),
        };
        let categories = product.categories.iter().map(|slug| subject(&self.categories, slug));
        categories.chain(product.tags.iter().map(|slug| subject(&self.tags, slug))).collect()
    }
}

pub(super) fn metadata(product: &ProductSummary, imprint: &Imprint, names: &Names) -> PublicationMetadata {
    PublicationMetadata {
        kind: BOOK,
        identifier: product.id.urn().to_string(),
        title: product.title.clone(),
        author: product.developer.clone(),
        publisher: product.publisher.clone(),
        language: imprint.languages.clone(),
        modified: imprint.updated_at,
        published: product.release_date,
        description: product.summary.clone(),
        subject: names.subjects(product),
    }
}

/// Its cover, and a plain one where it has none that every e-reader shows.
pub(super) fn images(app: &App, product: &ProductSummary) -> Vec<Link> {
    let cover = product.cover_url.as_deref().map(|url| Link {
        href: url.to_owned(),
        kind: image_type(url),
        ..Link::default()
    });
    let shown = cover.as_ref().is_some_and(|cover| cover.kind.is_some_and(|kind| SHOWN.contains(&kind)));
    let plain = Link {
        href: addresses::own(app, &format!("{CATALOG}/cover.png")),
        kind: Some("image/png"),
        ..Link::default()
    };
    cover.into_iter().chain((!shown).then_some(plain)).collect()
}

/// The media type that an address names by its ending.
fn image_type(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next()?;
    let (_, ending) = path.rsplit_once('.')?;
    match ending.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => Some("image/jpeg"),
        "png" => Some("image/png"),
        "gif" => Some("image/gif"),
        "webp" => Some("image/webp"),
        "avif" => Some("image/avif"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

/// The build whose files are offered, extras aside: the newest of the usual channel, else the newest; they come newest
/// first.
pub(super) fn offered(builds: &[ReleasedBuild]) -> Option<&ReleasedBuild> {
    let mut books = builds.iter().filter(|build| build.kind == BuildKind::Build);
    let usual = books.clone().find(|build| build.channel == DEFAULT_CHANNEL);
    usual.or_else(|| books.next()).filter(|build| !build.files.is_empty())
}

/// What a buyer gets of a build, each media type once.
pub(super) fn acquired(build: Option<&ReleasedBuild>) -> Vec<Acquired> {
    let files = build.into_iter().flat_map(|build| &build.files);
    let kinds: BTreeSet<&str> = files.map(|file| media_type(&file.name)).collect();
    kinds.into_iter().map(|kind| Acquired { kind }).collect()
}
