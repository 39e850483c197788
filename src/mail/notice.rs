//! A notification as a mail.
use minijinja::context;

use super::templates::{Letter, letter};
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
pub fn notice(language: Language, told: &Notice) -> Result<Letter> {
    let Notice { store, title, body, url, unsubscribe_url } = told;
    letter(language, "notification", context! { store, title, body, url, unsubscribe_url })
}

#[cfg(test)]
impl Notice {
    pub(super) fn sample() -> Self {
        Self {
            store: "Mist".to_owned(),
            title: "Signs & <Wonders> costs less".to_owned(),
            body: "It costs 8.00 USD.".to_owned(),
            url: Some("http://localhost:8080/library".to_owned()),
            unsubscribe_url: Some("http://localhost:8080/unsubscribe?token=abc".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_says_where_it_leads_and_how_it_ends() {
        let letter = notice(Language::english(), &Notice::sample()).unwrap();
        assert_eq!(letter.subject, "Mist: Signs & <Wonders> costs less");
        insta::assert_snapshot!(letter.text, @r"
        Hello,

        It costs 8.00 USD.

        http://localhost:8080/library

        To get no more mails like this one, open this address:
        http://localhost:8080/unsubscribe?token=abc
        ");
        assert!(letter.html.contains("Signs &amp; &lt;Wonders&gt;"), "{}", letter.html);
        let bare = Notice { url: None, unsubscribe_url: None, ..Notice::sample() };
        let letter = notice(Language::english(), &bare).unwrap();
        assert!(letter.text.trim_end().ends_with("8.00 USD."), "{}", letter.text);
    }
}
