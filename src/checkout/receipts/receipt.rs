//! A receipt as its reader sees it: every word and amount of it written, before it becomes a page or is printed.
use chrono::{DateTime, Utc};
use entity::invoice;
use serde::Serialize;
use uuid::Uuid;

use super::{facts::Facts, invoices::written};
use crate::{
    accounts,
    app::App,
    checkout::{machine, queries},
    error::{Error, NOT_FOUND, Refusal, Result},
    languages::{Gap, Language, Part},
    mail,
    values::{BasisPoints, Currency, Money},
};

/// 409 for an order that nobody paid.
const NOT_PAID: Refusal = Refusal::conflict("not_paid", "There is a receipt once the order is paid.");

/// What a receipt tells, in no language yet.
pub(in crate::checkout) struct Receipt {
    facts: Facts,
    buyer: Option<String>,
    currency: Currency,
    invoice: Option<invoice::Model>,
    /// Minor units of the total that store credit paid.
    credit: i64,
    refunds: Vec<GivenBack>,
}

struct GivenBack {
    at: DateTime<Utc>,
    amount: i64,
    /// What of it became store credit.
    credit: i64,
    credit_note: Option<String>,
}

/// A receipt in a language.
#[derive(Debug, Serialize)]
pub(super) struct Written {
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

/// The receipt of an account's order; 404 for another's, 409 `not_paid`.
pub(in crate::checkout) async fn receipt(app: &App, account: Uuid, order: Uuid) -> Result<Receipt> {
    let db = &app.db.read;
    let order = queries::order_of(db, account, order).await?.ok_or(NOT_FOUND)?;
    let paid_at = order.paid_at.filter(|_| machine::is_captured(order.status)).ok_or(NOT_PAID)?;
    let documents = queries::invoices(db, &[order.id]).await?;
    let invoice = documents.iter().find(|document| document.refund_id.is_none()).cloned();
    let facts = match &invoice {
        Some(invoice) => serde_json::from_value(invoice.snapshot.clone()).map_err(Error::unexpected)?,
        None => Facts::of(&app.config.store, &order, &queries::lines(db, &[order.id]).await?, paid_at),
    };
    let given = queries::refunds(db, &[order.id]).await?.into_iter().map(|refund| {
        let note = documents.iter().find(|document| document.refund_id == Some(refund.id));
        GivenBack {
            at: refund.created_at,
            amount: refund.amount,
            credit: refund.credit,
            credit_note: note.map(written),
        }
    });
    let currency = Currency::stored(&facts.currency)?;
    let buyer = accounts::display_names(db, &[account]).await?.remove(&account);
    Ok(Receipt { buyer, currency, invoice, credit: order.credit, refunds: given.collect(), facts })
}

impl Receipt {
    /// The number of the order.
    pub(in crate::checkout) fn order(&self) -> &str {
        &self.facts.order
    }

    /// The number of the invoice; none before it has one, and of what cost nothing.
    pub(in crate::checkout) fn invoice(&self) -> Option<String> {
        self.invoice.as_ref().map(written)
    }

    /// It in a language.
    pub(super) fn write(&self, language: Language) -> Written {
        let say = |key: &str| text(language, key, &[]);
        let facts = &self.facts;
        let title = if self.invoice.is_some() { say("invoice-title") } else { say("receipt-title") };
        let money = |amount| self.money(language, amount);
        let row = |line: &super::facts::Line| {
            [line.title.clone(), money(line.unit_price), money(-line.discount), money(line.total)]
        };
        Written {
            title,
            seller: self.seller(language),
            about: self.about(language),
            columns: [say("product"), say("price"), say("discount"), say("receipt-total")],
            rows: facts.lines.iter().map(row).collect(),
            sums: self.sums(language),
            refunds: self.refunds.iter().flat_map(|given| self.given_back(language, given)).collect(),
        }
    }

    fn seller(&self, language: Language) -> Vec<String> {
        let seller = &self.facts.seller;
        let tax_id =
            seller.tax_id.as_ref().map(|id| text(language, "tax-id", &[("id", Gap::from(id.as_str()))]));
        std::iter::once(seller.name.clone()).chain(seller.address.clone()).chain(tax_id).collect()
    }

    fn about(&self, language: Language) -> Vec<(String, String)> {
        let say = |key: &str| text(language, key, &[]);
        let mut about = Vec::new();
        if let Some(invoice) = &self.invoice {
            about.push((say("invoice-number"), written(invoice)));
            about.push((say("issued-on"), mail::day(language, invoice.issued_at)));
        }
        about.push((say("order"), self.facts.order.clone()));
        about.push((say("paid-on"), mail::day(language, self.facts.at)));
        about.extend(self.buyer.clone().map(|buyer| (say("buyer"), buyer)));
        about.push((say("country"), self.facts.country.clone()));
        about
    }

    /// With a line for each rate of tax: above the total where the tax was added to the prices, else below it.
    fn sums(&self, language: Language) -> Vec<(String, String)> {
        let facts = &self.facts;
        let named = |key: &str, amount| (text(language, key, &[]), self.money(language, amount));
        let taxed = |(rate, amount): (u16, i64)| {
            let rate = BasisPoints::new(rate).to_string();
            let key = if facts.tax_included { "tax-included" } else { "tax-added" };
            (text(language, key, &[("rate", Gap::from(rate))]), self.money(language, amount))
        };
        let taxes = facts.taxes().into_iter().map(taxed);
        let mut sums = vec![named("subtotal", facts.sum(|line| line.unit_price))];
        let discount = facts.sum(|line| line.discount);
        sums.extend((discount > 0).then(|| named("discount", -discount)));
        let total = named("receipt-total", facts.sum(|line| line.total));
        if facts.tax_included {
            sums.push(total);
            sums.extend(taxes);
        } else {
            sums.extend(taxes);
            sums.push(total);
        }
        if self.credit > 0 {
            sums.push(named("paid-by-credit", self.credit));
            sums.push(named("paid-by-money", facts.sum(|line| line.total) - self.credit));
        }
        sums
    }

    fn given_back(&self, language: Language, given: &GivenBack) -> Vec<(String, String)> {
        let day = mail::day(language, given.at);
        let day = ("day", Gap::from(day.as_str()));
        let told = match &given.credit_note {
            Some(number) => text(language, "credit-note", &[("number", Gap::from(number.as_str())), day]),
            None => text(language, "refund", &[day]),
        };
        let credit = (given.credit > 0)
            .then(|| (text(language, "refund-to-credit", &[]), self.money(language, -given.credit)));
        std::iter::once((told, self.money(language, -given.amount))).chain(credit).collect()
    }

    fn money(&self, language: Language, amount: i64) -> String {
        mail::money(language, &Money { amount, currency: self.currency.clone() })
    }
}

/// A text of the receipt; a test finds what a language lacks.
fn text(language: Language, key: &str, gaps: &[(&str, Gap)]) -> String {
    language.text(Part::Receipt, key, gaps).unwrap_or_else(|| key.to_owned())
}
