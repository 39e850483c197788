//! The credit note of a refund: what of an invoice doesn't hold any more.
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
    checkout::queries,
    error::{Error, NOT_FOUND, Refusal, Result},
    languages::Language,
    mail,
    values::Currency,
};

/// 409 for a refund that is not numbered yet.
const NOT_ISSUED: Refusal =
    Refusal::conflict("not_issued", "The credit note is issued some seconds after the refund.");

/// What a credit note tells, in no language yet.
pub(in crate::checkout) struct CreditNote {
    facts: Facts,
    document: invoice::Model,
    invoice: Option<invoice::Model>,
    buyer: Option<String>,
    currency: Currency,
    /// Minor units of what became store credit.
    credit: i64,
}

/// The credit note of a refund of an account's order; 404 for another's, and where nothing was paid, 409 `not_issued`.
pub(in crate::checkout) async fn credit_note(
    app: &App,
    account: Uuid,
    order: Uuid,
    refund: Uuid,
) -> Result<CreditNote> {
    let db = &app.db.read;
    let order = queries::order_of(db, account, order).await?.ok_or(NOT_FOUND)?;
    let refund = queries::refund(db, refund).await?.filter(|refund| refund.order_id == order.id);
    let refund = refund.filter(|refund| refund.amount > 0).ok_or(NOT_FOUND)?;
    let document = queries::credit_note_of(db, refund.id).await?.ok_or(NOT_ISSUED)?;
    let facts: Facts = serde_json::from_value(document.snapshot.clone()).map_err(Error::unexpected)?;
    Ok(CreditNote {
        invoice: queries::invoice_of(db, order.id).await?,
        buyer: accounts::display_names(db, &[account]).await?.remove(&account),
        currency: Currency::stored(&facts.currency)?,
        credit: refund.credit,
        document,
        facts,
    })
}

impl CreditNote {
    /// Its number.
    pub(in crate::checkout) fn number(&self) -> String {
        written(&self.document)
    }

    fn about(&self, writer: &Writer<'_>) -> Vec<(String, String)> {
        let say = |key: &str| writer.say(key);
        let mut about = vec![
            (say("credit-note-number"), self.number()),
            (say("issued-on"), mail::day(writer.language, self.document.issued_at)),
        ];
        about.extend(self.invoice.as_ref().map(|invoice| (say("invoice-number"), written(invoice))));
        about.push((say("order"), self.facts.order.clone()));
        about.push((say("given-back-on"), mail::day(writer.language, self.facts.at)));
        about.extend(self.buyer.clone().map(|buyer| (say("buyer"), buyer)));
        about.push((say("country"), self.facts.country.clone()));
        about
    }
}

impl Paper for CreditNote {
    fn write(&self, language: Language) -> Written {
        let writer = &Writer { facts: &self.facts, currency: &self.currency, language };
        let credit = (self.credit > 0).then(|| writer.named("refund-to-credit", self.credit));
        Written {
            title: writer.say("credit-note-title"),
            seller: writer.seller(),
            about: self.about(writer),
            columns: writer.columns(),
            rows: writer.rows(),
            sums: writer.sums("given-back-total"),
            refunds: credit.into_iter().collect(),
        }
    }
}
