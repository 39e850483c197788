//! The sitemap (sitemaps.org): the page of every published product, in parts where one document can't hold them.

use uuid::Uuid;

use super::{addresses, atom::time, xml::Xml};
use crate::{
    app::App,
    catalog,
    error::Result,
    storefront::{Hit, Place, walk},
    web::Cursor,
};

/// The media type of a sitemap.
pub(super) const MEDIA_TYPE: &str = "application/xml; charset=utf-8";
/// Where it is.
const PATH: &str = "/feeds/sitemap.xml";
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
/// What its cursors are bound to.
const LIST: &str = "sitemap";
/// Products of one statement.
const PRODUCTS: usize = 500;

/// What of a part is left free when the index is made, one in so many: for what is published before the part is read.
const SPARE: usize = 5;

/// Behind which place a part begins, and at which it ends; none where the catalog does.
type Span = (Option<Place>, Option<Place>);

/// All addresses or, where there are more than one document holds, its index; the part that a cursor names.
pub(super) async fn document(app: &App, cursor: Option<&str>) -> Result<Vec<u8>> {
    let most = app.config.storefront.sitemap_addresses.get().into();
    let Some(cursor) = cursor else {
        let (hits, more) = walk(app, None, most).await?;
        return if more { index(app, most).await } else { part(app, &ids(&hits)).await };
    };
    let (after, until): Span = Cursor::read(&app.keys.cursor, LIST, cursor)?;
    let (mut hits, _) = walk(app, after, most).await?;
    if let Some(until) = until {
        hits.retain(|Hit { place, .. }| (&place.key, place.id) <= (&until.key, until.id));
    }
    part(app, &ids(&hits)).await
}

fn ids(hits: &[Hit]) -> Vec<Uuid> {
    hits.iter().map(|hit| hit.id).collect()
}

/// The addresses of products.
async fn part(app: &App, ids: &[Uuid]) -> Result<Vec<u8>> {
    let mut xml = Xml::new()?;
    xml.open("urlset", &[("xmlns", NAMESPACE)])?;
    if ids.is_empty() {
        // There must be one.
        xml.open("url", &[])?;
        xml.text("loc", &app.frontend_url("/"))?;
        xml.close("url")?;
    }
    for ids in ids.chunks(PRODUCTS) {
        let imprints = catalog::imprints(&app.db.read, ids).await?;
        for imprint in ids.iter().filter_map(|id| imprints.get(id)) {
            xml.open("url", &[])?;
            xml.text("loc", &addresses::product(app, &imprint.slug).url)?;
            xml.text("lastmod", &time(imprint.updated_at))?;
            xml.close("url")?;
        }
    }
    xml.close("urlset")?;
    Ok(xml.finish())
}

/// The addresses of the parts.
async fn index(app: &App, most: usize) -> Result<Vec<u8>> {
    let mut xml = Xml::new()?;
    xml.open("sitemapindex", &[("xmlns", NAMESPACE)])?;
    let mut span: Span = (None, None);
    loop {
        let (hits, more) = walk(app, span.0.clone(), most - most / SPARE).await?;
        span.1 = hits.last().filter(|_| more).map(|hit| hit.place.clone());
        let cursor = Cursor::write(&app.keys.cursor, LIST, &span)?;
        xml.open("sitemap", &[])?;
        // A cursor needs no escaping in a query.
        xml.text("loc", &addresses::own(app, &format!("{PATH}?cursor={cursor}")))?;
        xml.close("sitemap")?;
        if span.1.is_none() {
            break;
        }
        span.0 = span.1.take();
    }
    xml.close("sitemapindex")?;
    Ok(xml.finish())
}
