//! `mist mail preview`: mails as they would be, on the screen or as files.
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use mist::{
    config::Config,
    languages::Language,
    mail::{self, Example, Sample, Templates},
    notifications,
};

use super::told;

/// Of all notifications; each of them has a mail of its own here.
const GENERAL: &str = "notification";

#[derive(Args)]
pub(crate) struct Preview {
    /// Only this mail, such as receipt or order_refunded.
    kind: Option<String>,
    /// Only in this language, such as de.
    #[arg(long, value_name = "TAG", value_parser = language)]
    language: Option<Language>,
    /// Write text and HTML of each into this folder, and a page that shows all of a language.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

fn language(tag: &str) -> Result<Language, String> {
    let tags = || Language::all().map(Language::tag).collect::<Vec<_>>().join(", ");
    Language::all().find(|language| language.tag() == tag).ok_or_else(|| format!("one of {}", tags()))
}

pub(crate) fn run(settings: &Config, preview: &Preview) -> Result<(), String> {
    let templates = Templates::open(settings).map_err(told)?;
    let example = Example::of(settings);
    let mut shown = 0;
    for language in Language::all().filter(|one| preview.language.is_none_or(|wanted| wanted == *one)) {
        let mut all = mail::samples(&templates, language, &example).map_err(told)?;
        all.extend(notifications::samples(&templates, language, &example).map_err(told)?);
        all.retain(|sample| sample.name != GENERAL);
        if let Some(kind) = &preview.kind {
            let names: Vec<&str> = all.iter().map(|sample| sample.name).collect();
            if !names.contains(&kind.as_str()) {
                return Err(format!("There is no mail {kind}, but {}.", names.join(", ")));
            }
            all.retain(|sample| sample.name == kind);
        }
        shown += all.len();
        match &preview.out {
            Some(folder) => {
                let folder = folder.join(language.tag());
                write(&folder, language, &all).map_err(|error| format!("{}: {error}", folder.display()))?;
            }
            None => all.iter().for_each(|sample| print(language, sample)),
        }
    }
    if let Some(folder) = &preview.out {
        println!("{shown} mails are in {}.", folder.display());
    }
    Ok(())
}

fn print(language: Language, Sample { name, letter, .. }: &Sample) {
    println!("== {name} ({})\nSubject: {}\n\n{}", language.tag(), letter.subject, letter.text);
}

fn write(folder: &Path, language: Language, all: &[Sample]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    for Sample { name, letter, .. } in all {
        fs::write(folder.join(format!("{name}.txt")), format!("{}\n\n{}", letter.subject, letter.text))?;
        fs::write(folder.join(format!("{name}.html")), &letter.html)?;
    }
    fs::write(folder.join("index.html"), sheet(language, all))
}

/// A page of all of them, side by side.
fn sheet(language: Language, all: &[Sample]) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n<title>Mails</title>\n<style>\n\
         body {{ margin: 1em; font-family: sans-serif; display: grid; gap: 1em;\n\
         \x20 grid-template-columns: repeat(auto-fill, minmax(22em, 1fr)) }}\n\
         figure {{ margin: 0; border: 1px solid #bbb }}\n\
         figcaption {{ padding: 0.3em 0.6em; background: #eee; font-size: 0.8em }}\n\
         iframe {{ width: 100%; height: 24em; border: 0 }}\n</style>\n",
        language.tag()
    );
    for Sample { name, .. } in all {
        // Writing to a text does not fail.
        let _ = writeln!(
            page,
            "<figure><figcaption>{name}</figcaption><iframe src=\"{name}.html\" title=\"{name}\"></iframe></figure>"
        );
    }
    page
}
