//! The files of `locales/`: the same keys and gaps in every language, and no key that nothing says.
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser::parse,
};

/// The file that the others are compared with.
const ENGLISH: &str = "en";
const PARTS: [&str; 6] = ["problems", "faults", "pages", "mail", "receipt", "notifications"];

/// What a message says, each gap as `{ $name }`, and the names of its gaps.
type Message = (String, BTreeSet<String>);

pub(super) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn languages() -> Vec<String> {
    let folders = fs::read_dir(root().join("locales")).unwrap();
    folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

pub(super) fn english(part: &str) -> BTreeMap<String, Message> {
    messages(ENGLISH, part)
}

fn messages(language: &str, part: &str) -> BTreeMap<String, Message> {
    let file = root().join("locales").join(language).join(format!("{part}.ftl"));
    let source = fs::read_to_string(&file).unwrap();
    let read = parse(source.as_str()).unwrap_or_else(|(_, faults)| panic!("{}: {faults:?}", file.display()));
    let mut messages = BTreeMap::new();
    for entry in read.body {
        match entry {
            Entry::Message(message) => {
                let key = message.id.name.to_owned();
                let mut said = (String::new(), BTreeSet::new());
                collect(&message.value.unwrap(), &mut said);
                assert!(messages.insert(key.clone(), said).is_none(), "{}: {key} twice", file.display());
            }
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
            other => panic!("{}: {other:?}", file.display()),
        }
    }
    messages
}

fn collect(pattern: &Pattern<&str>, said: &mut Message) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => said.0.push_str(value),
            PatternElement::Placeable { expression: Expression::Inline(inline) } => inlined(inline, said),
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                inlined(selector, said);
                variants.iter().for_each(|variant| collect(&variant.value, said));
            }
        }
    }
}

fn inlined(inline: &InlineExpression<&str>, said: &mut Message) {
    match inline {
        InlineExpression::VariableReference { id } => {
            said.0.push_str(&format!("{{ ${} }}", id.name));
            said.1.insert(id.name.to_owned());
        }
        InlineExpression::StringLiteral { .. } => {}
        other => panic!("texts know no {other:?}"),
    }
}

#[test]
fn every_language_has_the_keys_and_the_gaps_of_english() {
    for (part, language) in PARTS.iter().flat_map(|part| languages().into_iter().map(move |one| (part, one)))
    {
        let gaps = |language: &str| -> BTreeMap<String, BTreeSet<String>> {
            messages(language, part).into_iter().map(|(key, (_, gaps))| (key, gaps)).collect()
        };
        assert_eq!(gaps(&language), gaps(ENGLISH), "locales/{language}/{part}.ftl");
    }
}

#[test]
fn every_folder_of_texts_is_built_in() {
    let spoken: BTreeSet<&str> = mist::languages::Language::all().map(|language| language.tag()).collect();
    assert_eq!(spoken, languages().iter().map(String::as_str).collect());
}

#[test]
fn what_is_translated_is_not_left_in_english() {
    // Words that are alike in two languages, and texts that are gaps alone.
    const ALIKE: [&str; 5] = ["receipt-total", "pair", "money", "group-mark", "decimal-mark"];
    for language in languages().iter().filter(|language| *language != ENGLISH) {
        for part in PARTS {
            let english = english(part);
            for (key, (said, _)) in messages(language, part) {
                let same = english.get(&key).is_some_and(|(text, _)| *text == said);
                assert!(!same || ALIKE.contains(&key.as_str()), "locales/{language}/{part}.ftl: {key}");
            }
        }
    }
}

/// The texts of the files below a folder that end like this.
fn sources(folder: &Path, ending: &str) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.push_str(&sources(&path, ending));
        } else if path.to_str().unwrap().ends_with(ending) {
            all.push_str(&fs::read_to_string(path).unwrap());
        }
    }
    all
}

/// That a text is asked for by a key that does not exist is found where templates are rendered.
#[test]
fn every_text_of_pages_and_mails_is_said_somewhere() {
    let pages = sources(&root().join("templates/pages"), ".html")
        + &sources(&root().join("src"), "pages_api.rs")
        + &fs::read_to_string(root().join("src/web/pages.rs")).unwrap();
    let mail = sources(&root().join("templates/mail"), "")
        + &sources(&root().join("src/mail"), ".rs")
        // A statement is shown before it is mailed.
        + &fs::read_to_string(root().join("src/checkout/withdrawals.rs")).unwrap();
    let receipt = sources(&root().join("src/checkout/receipts"), ".rs");
    for (part, source) in [("pages", pages), ("mail", mail), ("receipt", receipt)] {
        for key in english(part).keys() {
            let of_page = key.strip_suffix("-title").unwrap_or(key);
            let said = [key, of_page].iter().any(|key| source.contains(&format!("\"{key}\"")));
            assert!(said, "locales/en/{part}.ftl: nothing says {key}");
        }
    }
}
