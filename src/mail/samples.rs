//! Every mail as it might be sent: for whoever looks at them, and to find a template that writes none.
use chrono::{DateTime, Utc};

use super::{
    account::{AccountTold, LETTERS},
    gift::{GiftTold, gift},
    notice::{Notice, notice},
    receipt::{Receipt, receipt},
    templates::{Letter, Templates},
    withdrawal::{Withdrawn, withdrawal},
};
use crate::{
    config::{self, Config},
    error::Result,
    languages::Language,
    values::{Currency, Money},
};

/// Noon of 22 November 2026, in seconds since 1970.
const NOON: i64 = 1_795_348_800;

/// The store that the mails come from, and when.
#[derive(Clone, Debug)]
pub struct Example {
    /// The store's name.
    pub store: String,
    /// What its prices are in.
    pub currency: Currency,
    /// When what they tell happened.
    pub at: DateTime<Utc>,
}

/// A mail.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What it is called.
    pub name: &'static str,
    /// What it says.
    pub letter: Letter,
    /// Whether it can be unsubscribed from.
    pub is_news: bool,
}

impl Example {
    /// The store of the settings.
    pub fn of(config: &Config) -> Self {
        let config::Store { name, currency, .. } = &config.store;
        let at = DateTime::from_timestamp(NOON, 0).unwrap_or_default();
        Self { store: name.clone(), currency: currency.clone(), at }
    }

    /// An address of the store.
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:8080{path}")
    }

    /// An amount of its currency, in the smallest unit.
    pub fn money(&self, amount: i64) -> Money {
        Money { amount, currency: self.currency.clone() }
    }

    #[cfg(test)]
    pub(super) fn of_tests() -> Self {
        Self::of(&Config::default())
    }
}

/// A mail from every template in a language, in the order of the templates. What people chose themselves holds markup.
pub fn samples(templates: &Templates, language: Language, example: &Example) -> Result<Vec<Sample>> {
    let one = |name, letter| Sample { name, letter, is_news: false };
    let mut all = vec![
        one("receipt", receipt(templates, language, &Receipt::sample(example))?),
        one("withdrawal", withdrawal(templates, language, &Withdrawn::sample(example))?),
    ];
    let told = AccountTold::sample(example);
    for letter in LETTERS {
        all.push(one(letter.template(), letter.write(templates, language, &told)?));
    }
    let noticed = notice(templates, language, &Notice::sample(example))?;
    all.push(Sample { is_news: true, ..one("notification", noticed) });
    all.push(one("gift", gift(templates, language, &GiftTold::sample(example))?));
    Ok(all)
}
