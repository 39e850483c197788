//! A gift: who gives what, and the link by which it is claimed.
use minijinja::context;

use super::{
    samples::Example,
    templates::{Letter, Templates},
};
use crate::{error::Result, languages::Language};

/// What the mail of a gift tells. Its reader may be a stranger to the store.
#[derive(Clone, Debug)]
pub struct GiftTold {
    /// The store's name.
    pub store: String,
    /// Who gives, on one line.
    pub giver: String,
    /// What is given, as it was called when it was bought.
    pub titles: Vec<String>,
    /// The giver's words, plain text.
    pub message: Option<String>,
    /// Where it is claimed.
    pub url: String,
}

/// Writes the mail of a gift.
pub fn gift(templates: &Templates, language: Language, told: &GiftTold) -> Result<Letter> {
    let GiftTold { store, giver, titles, message, url } = told;
    // Empty lines would end a quotation, and look like the store's own words behind it.
    let lines = message.as_deref().into_iter().flat_map(str::lines).filter(|line| !line.trim().is_empty());
    let message: Vec<String> = lines.map(str::to_owned).collect();
    templates.letter(language, "gift", context! { store, giver, titles, message, url })
}

impl GiftTold {
    /// All that it can tell.
    pub(super) fn sample(example: &Example) -> Self {
        Self {
            store: example.store.clone(),
            giver: "Ada & <b>Co</b>".to_owned(),
            titles: vec!["Moby-Dick".to_owned(), "Signs & <Wonders>".to_owned()],
            message: Some("Happy birthday!\n\nYours, <i>Ada</i>".to_owned()),
            url: example.url("/gifts/claim?token=abc"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gift_says_who_gives_what_and_where_it_is_claimed() {
        let letter = gift(
            &Templates::built_in().unwrap(),
            Language::english(),
            &GiftTold::sample(&Example::of_tests()),
        )
        .unwrap();
        assert_eq!(letter.subject, "Mist: Ada & <b>Co</b> has a gift for you");
        insta::assert_snapshot!(letter.text, @r"
        Hello,

        Ada & <b>Co</b> bought this for you at Mist:

        - Moby-Dick
        - Signs & <Wonders>

        With these words:

        > Happy birthday!
        > Yours, <i>Ada</i>

        Sign in or register, and take it into your library by this link, which works once:

        http://localhost:8080/gifts/claim?token=abc

        Whoever has the link can claim it. If you do not know who sent this, ignore this mail.
        ");
        assert!(letter.html.contains("Signs &amp; &lt;Wonders&gt;"), "{}", letter.html);
        assert!(!letter.html.contains("<i>") && !letter.html.contains("<b>"), "{}", letter.html);
        let bare = GiftTold { message: None, ..GiftTold::sample(&Example::of_tests()) };
        let letter = gift(&Templates::built_in().unwrap(), Language::english(), &bare).unwrap();
        assert!(!letter.text.contains("words") && !letter.html.contains("blockquote"), "{}", letter.text);
    }
}
