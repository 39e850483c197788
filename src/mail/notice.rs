//! A notification as a mail.
use minijinja::context;

use super::{
    samples::Example,
    templates::{Letter, Templates},
};
use crate::{error::Result, languages::Language};

/// What a notification says.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The store's name.
    pub store: String,
    /// One line, in the language of the mail.
    pub title: String,
    /// Plain text, in the language of the mail.
    pub body: String,
    /// Where there is more of it.
    pub url: Option<String>,
    /// The page by which such mails are ended; none of what belongs to the business or keeps the account safe.
    pub unsubscribe_url: Option<String>,
}

/// Writes a notification.
pub fn notice(templates: &Templates, language: Language, told: &Notice) -> Result<Letter> {
    let Notice { store, title, body, url, unsubscribe_url } = told;
    templates.letter(language, "notification", context! { store, title, body, url, unsubscribe_url })
}

impl Notice {
    /// All that it can tell.
    pub(super) fn sample(example: &Example) -> Self {
        Self {
            store: example.store.clone(),
            title: "Signs & <Wonders> costs less".to_owned(),
            body: "It costs 8.00 USD.".to_owned(),
            url: Some(example.url("/library")),
            unsubscribe_url: Some(example.url("/unsubscribe?token=abc")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_says_where_it_leads_and_how_it_ends() {
        let letter = notice(
            &Templates::built_in().unwrap(),
            Language::english(),
            &Notice::sample(&Example::of_tests()),
        )
        .unwrap();
        assert_eq!(letter.subject, "Mist: Signs & <Wonders> costs less");
        insta::assert_snapshot!(letter.text, @r"
        Hello,

        It costs 8.00 USD.

        http://localhost:8080/library

        To get no more mails like this one, open this address:
        http://localhost:8080/unsubscribe?token=abc
        ");
        assert!(letter.html.contains("Signs &amp; &lt;Wonders&gt;"), "{}", letter.html);
        let bare = Notice { url: None, unsubscribe_url: None, ..Notice::sample(&Example::of_tests()) };
        let letter = notice(&Templates::built_in().unwrap(), Language::english(), &bare).unwrap();
        assert!(letter.text.trim_end().ends_with("8.00 USD."), "{}", letter.text);
    }
}
