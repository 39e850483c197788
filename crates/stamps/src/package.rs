//! The package document of an EPUB: where it is, and how it comes to know of one page more.
use crate::{Result, Unstampable};

/// The path of the package document that a container names.
pub(crate) fn place(container: &str) -> Option<String> {
    let mut tags = container.split("rootfile").skip(1);
    let rest = tags.find(|rest| rest.starts_with(char::is_whitespace))?.split_once("full-path")?.1;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let path = rest.get(1..)?.split(quote).next()?;
    Some(path.replace("&amp;", "&"))
}

/// The document with a page of that id in its list of files and at the end of its order of reading, and with the line among
/// what it says of the book.
pub(crate) fn stamped(document: &str, id: &str, line: &str) -> Result<String> {
    let rights = |_: &str| {
        format!("<dc:rights xmlns:dc=\"http://purl.org/dc/elements/1.1/\">{}</dc:rights>", escaped(line))
    };
    let item = |prefix: &str| {
        format!("<{prefix}item id=\"{id}\" href=\"{id}.xhtml\" media-type=\"application/xhtml+xml\"/>")
    };
    let reference = |prefix: &str| format!("<{prefix}itemref idref=\"{id}\"/>");
    let document = at_end_of(document, "metadata", rights)?;
    let document = at_end_of(&document, "manifest", item)?;
    at_end_of(&document, "spine", reference)
}

/// Puts something at the end of the last element of a name, which is told the prefix that the name has there.
fn at_end_of(document: &str, name: &str, new: impl FnOnce(&str) -> String) -> Result<String> {
    let ends = document.rmatch_indices("</").filter_map(|(at, _)| {
        let tag = document.get(at + 2..)?.split('>').next()?.trim_end();
        let prefix = tag.strip_suffix(name)?;
        (prefix.is_empty() || prefix.ends_with(':')).then_some((at, prefix))
    });
    let (at, prefix) = ends
        .into_iter()
        .next()
        .ok_or_else(|| Unstampable::new(format!("its package has no end of {name}")))?;
    let (before, after) = document.split_at(at);
    Ok(format!("{before}{}{after}", new(prefix)))
}

/// A page that shows the line.
pub(crate) fn page(line: &str) -> String {
    let line = escaped(line);
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>{line}</title>\
         <meta name=\"viewport\" content=\"width=600, height=800\"/></head><body><p>{line}</p></body></html>\n"
    )
}

/// As text of XML, without what XML can't hold.
fn escaped(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    for letter in
        line.chars().filter(|letter| !letter.is_control() && !matches!(letter, '\u{FFFE}' | '\u{FFFF}'))
    {
        match letter {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            letter => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_names_the_package() {
        for (container, path) in [
            ("<rootfile full-path=\"a b/c&amp;d.opf\" media-type=\"x\"/>", Some("a b/c&d.opf")),
            ("<rootfiles><rootfile\n full-path=\"d.opf\"/></rootfiles>", Some("d.opf")),
            ("<c:rootfile media-type='x' full-path = 'c.opf'/>", Some("c.opf")),
            ("<rootfile media-type='x'/>", None),
            ("<rootfile full-path=c.opf/>", None),
        ] {
            assert_eq!(place(container).as_deref(), path, "{container}");
        }
    }

    #[test]
    fn what_is_new_stands_at_the_end_with_the_prefix_that_is_used() {
        let document = "<o:metadata>x</o:metadata><o:manifest></o:manifest ><o:spine></o:spine>";
        let stamped = stamped(document, "i", "Ada").unwrap();
        assert!(stamped.contains("Ada</dc:rights></o:metadata>"), "{stamped}");
        assert!(stamped.contains(
            "<o:item id=\"i\" href=\"i.xhtml\" media-type=\"application/xhtml+xml\"/></o:manifest >"
        ));
        assert!(stamped.contains("<o:itemref idref=\"i\"/></o:spine>"));
    }
}
