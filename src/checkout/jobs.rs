//! The jobs of a purchase.
use queue::{Attempt, Handlers};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    gifts::{self, GIFT_MAIL},
    give_back::{self, GIVE_BACK},
    mock::{self, SETTLE_LATE},
    orders,
    provider_events::{self, APPLY_EVENT},
    queries,
    receipts::{self, CREDIT_NOTE, INVOICE},
    returns::{self, RETURN_MONEY},
    settle::RECEIPT_MAIL,
    withdrawals::{self, WITHDRAWAL_MAIL},
};
use crate::{
    accounts,
    app::App,
    error::{NOT_FOUND, Result},
    languages::Language,
    mail::{self, Attachment, Mail, Receipt, ReceiptLine},
};

#[derive(Deserialize)]
struct OfOrder {
    order_id: Uuid,
}

#[derive(Deserialize)]
struct ApplyEventJob {
    event_id: Uuid,
}

#[derive(Deserialize)]
struct ReturnMoneyJob {
    payment_id: Uuid,
    amount: i64,
}

#[derive(Deserialize)]
struct OfPayment {
    payment_id: Uuid,
}

#[derive(Deserialize)]
struct OfRefund {
    refund_id: Uuid,
}

#[derive(Deserialize)]
struct OfGift {
    gift_id: Uuid,
}

#[derive(Deserialize)]
struct OfWithdrawal {
    withdrawal_id: Uuid,
}

/// The kinds of jobs from which somebody gets mail.
pub const MAILING: [&str; 3] = [RECEIPT_MAIL, GIFT_MAIL, WITHDRAWAL_MAIL];

/// Adds the handlers of checkout's jobs.
pub fn handle(handlers: Handlers, app: &App) -> Handlers {
    let (mailing, giving, applying, returning) = (app.clone(), app.clone(), app.clone(), app.clone());
    let (invoicing, crediting, sending) = (app.clone(), app.clone(), app.clone());
    let handlers = handlers.on_job(GIFT_MAIL, move |id, payload| {
        let app = sending.clone();
        async move {
            let job: OfGift = serde_json::from_value(payload)?;
            Ok(gifts::send(&app, id, job.gift_id).await?)
        }
    });
    let handlers = handlers.on_job(APPLY_EVENT, move |_, payload| {
        let app = applying.clone();
        async move {
            let job: ApplyEventJob = serde_json::from_value(payload)?;
            Ok(provider_events::apply(&app, job.event_id).await?)
        }
    });
    let handlers = handlers.on_job(RETURN_MONEY, move |_, payload| {
        let app = returning.clone();
        async move {
            let job: ReturnMoneyJob = serde_json::from_value(payload)?;
            Ok(returns::run(&app, job.payment_id, job.amount).await?)
        }
    });
    let handlers = handlers.on_attempt(RECEIPT_MAIL, move |attempt, payload| {
        let app = mailing.clone();
        async move {
            let job: OfOrder = serde_json::from_value(payload)?;
            Ok(send_receipt(&app, attempt, job.order_id).await?)
        }
    });
    let acknowledging = app.clone();
    let handlers = handlers.on_job(WITHDRAWAL_MAIL, move |id, payload| {
        let app = acknowledging.clone();
        async move {
            let job: OfWithdrawal = serde_json::from_value(payload)?;
            Ok(withdrawals::acknowledge(&app, id, job.withdrawal_id).await?)
        }
    });
    let handlers = handlers.on_job(INVOICE, move |_, payload| {
        let app = invoicing.clone();
        async move {
            let job: OfOrder = serde_json::from_value(payload)?;
            Ok(receipts::number_order(&app, job.order_id).await?)
        }
    });
    let handlers = handlers.on_job(CREDIT_NOTE, move |_, payload| {
        let app = crediting.clone();
        async move {
            let job: OfRefund = serde_json::from_value(payload)?;
            Ok(receipts::number_refund(&app, job.refund_id).await?)
        }
    });
    let settling = app.clone();
    let handlers = handlers.on_job(SETTLE_LATE, move |_, payload| {
        let app = settling.clone();
        async move {
            let job: OfPayment = serde_json::from_value(payload)?;
            Ok(mock::settle_late(&app, job.payment_id).await?)
        }
    });
    handlers.on_job(GIVE_BACK, move |_, payload| {
        let app = giving.clone();
        async move {
            let job: OfRefund = serde_json::from_value(payload)?;
            Ok(give_back::give_back(&app, job.refund_id).await?)
        }
    })
}

/// Mails the receipt of an order to who bought it; sending it again is the same mail.
async fn send_receipt(app: &App, attempt: Attempt, order_id: Uuid) -> Result<()> {
    let row = queries::order(&app.db.read, order_id).await?.ok_or(NOT_FOUND)?;
    let account_id = row.account_id;
    // An account that was erased since has no address: nobody is left to tell.
    let Some((to, language)) = accounts::correspondent(app, account_id).await? else { return Ok(()) };
    let order = orders::whole(app, vec![row]).await?.pop().ok_or(NOT_FOUND)?;
    let lines = order.items.into_iter().map(|item| ReceiptLine { title: item.title, price: item.unit_price });
    let told = Receipt {
        store: app.config.store.name.clone(),
        number: order.number,
        paid_at: order.paid_at.unwrap_or(order.created_at),
        lines: lines.collect(),
        discount: Some(order.discount).filter(|discount| discount.amount > 0),
        tax: order.tax,
        total: order.total,
        is_gift: order.gift_id.is_some(),
        credit: order.credit,
        library_url: app.config.http.frontend_url.is_some().then(|| app.frontend_url("/library")),
    };
    let letter = mail::receipt(&app.letters, language, &told)?;
    let invoice = match invoice(app, account_id, order_id, language).await {
        // A receipt without its invoice is more than none.
        Err(error) if attempt.last => {
            tracing::error!(%error, order = %order_id, "a receipt is mailed without its invoice");
            None
        }
        invoice => invoice?,
    };
    let attachments = invoice.into_iter().collect();
    mail::send(app, Mail { id: attempt.id, to, letter, attachments, unsubscribe: None }).await
}

/// The invoice of an order for printing; none of one that cost nothing.
async fn invoice(app: &App, account: Uuid, order: Uuid, language: Language) -> Result<Option<Attachment>> {
    // The buyer does not wait for those that were paid in the same seconds: what commits later has a later number.
    receipts::number_order(app, order).await?;
    let receipt = receipts::receipt(app, account, order).await?;
    let Some(number) = receipt.invoice() else { return Ok(None) };
    let bytes = receipts::mailed_pdf(app, receipt, language).await?;
    Ok(Some(Attachment { name: format!("{number}.pdf"), kind: "application/pdf", bytes }))
}
