//! The e-books that somebody owns, with links to their files.
use http::Uri;
use url::form_urlencoded::Serializer;
use uuid::Uuid;

use super::{
    CATALOG, FEED, LIBRARY, PUBLICATION, authentication,
    publication::{Names, images, metadata, offered},
    wire::{Feed, FeedMetadata, Link, Publication},
};
use crate::{
    app::App,
    catalog::{
        self, Kind,
        builds::{BuildFile, ReleasedBuild},
    },
    delivery::media_type,
    error::{NOT_FOUND, Result},
    feeds::addresses,
    library::{self, LibraryItem, LibrarySort, Reader, Wish},
    values::Locale,
};

const ACQUISITION: &str = "http://opds-spec.org/acquisition";

/// Which part of a library.
pub(super) struct Part {
    pub(super) limit: u64,
    pub(super) cursor: Option<String>,
}

/// A page of somebody's e-books, what was got last first, where the next begins, and the language of its texts. What has no file yet is left out.
pub(super) async fn feed(
    app: &App,
    reader: &Reader,
    part: Part,
    uri: &Uri,
) -> Result<(Feed, Option<String>, Locale)> {
    let wish = Wish {
        q: None,
        kinds: Some(vec![Kind::Ebook]),
        sort: LibrarySort::Newest,
        limit: part.limit,
        cursor: part.cursor,
    };
    let (page, language) = library::page(app, reader, &wish).await?;
    let next = page.next_cursor;
    let metadata = FeedMetadata {
        items_per_page: Some(part.limit),
        ..FeedMetadata::titled(format!("{}: my library", app.config.store.name))
    };
    let mut links = vec![
        Link::new("self", FEED, addresses::here(app, uri)),
        Link::new("start", FEED, addresses::beside(app, uri, CATALOG, None)),
        Link::new("first", FEED, addresses::changed(app, uri, "cursor", None)),
        authentication::link(app),
    ];
    let behind = |next: &str| Link::new("next", FEED, addresses::changed(app, uri, "cursor", Some(next)));
    links.extend(next.as_deref().map(behind));
    let publications = publications(app, reader, &page.items, uri).await?;
    Ok((Feed { metadata, links, navigation: Vec::new(), facets: Vec::new(), publications }, next, language))
}

/// One of somebody's e-books; 404 unless it is owned and has a file.
pub(super) async fn publication(
    app: &App,
    reader: &Reader,
    id: Uuid,
    uri: &Uri,
) -> Result<(Publication, Locale)> {
    let (item, language) = library::item(app, reader, id).await?;
    if item.product.kind != Kind::Ebook {
        return Err(NOT_FOUND.into());
    }
    let publication = publications(app, reader, &[item], uri).await?.pop().ok_or(NOT_FOUND)?;
    Ok((publication, language))
}

async fn publications(
    app: &App,
    reader: &Reader,
    items: &[LibraryItem],
    uri: &Uri,
) -> Result<Vec<Publication>> {
    let ids: Vec<Uuid> = items.iter().map(|item| item.product.id).collect();
    let imprints = catalog::imprints(&app.db.read, &ids).await?;
    let names = Names::read(app, &reader.wanted).await?;
    let publication = |item: &LibraryItem| {
        let (product, build) = (&item.product, offered(&item.builds)?);
        let path = format!("{LIBRARY}/{}", product.id);
        let mut links = vec![Link::new("self", PUBLICATION, addresses::beside(app, uri, &path, None))];
        links.extend(build.files.iter().map(|file| download(app, &path, build, file)));
        Some(Publication {
            metadata: metadata(product, imprints.get(&product.id)?, &names),
            links,
            images: images(app, product),
        })
    };
    Ok(items.iter().filter_map(publication).collect())
}

/// The link to a file: it stays the same, and each time leads to a new link to the bytes.
fn download(app: &App, path: &str, build: &ReleasedBuild, file: &BuildFile) -> Link {
    let mut query = Serializer::new(String::new());
    query.append_pair("build_id", &build.id.to_string()).append_pair("file", &file.name);
    let address = addresses::own(app, &format!("{path}/download?{}", query.finish()));
    Link::new(ACQUISITION, media_type(&file.name), address).titled(&file.name)
}
