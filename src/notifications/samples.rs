//! Every notification as it might be mailed: for whoever looks at them.
use super::kinds::{Class, Kind};
use crate::{
    error::Result,
    languages::{Gap, Language, Part},
    mail::{self, Example, Notice, Sample, Templates},
};

/// A mail of every kind that is mailed as a notification, in a language. The product's name holds markup.
pub fn samples(templates: &Templates, language: Language, example: &Example) -> Result<Vec<Sample>> {
    let mailed = Kind::ALL.iter().filter(|kind| kind.class() != Class::SafetyByLetter);
    mailed.map(|kind| sample(templates, language, example, *kind)).collect()
}

fn sample(templates: &Templates, language: Language, example: &Example, kind: Kind) -> Result<Sample> {
    let gaps = gaps(language, example);
    let name = kind.as_str();
    let text = |part: &str| {
        let key = format!("{}-{part}", name.replace('_', "-"));
        language.text(Part::Notifications, &key, &gaps).unwrap_or_else(|| name.to_owned())
    };
    let leads = matches!(kind.class(), Class::Purchase | Class::News);
    let notice = Notice {
        store: example.store.clone(),
        title: text("title"),
        body: text("body"),
        url: leads.then(|| example.url("/library")),
        unsubscribe_url: kind.is_news().then(|| example.url("/unsubscribe?token=abc")),
    };
    Ok(Sample { name, letter: mail::notice(templates, language, &notice)?, is_news: kind.is_news() })
}

/// Something for every gap that a text has.
fn gaps(language: Language, example: &Example) -> Vec<(&'static str, Gap)> {
    let money = |amount| Gap::Text(mail::money(language, &example.money(amount)));
    let mut gaps = vec![
        ("product", Gap::from("Signs & <b>Wonders</b>")),
        ("number", "M-2026-000042".into()),
        ("version", "1.2.0".into()),
        ("amount", money(800)),
        ("before", money(1500)),
        ("at", Gap::Text(mail::minute(language, example.at))),
        ("reason", "wrong_amount".into()),
        ("host", "hooks.example.com".into()),
        ("orders", Gap::Number(1)),
    ];
    gaps.extend(["available", "violations", "gifts", "released"].map(|name| (name, Gap::Number(2))));
    gaps
}
