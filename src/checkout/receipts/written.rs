//! A document as its reader sees it: every word and amount of it written, before it becomes a page or is printed.
use serde::Serialize;

use super::facts::{Facts, Line};
use crate::{
    languages::{Gap, Language, Part},
    mail,
    values::{BasisPoints, Currency, Money},
};

/// What is written and printed: a receipt, a credit note.
pub(in crate::checkout) trait Paper: Send + 'static {
    /// It in a language.
    fn write(&self, language: Language) -> Written;
}

/// A document in a language.
#[derive(Debug, Serialize)]
pub(in crate::checkout) struct Written {
    /// What it is.
    pub(super) title: String,
    /// Who sells, line by line.
    pub(super) seller: Vec<String>,
    /// What it is about: names and what they stand for.
    pub(super) about: Vec<(String, String)>,
    /// The heads of the columns.
    pub(super) columns: [String; 4],
    /// A row for each product.
    pub(super) rows: Vec<[String; 4]>,
    /// Sums.
    pub(super) sums: Vec<(String, String)>,
    /// What was given back.
    pub(super) refunds: Vec<(String, String)>,
}

/// Writes what a document keeps, in a language.
pub(super) struct Writer<'a> {
    pub(super) facts: &'a Facts,
    pub(super) currency: &'a Currency,
    pub(super) language: Language,
}

impl Writer<'_> {
    pub(super) fn say(&self, key: &str) -> String {
        self.fill(key, &[])
    }

    /// A text with gaps; a test finds what a language lacks.
    pub(super) fn fill(&self, key: &str, gaps: &[(&str, Gap)]) -> String {
        self.language.text(Part::Receipt, key, gaps).unwrap_or_else(|| key.to_owned())
    }

    pub(super) fn money(&self, amount: i64) -> String {
        mail::money(self.language, &Money { amount, currency: self.currency.clone() })
    }

    pub(super) fn named(&self, key: &str, amount: i64) -> (String, String) {
        (self.say(key), self.money(amount))
    }

    pub(super) fn seller(&self) -> Vec<String> {
        let seller = &self.facts.seller;
        let tax_id = seller.tax_id.as_ref().map(|id| self.fill("tax-id", &[("id", Gap::from(id.as_str()))]));
        std::iter::once(seller.name.clone()).chain(seller.address.clone()).chain(tax_id).collect()
    }

    pub(super) fn columns(&self) -> [String; 4] {
        ["product", "price", "discount", "receipt-total"].map(|key| self.say(key))
    }

    pub(super) fn rows(&self) -> Vec<[String; 4]> {
        let row = |line: &Line| {
            let amounts = [line.unit_price, -line.discount, line.total].map(|amount| self.money(amount));
            let [price, discount, total] = amounts;
            [line.title.clone(), price, discount, total]
        };
        self.facts.lines.iter().map(row).collect()
    }

    /// With a line for each rate of tax: above the total, which is called so, where the tax was added to the prices, else below it.
    pub(super) fn sums(&self, total: &str) -> Vec<(String, String)> {
        let facts = self.facts;
        let taxed = |(rate, amount): (u16, i64)| {
            let rate = BasisPoints::new(rate).to_string();
            let key = if facts.tax_included { "tax-included" } else { "tax-added" };
            (self.fill(key, &[("rate", Gap::from(rate))]), self.money(amount))
        };
        let taxes = facts.taxes().into_iter().map(taxed);
        let mut sums = vec![self.named("subtotal", facts.sum(|line| line.unit_price))];
        let discount = facts.sum(|line| line.discount);
        sums.extend((discount > 0).then(|| self.named("discount", -discount)));
        let total = self.named(total, facts.sum(|line| line.total));
        if facts.tax_included {
            sums.push(total);
            sums.extend(taxes);
        } else {
            sums.extend(taxes);
            sums.push(total);
        }
        sums
    }
}
