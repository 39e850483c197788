//! The words that whoever guesses an account's password tries first: whose it is, and where.
use crate::{
    app::App,
    error::{Error, Fault, Result},
    values::NewPassword,
};

/// Characters below which a word tells a guesser nothing.
const SHORTEST: usize = 3;
/// Words that are looked at: more than any address and name have that somebody uses.
const MOST: usize = 40;

/// 422 `too_weak` at `field` for a new password that the store's name, its owner's address or name lead to.
pub(super) fn refuse_obvious(
    app: &App,
    email: &str,
    display_name: &str,
    new: &NewPassword,
    field: &str,
) -> Result<()> {
    let words = words(&[&app.config.store.name, email, display_name]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    new.withstands(&words).map_err(|invalid| Error::Invalid(vec![Fault::of(field, invalid)]))
}

/// The texts whole, between their spaces and at-signs, joined, and every word of them.
fn words(texts: &[&str]) -> Vec<String> {
    let mut words = Vec::new();
    for text in texts {
        let parts = text.split(|c: char| !c.is_alphanumeric());
        words.push(parts.clone().collect());
        words.push((*text).to_owned());
        words.extend(text.split(['@', ' ']).map(str::to_owned));
        words.extend(parts.map(str::to_owned));
    }
    words.retain(|word| word.chars().count() >= SHORTEST);
    words.truncate(MOST);
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_name_is_known_whole_and_in_its_parts() {
        let words = words(&["Mist", "zenobia.quill@mail.example.com", "Zenobia Q. Quill"]);
        for word in [
            "Mist",
            "zenobia.quill@mail.example.com",
            "zenobia.quill",
            "mail.example.com",
            "quill",
            "ZenobiaQQuill",
            "Zenobia",
        ] {
            assert!(words.iter().any(|known| known == word), "{word} is not among {words:?}");
        }
        assert!(!words.iter().any(|known| known == "Q"), "{words:?}");
    }
}
