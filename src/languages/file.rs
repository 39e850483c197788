//! The Fluent files of one language.
use std::{
    collections::HashMap,
    sync::{LazyLock, OnceLock},
};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser::parse_runtime,
};

use super::{ALL, Gap};

/// What a text is part of: each is a file of a language, with keys of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `title` and `detail` of problem documents.
    Problems,
    /// Sentences on one field, which follow its name.
    Faults,
    /// The store's own pages.
    Pages,
    /// What is mailed.
    Mail,
    /// Receipts.
    Receipt,
    /// What accounts are told.
    Notifications,
}

/// The files of a language: read when they are first used, for most stores speak few of them.
pub(super) struct Files {
    pub(super) tag: &'static str,
    problems: File,
    faults: File,
    pages: File,
    mail: File,
    receipt: File,
    notifications: File,
}

struct File {
    source: &'static str,
    bundle: OnceLock<FluentBundle<FluentResource>>,
}

impl File {
    const fn new(source: &'static str) -> Self {
        Self { source, bundle: OnceLock::new() }
    }
}

/// English sentences and their keys.
type Keys = HashMap<String, &'static str>;

static PROBLEMS: LazyLock<Keys> = LazyLock::new(|| keys(Part::Problems));
static FAULTS: LazyLock<Keys> = LazyLock::new(|| keys(Part::Faults));

impl Part {
    /// The key under which a sentence of the code is translated.
    pub(super) fn key(self, english: &str) -> Option<&'static str> {
        let keys = match self {
            Self::Problems => &PROBLEMS,
            Self::Faults => &FAULTS,
            // What is said there is asked for by key.
            Self::Pages | Self::Mail | Self::Receipt | Self::Notifications => return None,
        };
        keys.get(english).copied()
    }
}

impl Files {
    pub(super) const fn new(
        tag: &'static str,
        [problems, faults, pages, mail, receipt, notifications]: [&'static str; 6],
    ) -> Self {
        Self {
            tag,
            problems: File::new(problems),
            faults: File::new(faults),
            pages: File::new(pages),
            mail: File::new(mail),
            receipt: File::new(receipt),
            notifications: File::new(notifications),
        }
    }

    const fn file(&self, part: Part) -> &File {
        match part {
            Part::Problems => &self.problems,
            Part::Faults => &self.faults,
            Part::Pages => &self.pages,
            Part::Mail => &self.mail,
            Part::Receipt => &self.receipt,
            Part::Notifications => &self.notifications,
        }
    }

    pub(super) fn text(&self, part: Part, key: &str, gaps: &[(&str, Gap)]) -> Option<String> {
        let file = self.file(part);
        let bundle = file.bundle.get_or_init(|| read(self.tag, file.source));
        let pattern = bundle.get_message(key)?.value()?;
        let mut arguments = FluentArgs::with_capacity(gaps.len());
        for (name, gap) in gaps {
            let value = match gap {
                Gap::Number(number) => FluentValue::from(*number),
                Gap::Text(text) => FluentValue::from(text.as_str()),
            };
            arguments.set(*name, value);
        }
        let mut faults = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&arguments), &mut faults).into_owned();
        faults.is_empty().then_some(text)
    }
}

/// What can't be read of a file is left out, and told in English; a test reads every file.
fn read(tag: &str, source: &str) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(tag.parse().into_iter().collect());
    // Nothing is written from right to left, and a mail program would show the marks.
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(readable, _)| readable);
    if let Err(faults) = bundle.add_resource(resource) {
        tracing::warn!(tag, ?faults, "keys of a language are doubled");
    }
    bundle
}

fn keys(part: Part) -> Keys {
    let [english, ..] = &ALL;
    let read = parse_runtime(english.file(part).source).unwrap_or_else(|(readable, _)| readable);
    let messages = read.body.into_iter().filter_map(|entry| match entry {
        Entry::Message(message) => Some((english_of(&message.value?)?, message.id.name)),
        _ => None,
    });
    messages.collect()
}

/// The text of a pattern that is one sentence with gaps, as [`Sentence`](super::Sentence) writes it.
fn english_of(pattern: &Pattern<&'static str>) -> Option<String> {
    let part = |element: &PatternElement<&'static str>| match element {
        PatternElement::TextElement { value } => Some((*value).to_owned()),
        PatternElement::Placeable {
            expression: Expression::Inline(InlineExpression::VariableReference { id }),
        } => Some(format!("{{ ${} }}", id.name)),
        PatternElement::Placeable { .. } => None,
    };
    pattern.elements.iter().map(part).collect()
}
