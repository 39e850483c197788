//! The shapes of mails: `templates/mail/<name>.txt`, whose first line is the subject, and `<name>.html`. What they say is in
//! `locales/<language>/mail.ftl`.
use std::{fmt::Display, fs, path::Path};

use minijinja::{Environment, UndefinedBehavior, context, syntax::SyntaxConfig, value::Value};

use super::samples::{Example, samples};
use crate::{
    config::Config,
    error::{Error, Result},
    languages::{Language, Part, speak},
};

/// Whose folder is read in the place of what is built in.
const SETTING: &str = "mail.templates";

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

/// What every letter is written from: the shapes that are built in, or those of a folder in their place.
#[derive(Debug)]
pub struct Templates(Environment<'static>);

impl Templates {
    /// Those that are built in, and in their place those files of the folder of the settings that have their names. What does not write a
    /// letter in every language is told with its file, so that it is found before somebody is to get one.
    pub fn open(config: &Config) -> Result<Self> {
        let Some(folder) = &config.mail.templates else { return Self::built_in() };
        let mut environment = built_in().map_err(Error::unexpected)?;
        for (name, source) in files(folder)? {
            environment.add_template_owned(name, source).map_err(|error| broken(folder, error))?;
        }
        let templates = Self(environment);
        let example = Example::of(config);
        for language in Language::all() {
            samples(&templates, language, &example).map_err(|error| broken(folder, error))?;
        }
        Ok(templates)
    }

    /// Those that are built in.
    pub(super) fn built_in() -> Result<Self> {
        Ok(Self(built_in().map_err(Error::unexpected)?))
    }

    /// Writes a letter from its two templates, in a language.
    pub(super) fn letter(&self, language: Language, name: &str, told: Value) -> Result<Letter> {
        let told = context! { lang => language.tag(), ..told };
        let render = |file: String| {
            let template = self.0.get_template(&file).map_err(Error::unexpected)?;
            template.render(&told).map_err(Error::unexpected)
        };
        let text = render(format!("{name}.txt"))?;
        let (subject, text) = text
            .split_once("\n\n")
            .ok_or_else(|| Error::unexpected(format!("{name}.txt: no subject before an empty line")))?;
        let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        if subject.is_empty() {
            return Err(Error::unexpected(format!("{name}.txt: no subject in its first line")));
        }
        Ok(Letter { subject, text: text.to_owned(), html: render(format!("{name}.html"))? })
    }
}

fn built_in() -> Result<Environment<'static>, minijinja::Error> {
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
}

/// The templates of a folder: name and text of each.
fn files(folder: &Path) -> Result<Vec<(String, String)>> {
    let unreadable = |path: &Path, error: &dyn Display| {
        Error::unexpected(format!("{SETTING}: {}: {error}", path.display()))
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if name.starts_with('.') {
            continue;
        }
        if !TEMPLATES.iter().chain(PARTS).any(|(known, _)| *known == name) {
            return Err(unreadable(&path, &"no template has this name"));
        }
        let source = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        found.push((name, source));
    }
    Ok(found)
}

fn broken(folder: &Path, error: impl Display) -> Error {
    Error::unexpected(format!("{SETTING}: {}: {error}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Sample;

    #[test]
    fn every_template_renders_its_sample_in_every_language() {
        let templates = Templates::built_in().unwrap();
        for language in Language::all() {
            renders(&templates, language);
        }
    }

    fn renders(templates: &Templates, language: Language) {
        let letters = samples(templates, language, &Example::of_tests()).unwrap();
        let written: Vec<String> = letters
            .iter()
            .flat_map(|sample| [format!("{}.txt", sample.name), format!("{}.html", sample.name)])
            .collect();
        assert_eq!(TEMPLATES.iter().map(|(name, _)| *name).collect::<Vec<_>>(), written);
        for Sample { name, letter, .. } in letters {
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
