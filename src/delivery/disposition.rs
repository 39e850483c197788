//! What a browser is told of a file: that it is to be saved, under which name, and what it is.
use std::fmt::Write;

/// `Content-Disposition` (RFC 6266): the name in ASCII for old clients, and as it is (RFC 8187) where that differs.
pub(super) fn attachment(name: &str) -> String {
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let mut value = format!("attachment; filename=\"{plain}\"");
    if plain != name {
        value.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            if is_attr_char(byte) {
                value.push(char::from(byte));
            } else {
                // Writing to a string can't fail.
                let _ = write!(value, "%{byte:02X}");
            }
        }
    }
    value
}

/// What every client reads alike between quotes: RFC 6266 appendix D advises against `%` and what needs a backslash.
fn is_plain(c: char) -> bool {
    (c.is_ascii_graphic() || c == ' ') && !matches!(c, '"' | '\\' | '%')
}

/// RFC 8187 §3.2.1.
fn is_attr_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte)
}

/// The media type of a name: those that readers and systems open by it, none that a browser runs.
pub fn media_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("epub") => "application/epub+zip",
        Some("pdf") => "application/pdf",
        Some("zip") => "application/zip",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_arrive_as_they_are() {
        assert_eq!(attachment("moby dick.epub"), "attachment; filename=\"moby dick.epub\"");
        assert_eq!(
            attachment("a \"b\" 100%.zip"),
            "attachment; filename=\"a _b_ 100_.zip\"; filename*=UTF-8''a%20%22b%22%20100%25.zip"
        );
        assert_eq!(
            attachment("über🎮'*.bin"),
            "attachment; filename=\"_ber_'*.bin\"; filename*=UTF-8''%C3%BCber%F0%9F%8E%AE%27%2A.bin"
        );
    }
}
