//! The sitemap (sitemaps.org): the page of every published product, in parts where one document can't hold them.

use uuid::Uuid;

use super::{addresses, atom::time, xml::Xml};
use crate::{
    app::App,
    catalog,
    error::Result,
    storefront::{Place, walk},
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

/// All addresses or, where there are more than one document holds, its index; the part that begins at a cursor.
pub(super) async fn document(app: &App, cursor: Option<&str>) -> Result<Vec<u8>> {
    let most = app.config.storefront.sitemap_addresses.get().into();
    let Some(cursor) = cursor else {
        let (ids, rest) = walk(app, None, most).await?;
        return match rest {
            Some(rest) => index(app, rest, most).await,
            None => part(app, &ids).await,
        };
    };
    let place: Option<Place> = Cursor::read(&app.keys.cursor, LIST, cursor)?;
    let (ids, _) = walk(app, place, most).await?;
    part(app, &ids).await
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

/// The addresses of the parts; `second` is where the first ends.
async fn index(app: &App, second: Place, most: usize) -> Result<Vec<u8>> {
    let mut xml = Xml::new()?;
    xml.open("sitemapindex", &[("xmlns", NAMESPACE)])?;
    let mut next = Some(second);
    write_part(app, &mut xml, None)?;
    while let Some(place) = next {
        write_part(app, &mut xml, Some(&place))?;
        (_, next) = walk(app, Some(place), most).await?;
    }
    xml.close("sitemapindex")?;
    Ok(xml.finish())
}

fn write_part(app: &App, xml: &mut Xml, place: Option<&Place>) -> Result<()> {
    let cursor = Cursor::write(&app.keys.cursor, LIST, &place)?;
    xml.open("sitemap", &[])?;
    // A cursor needs no escaping in a query.
    xml.text("loc", &addresses::own(app, &format!("{PATH}?cursor={cursor}")))?;
    xml.close("sitemap")
}
