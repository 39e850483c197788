//! The jobs of notifications: telling many, and mailing one.
use queue::{Handlers, JobError};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    fan_out::{self, FAN_OUT},
    kinds::Kind,
    preferences, queries,
    shown::{Reader, shown},
    tell::{MAIL, MAIL_TO_MANY},
    unsubscribe,
};
use crate::{
    accounts,
    app::App,
    error::Result,
    mail::{self, Mail, Notice},
    values::Locale,
    web::locale::Wanted,
};

#[derive(Deserialize)]
struct FanOutJob {
    fan_out_id: Uuid,
}

#[derive(Deserialize)]
struct MailJob {
    notification_id: Uuid,
}

/// The kinds of jobs from which somebody gets mail.
pub const MAILING: [&str; 3] = [FAN_OUT, MAIL, MAIL_TO_MANY];

/// Adds the handler of the mails of what few are told.
pub fn handle(handlers: Handlers, app: &App) -> Handlers {
    mailing(handlers, app, MAIL)
}

/// Adds the handler of the mails of what many are told.
pub fn handle_mail_to_many(handlers: Handlers, app: &App) -> Handlers {
    mailing(handlers, app, MAIL_TO_MANY)
}

/// Adds the handler by which many are told something.
pub fn handle_fan_outs(handlers: Handlers, app: &App) -> Handlers {
    let telling = app.clone();
    handlers.on(FAN_OUT, move |payload| {
        let app = telling.clone();
        async move {
            let job: FanOutJob = serde_json::from_value(payload)?;
            fan_out::run(&app, job.fan_out_id).await.map_err(JobError::from)
        }
    })
}

fn mailing(handlers: Handlers, app: &App, kind: &'static str) -> Handlers {
    let mailing = app.clone();
    handlers.on_job(kind, move |id, payload| {
        let app = mailing.clone();
        async move {
            let job: MailJob = serde_json::from_value(payload)?;
            send(&app, id, job.notification_id).await.map_err(JobError::from)
        }
    })
}

/// Mails a notification, unless its reader was erased or suspended or wants no such mail by now. Sending it again is the
/// same mail.
async fn send(app: &App, id: Uuid, notification: Uuid) -> Result<()> {
    let db = &app.db.read;
    let Some(row) = queries::one(db, notification).await? else { return Ok(()) };
    let Some(kind) = Kind::of(&row.kind) else { return Ok(()) };
    let account = row.account_id;
    if !accounts::is_active(db, account).await? {
        return Ok(());
    }
    let Some(to) = accounts::address(db, account).await? else { return Ok(()) };
    if !preferences::choices(db, &[account]).await?.of(account, kind).email {
        return Ok(());
    }
    let language = accounts::language(app, account).await?;
    let country = accounts::countries(db, &[account]).await?.remove(&account);
    let wanted = Locale::parse(language.tag()).map(Wanted::from).unwrap_or_default();
    let market = fan_out::market(app, country.as_ref());
    let reader = Reader { account, market, wanted, language };
    let Some(told) = shown(app, &reader, vec![row]).await?.pop() else { return Ok(()) };
    let addresses = match kind.is_news() {
        true => Some(unsubscribe::addresses(app, account, kind).await?),
        false => None,
    };
    let notice = Notice {
        store: app.config.store.name.clone(),
        title: told.title,
        body: told.body,
        url: told.url,
        unsubscribe_url: addresses.as_ref().map(|addresses| addresses.page.clone()),
    };
    let letter = mail::notice(&app.letters, language, &notice)?;
    mail::send(
        app,
        Mail {
            id,
            to,
            letter,
            attachments: Vec::new(),
            unsubscribe: addresses.map(|addresses| addresses.program),
        },
    )
    .await
}
