//! That a withdrawal was received: the acknowledgement on a durable medium (Directive 2011/83/EU, article 11a).
use chrono::{DateTime, Duration, Utc};
use minijinja::context;

use super::{
    samples::Example,
    templates::{Letter, Templates},
    written,
};
use crate::{error::Result, languages::Language, values::Money};

/// What the acknowledgement tells.
#[derive(Clone, Debug)]
pub struct Withdrawn {
    /// The store's name.
    pub store: String,
    /// The order's number.
    pub number: String,
    /// What was declared.
    pub statement: String,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// From what.
    pub lines: Vec<WithdrawnLine>,
    /// What goes back.
    pub refund: Money,
}

/// One product that was withdrawn from.
#[derive(Clone, Debug)]
pub struct WithdrawnLine {
    /// As it was called when it was bought.
    pub title: String,
    /// What was paid for it.
    pub total: Money,
}

/// Writes an acknowledgement.
pub fn withdrawal(templates: &Templates, language: Language, told: &Withdrawn) -> Result<Letter> {
    let money = |money: &Money| written::money(language, money);
    let line = |line: &WithdrawnLine| context! { title => line.title.as_str(), total => money(&line.total) };
    let context = context! {
        store => told.store.as_str(),
        number => told.number.as_str(),
        statement => told.statement.as_str(),
        received_at => written::second(language, told.received_at),
        lines => told.lines.iter().map(line).collect::<Vec<_>>(),
        refund => money(&told.refund),
    };
    templates.letter(language, "withdrawal", context)
}

impl Withdrawn {
    /// All that it can tell.
    pub(super) fn sample(example: &Example) -> Self {
        let money = |amount| example.money(amount);
        Self {
            store: example.store.clone(),
            number: "M-2026-000042".to_owned(),
            statement: "I, Ada, withdraw.".to_owned(),
            received_at: example.at + Duration::seconds(7),
            lines: vec![WithdrawnLine { title: "Signs & <Wonders>".to_owned(), total: money(1500) }],
            refund: money(1500),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledgement_says_what_was_received_and_when() {
        let letter = withdrawal(
            &Templates::built_in().unwrap(),
            Language::english(),
            &Withdrawn::sample(&Example::of_tests()),
        )
        .unwrap();
        assert_eq!(letter.subject, "Mist: your withdrawal from order M-2026-000042 was received");
        insta::assert_snapshot!(letter.text, @r"
        We received your withdrawal on 22 November 2026, 12:00:07 UTC. It says:

        I, Ada, withdraw.

        - Signs & <Wonders>: 15.00 USD

        Goes back to you: 15.00 USD

        The money goes back the way it was paid. Keep this mail: it proves that and when you withdrew.
        ");
        assert!(letter.html.contains("Signs &amp; &lt;Wonders&gt;"), "{}", letter.html);
    }
}
