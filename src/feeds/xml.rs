//! XML as it is written: escaped, and without the characters that no XML document can hold.
use std::borrow::Cow;

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use crate::error::{Error, Result};

/// Attributes of an element: names and values.
pub(super) type Attributes<'a> = &'a [(&'a str, &'a str)];

/// A document that is being written.
pub(super) struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// The declaration and nothing else.
    pub(super) fn new() -> Result<Self> {
        let mut xml = Self(Writer::new(Vec::new()));
        xml.write(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        Ok(xml)
    }

    /// Begins an element.
    pub(super) fn open(&mut self, name: &str, attributes: Attributes<'_>) -> Result<()> {
        self.write(Event::Start(element(name, attributes)))
    }

    /// Ends it.
    pub(super) fn close(&mut self, name: &str) -> Result<()> {
        self.write(Event::End(BytesEnd::new(name)))
    }

    /// An element that holds a text.
    pub(super) fn text(&mut self, name: &str, text: &str) -> Result<()> {
        self.open(name, &[])?;
        self.write(Event::Text(BytesText::new(&fit(text))))?;
        self.close(name)
    }

    /// An element that holds nothing.
    pub(super) fn empty(&mut self, name: &str, attributes: Attributes<'_>) -> Result<()> {
        self.write(Event::Empty(element(name, attributes)))
    }

    /// The document.
    pub(super) fn finish(self) -> Vec<u8> {
        self.0.into_inner()
    }

    fn write(&mut self, event: Event<'_>) -> Result<()> {
        self.0.write_event(event).map_err(Error::unexpected)
    }
}

fn element<'a>(name: &'a str, attributes: Attributes<'_>) -> BytesStart<'a> {
    let mut element = BytesStart::new(name);
    for (name, value) in attributes {
        element.push_attribute((*name, fit(value).as_ref()));
    }
    element
}

/// Without what is no `Char` of XML 1.0 (§2.2), however it is escaped.
fn fit(text: &str) -> Cow<'_, str> {
    let is_fit = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    if text.chars().all(is_fit) { text.into() } else { text.chars().filter(|c| is_fit(*c)).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_text_holds_the_document_stays_one() {
        let mut xml = Xml::new().unwrap();
        xml.open("a", &[("b", "\"<&>'\u{1}")]).unwrap();
        xml.text("c", "]]> <b>&amp;\u{0}\u{8}\u{b}\u{1f}\u{fffe}\u{ffff}\u{1f4d6}</b>").unwrap();
        xml.close("a").unwrap();
        let text = String::from_utf8(xml.finish()).unwrap();
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a b=\"&quot;&lt;&amp;&gt;&apos;\">\
             <c>]]&gt; &lt;b&gt;&amp;amp;\u{1f4d6}&lt;/b&gt;</c></a>";
        assert_eq!(text, expected);
    }
}
