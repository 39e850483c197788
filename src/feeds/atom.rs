//! An Atom feed (RFC 4287) as it is written; prices stand in the elements of Google's product feeds, which many programs
//! know.
use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

use super::{addresses::Address, xml::Xml};
use crate::error::Result;

/// The media type of a feed.
pub(super) const MEDIA_TYPE: &str = "application/atom+xml; charset=utf-8";
/// That of the links to it.
const LINKED: &str = "application/atom+xml";
const ATOM: &str = "http://www.w3.org/2005/Atom";
const PRICES: &str = "http://base.google.com/ns/1.0";

/// A feed, or a page of it.
pub(super) struct Feed {
    pub(super) id: Uuid,
    pub(super) title: String,
    /// Of the texts, BCP 47.
    pub(super) language: String,
    /// The store's name.
    pub(super) author: String,
    /// Where it is.
    pub(super) address: String,
    /// Where it begins.
    pub(super) first: String,
    /// Where the next page is (RFC 5005).
    pub(super) next: Option<String>,
    pub(super) entries: Vec<Entry>,
}

/// Something that is told.
pub(super) struct Entry {
    pub(super) id: Uuid,
    pub(super) title: String,
    pub(super) published_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) address: Address,
    pub(super) author: Option<String>,
    pub(super) summary: String,
    /// Its tags.
    pub(super) categories: Vec<String>,
    pub(super) price: Option<EntryPrice>,
}

/// What a product costs, as people read it.
pub(super) struct EntryPrice {
    /// Without a sale.
    pub(super) base: String,
    pub(super) sale: Option<EntrySale>,
}

/// What it costs while a sale runs.
pub(super) struct EntrySale {
    pub(super) price: String,
    pub(super) starts_at: DateTime<Utc>,
    pub(super) ends_at: DateTime<Utc>,
}

impl Feed {
    /// The document.
    pub(super) fn document(&self) -> Result<Vec<u8>> {
        let mut xml = Xml::new()?;
        xml.open("feed", &[("xmlns", ATOM), ("xmlns:g", PRICES), ("xml:lang", &self.language)])?;
        xml.text("id", &urn(self.id))?;
        xml.text("title", &self.title)?;
        xml.text("updated", &time(self.updated_at()))?;
        person(&mut xml, &self.author)?;
        link(&mut xml, "self", LINKED, &self.address)?;
        link(&mut xml, "first", LINKED, &self.first)?;
        if let Some(next) = &self.next {
            link(&mut xml, "next", LINKED, next)?;
        }
        for entry in &self.entries {
            entry.write(&mut xml)?;
        }
        xml.close("feed")?;
        Ok(xml.finish())
    }

    /// Of the latest entry; one that stays the same where there is none.
    fn updated_at(&self) -> DateTime<Utc> {
        self.entries.iter().map(|entry| entry.updated_at).max().unwrap_or(DateTime::UNIX_EPOCH)
    }
}

impl Entry {
    fn write(&self, xml: &mut Xml) -> Result<()> {
        xml.open("entry", &[])?;
        xml.text("id", &urn(self.id))?;
        xml.text("title", &self.title)?;
        xml.text("published", &time(self.published_at))?;
        xml.text("updated", &time(self.updated_at))?;
        if let Some(author) = &self.author {
            person(xml, author)?;
        }
        link(xml, "alternate", self.address.kind, &self.address.url)?;
        for category in &self.categories {
            xml.empty("category", &[("term", category)])?;
        }
        if !self.summary.is_empty() {
            xml.text("summary", &self.summary)?;
        }
        if let Some(price) = &self.price {
            price.write(xml)?;
        }
        xml.close("entry")
    }
}

impl EntryPrice {
    fn write(&self, xml: &mut Xml) -> Result<()> {
        xml.text("g:price", &self.base)?;
        if let Some(sale) = &self.sale {
            xml.text("g:sale_price", &sale.price)?;
            let dates = format!("{}/{}", time(sale.starts_at), time(sale.ends_at));
            xml.text("g:sale_price_effective_date", &dates)?;
        }
        Ok(())
    }
}

fn person(xml: &mut Xml, name: &str) -> Result<()> {
    xml.open("author", &[])?;
    xml.text("name", name)?;
    xml.close("author")
}

fn link(xml: &mut Xml, relation: &str, kind: &str, address: &str) -> Result<()> {
    xml.empty("link", &[("rel", relation), ("type", kind), ("href", address)])
}

fn urn(id: Uuid) -> String {
    id.urn().to_string()
}

/// RFC 3339.
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
