//! The receipt of a paid order.
use chrono::{DateTime, Utc};
use minijinja::context;

use super::{
    samples::Example,
    templates::{Letter, Templates},
    written,
};
use crate::{error::Result, languages::Language, values::Money};

/// What a receipt tells.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The store's name.
    pub store: String,
    /// The order's number.
    pub number: String,
    /// When the order was paid.
    pub paid_at: DateTime<Utc>,
    /// What was bought.
    pub lines: Vec<ReceiptLine>,
    /// What was taken off, if anything was.
    pub discount: Option<Money>,
    /// Included in the total.
    pub tax: Money,
    /// What was paid.
    pub total: Money,
    /// Whether it is for somebody else.
    pub is_gift: bool,
    /// What of the total store credit paid, if it paid anything.
    pub credit: Option<Money>,
    /// The page on which what was bought is found, where there is one.
    pub library_url: Option<String>,
}

/// One product of a receipt.
#[derive(Clone, Debug)]
pub struct ReceiptLine {
    /// As it was called when it was bought.
    pub title: String,
    /// What it cost, before any discount.
    pub price: Money,
}

/// Writes a receipt.
pub fn receipt(templates: &Templates, language: Language, told: &Receipt) -> Result<Letter> {
    let money = |money: &Money| written::money(language, money);
    let line = |line: &ReceiptLine| context! { title => line.title.as_str(), price => money(&line.price) };
    let context = context! {
        store => told.store.as_str(),
        number => told.number.as_str(),
        paid_on => written::day(language, told.paid_at),
        lines => told.lines.iter().map(line).collect::<Vec<_>>(),
        discount => told.discount.as_ref().map(money),
        tax => money(&told.tax),
        total => money(&told.total),
        is_gift => told.is_gift,
        credit => told.credit.as_ref().map(money),
        library_url => told.library_url.as_deref(),
    };
    templates.letter(language, "receipt", context)
}

impl Receipt {
    /// All that it can tell.
    pub(super) fn sample(example: &Example) -> Self {
        let money = |amount| example.money(amount);
        let line = |title: &str, amount| ReceiptLine { title: title.to_owned(), price: money(amount) };
        Self {
            store: example.store.clone(),
            number: "M-2026-000042".to_owned(),
            paid_at: example.at,
            lines: vec![line("Moby-Dick", 499), line("Signs & <Wonders>", 1500)],
            discount: Some(money(100)),
            tax: money(129),
            total: money(1899),
            is_gift: false,
            credit: Some(money(899)),
            library_url: Some(example.url("/library")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_says_what_was_bought_and_what_was_paid() {
        let letter = receipt(
            &Templates::built_in().unwrap(),
            Language::english(),
            &Receipt::sample(&Example::of_tests()),
        )
        .unwrap();
        assert_eq!(letter.subject, "Mist: receipt for order M-2026-000042");
        insta::assert_snapshot!(letter.text, @r"
        Thank you for your purchase.

        Order M-2026-000042, paid on 22 November 2026

        - Moby-Dick: 4.99 USD
        - Signs & <Wonders>: 15.00 USD

        Discount: 1.00 USD
        Total: 18.99 USD
        Tax included: 1.29 USD
        Paid by store credit: 8.99 USD

        What you bought is in your library:
        http://localhost:8080/library
        ");
        assert!(letter.html.contains("Signs &amp; &lt;Wonders&gt;"), "{}", letter.html);
        let bare = Receipt { library_url: None, ..Receipt::sample(&Example::of_tests()) };
        let letter = receipt(&Templates::built_in().unwrap(), Language::english(), &bare).unwrap();
        assert!(letter.text.trim_end().ends_with("What you bought is in your library."), "{}", letter.text);
        assert!(!letter.html.contains("href"), "{}", letter.html);
    }
}
