//! The shapes of mails: `templates/mail/<name>.txt`, whose first line is the subject, and `<name>.html`. What they say is in
//! `locales/<language>/mail.ftl`.
use std::sync::LazyLock;

use minijinja::{Environment, UndefinedBehavior, context, syntax::SyntaxConfig, value::Value};

use crate::{
    error::{Error, Result},
    languages::{Language, Part, speak},
};

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// For readers of plain text.
    pub text: String,
    /// For everybody else.
    pub html: String,
}

macro_rules! templates {
    ($($file:literal),* $(,)?) => {
        &[$(($file, include_str!(concat!("../../templates/mail/", $file)))),*]
    };
}

/// Every template; what ends in `.html` escapes what it is given.
const TEMPLATES: &[(&str, &str)] = templates![
    "receipt.txt",
    "receipt.html",
    "withdrawal.txt",
    "withdrawal.html",
    "verify_email.txt",
    "verify_email.html",
    "confirm_email.txt",
    "confirm_email.html",
    "email_changing.txt",
    "email_changing.html",
    "reset_password.txt",
    "reset_password.html",
    "password_changed.txt",
    "password_changed.html",
    "second_factor_removed.txt",
    "second_factor_removed.html",
    "new_device.txt",
    "new_device.html",
    "token_reused.txt",
    "token_reused.html",
    "notification.txt",
    "notification.html",
    "gift.txt",
    "gift.html",
];

/// What other templates are made of.
const PARTS: &[(&str, &str)] =
    templates!["layout.html", "greeting.txt", "device.html", "device.txt", "link.html"];

static ENVIRONMENT: LazyLock<Result<Environment<'static>, minijinja::Error>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?,
    );
    speak(&mut environment, Part::Mail);
    for (name, source) in TEMPLATES.iter().chain(PARTS) {
        environment.add_template(name, source)?;
    }
    Ok(environment)
});

/// Writes a letter from its two templates, in a language.
pub(super) fn letter(language: Language, name: &str, told: Value) -> Result<Letter> {
    let environment = ENVIRONMENT.as_ref().map_err(|error| Error::unexpected(error.to_string()))?;
    let told = context! { lang => language.tag(), ..told };
    let render = |file: String| {
        let template = environment.get_template(&file).map_err(Error::unexpected)?;
        template.render(&told).map_err(Error::unexpected)
    };
    let text = render(format!("{name}.txt"))?;
    let (subject, text) = text
        .split_once("\n\n")
        .ok_or_else(|| Error::unexpected(format!("{name}.txt: no subject before an empty line")))?;
    let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Letter { subject, text: text.to_owned(), html: render(format!("{name}.html"))? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{
        account::AccountLetter,
        gift::{self, GiftTold},
        notice::{self, Notice},
        receipt::{self, Receipt},
        withdrawal::{self, Withdrawn},
    };

    #[test]
    fn every_template_renders_its_sample_in_every_language() {
        for language in Language::all() {
            renders(language);
        }
    }

    fn renders(language: Language) {
        let mut letters = vec![("receipt", receipt::receipt(language, &Receipt::sample()).unwrap())];
        letters.push(("withdrawal", withdrawal::withdrawal(language, &Withdrawn::sample()).unwrap()));
        letters.extend(AccountLetter::samples(language));
        letters.push(("notification", notice::notice(language, &Notice::sample()).unwrap()));
        letters.push(("gift", gift::gift(language, &GiftTold::sample()).unwrap()));
        let written: Vec<String> =
            letters.iter().flat_map(|(name, _)| [format!("{name}.txt"), format!("{name}.html")]).collect();
        assert_eq!(TEMPLATES.iter().map(|(name, _)| *name).collect::<Vec<_>>(), written);
        for (name, letter) in letters {
            assert!(!letter.subject.contains('\n') && !letter.subject.is_empty(), "{name}");
            assert!(!letter.text.contains("\n\n\n"), "{name}: {}", letter.text);
            let opening = format!("<!doctype html>\n<html lang=\"{}\">", language.tag());
            assert!(letter.html.starts_with(&opening), "{name}: {}", letter.html);
            for told in [&letter.text, &letter.html] {
                assert!(!told.contains("{ ") && !told.contains("&amp;lt;"), "{name}: {told}");
            }
        }
    }
}
