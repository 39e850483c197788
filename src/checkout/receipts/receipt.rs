//! The receipt of an order, which is its invoice once that has a number.
use chrono::{DateTime, Utc};
use entity::invoice;
use uuid::Uuid;

use super::{
    facts::Facts,
    invoices::written,
    written::{Paper, Writer, Written},
};
use crate::{
    accounts,
    app::App,
    checkout::{machine, queries},
    error::{Error, NOT_FOUND, Refusal, Result},
    languages::{Gap, Language},
    mail,
    values::Currency,
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

    fn about(&self, writer: &Writer<'_>) -> Vec<(String, String)> {
        let say = |key: &str| writer.say(key);
        let mut about = Vec::new();
        if let Some(invoice) = &self.invoice {
            about.push((say("invoice-number"), written(invoice)));
            about.push((say("issued-on"), mail::day(writer.language, invoice.issued_at)));
        }
        about.push((say("order"), self.facts.order.clone()));
        about.push((say("paid-on"), mail::day(writer.language, self.facts.at)));
        about.extend(self.buyer.clone().map(|buyer| (say("buyer"), buyer)));
        about.push((say("country"), self.facts.country.clone()));
        about
    }

    fn sums(&self, writer: &Writer<'_>) -> Vec<(String, String)> {
        let mut sums = writer.sums("receipt-total");
        if self.credit > 0 {
            let total = self.facts.sum(|line| line.total);
            sums.push(writer.named("paid-by-credit", self.credit));
            sums.push(writer.named("paid-by-money", total - self.credit));
        }
        sums
    }
}

impl GivenBack {
    fn write(&self, writer: &Writer<'_>) -> Vec<(String, String)> {
        let day = mail::day(writer.language, self.at);
        let day = ("day", Gap::from(day.as_str()));
        let told = match &self.credit_note {
            Some(number) => writer.fill("credit-note", &[("number", Gap::from(number.as_str())), day]),
            None => writer.fill("refund", &[day]),
        };
        let credit = (self.credit > 0).then(|| writer.named("refund-to-credit", -self.credit));
        std::iter::once((told, writer.money(-self.amount))).chain(credit).collect()
    }
}

impl Paper for Receipt {
    fn write(&self, language: Language) -> Written {
        let writer = &Writer { facts: &self.facts, currency: &self.currency, language };
        let title = if self.invoice.is_some() { "invoice-title" } else { "receipt-title" };
        Written {
            title: writer.say(title),
            seller: writer.seller(),
            about: self.about(writer),
            columns: writer.columns(),
            rows: writer.rows(),
            sums: self.sums(writer),
            refunds: self.refunds.iter().flat_map(|given| given.write(writer)).collect(),
        }
    }
}
