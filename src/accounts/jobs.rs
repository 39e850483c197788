//! The jobs of accounts: the mails of what happened to one.
use entity::{account, session};
use queue::{Handlers, JobError};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Row,
    language::language_of,
    link_queries,
    links::{self, LINK_MAIL, Purpose},
    notices::Notice,
    queries,
    reset::{self, RESET_ASKED},
};
use crate::{
    app::App,
    error::{Error, Result},
    mail::{self, AccountLetter, AccountTold, DeviceTold, Mail},
    values::Email,
};

#[derive(Deserialize)]
struct LinkJob {
    link_id: Uuid,
}

#[derive(Deserialize)]
struct ResetJob {
    account_id: Uuid,
}

#[derive(Deserialize)]
struct NoticeJob {
    subject_id: Uuid,
}

/// What accounts are told of.
const NOTICES: [Notice; 5] = [
    Notice::EmailChanging,
    Notice::PasswordChanged,
    Notice::SecondFactorRemoved,
    Notice::NewDevice,
    Notice::TokenReused,
];

/// The kinds of jobs from which somebody gets mail.
pub fn mailing() -> impl Iterator<Item = &'static str> {
    NOTICES.into_iter().map(Notice::kind).chain([LINK_MAIL, RESET_ASKED])
}

/// Adds the handlers of the jobs of accounts.
pub fn handle(handlers: Handlers, app: &App) -> Handlers {
    let told = app.clone();
    let handlers = handlers.on_job(LINK_MAIL, move |id, payload| {
        let app = told.clone();
        async move {
            let job: LinkJob = serde_json::from_value(payload)?;
            link_mail(&app, id, job.link_id).await.map_err(JobError::from)
        }
    });
    let told = app.clone();
    let handlers = handlers.on_job(RESET_ASKED, move |id, payload| {
        let app = told.clone();
        async move {
            let job: ResetJob = serde_json::from_value(payload)?;
            reset::give_link(&app, id, job.account_id).await.map_err(JobError::from)
        }
    });
    NOTICES.into_iter().fold(handlers, |handlers, notice| {
        let told = app.clone();
        handlers.on_job(notice.kind(), move |id, payload| {
            let app = told.clone();
            async move {
                let job: NoticeJob = serde_json::from_value(payload)?;
                notice_mail(&app, id, notice, job.subject_id).await.map_err(JobError::from)
            }
        })
    })
}

/// Mails a link while it is of use; sending it again is the same mail.
async fn link_mail(app: &App, id: Uuid, link: Uuid) -> Result<()> {
    let link = link_queries::link(&app.db.read, link).await?;
    let live = link.filter(|link| link.ended_at.is_none() && link.expires_at > app.clock.now());
    let Some(link) = live else { return Ok(()) };
    let Some(row) = queries::account(&app.db.read, link.account_id).await? else { return Ok(()) };
    let (letter, page) = match link.purpose {
        Purpose::Verify => (AccountLetter::VerifyEmail, "/verify-email"),
        Purpose::Change => (AccountLetter::ConfirmEmail, "/verify-email"),
        Purpose::Reset => (AccountLetter::ResetPassword, "/reset-password"),
    };
    let taken = link.purpose == Purpose::Change
        && queries::account_by_email(&app.db.read, &link.email).await?.is_some();
    if taken || row.status != account::Status::Active {
        return Ok(());
    }
    let mut told = told(app, &row);
    if link.purpose == Purpose::Change {
        // Nobody has proven to be reached there.
        told.name = None;
    }
    told.url = Some(app.frontend_url(&format!("{page}?token={}", links::token(app, link.id))));
    told.lasts = Some(links::life(link.purpose));
    send(app, id, &row, &link.email, (letter, told)).await
}

/// Mails what happened; sending it again is the same mail.
async fn notice_mail(app: &App, id: Uuid, notice: Notice, subject: Uuid) -> Result<()> {
    let (account, letter, old, device) = match notice {
        Notice::EmailChanging => {
            let Some(link) = link_queries::link(&app.db.read, subject).await? else { return Ok(()) };
            (link.account_id, AccountLetter::EmailChanging, link.replaces, None)
        }
        Notice::PasswordChanged => (subject, AccountLetter::PasswordChanged, None, None),
        Notice::SecondFactorRemoved => (subject, AccountLetter::SecondFactorRemoved, None, None),
        Notice::NewDevice | Notice::TokenReused => {
            let Some(session) = queries::session(&app.db.read, subject).await? else { return Ok(()) };
            let letter = match notice {
                Notice::NewDevice => AccountLetter::NewDevice,
                _ => AccountLetter::TokenReused,
            };
            (session.account_id, letter, None, Some(device(session)))
        }
    };
    let Some(row) = queries::account(&app.db.read, account).await? else { return Ok(()) };
    if device.is_some() && !row.email_verified {
        // What a device calls itself would be a stranger's words in a mail to whoever has the address.
        return Ok(());
    }
    let mut told = told(app, &row);
    told.device = device;
    send(app, id, &row, old.as_ref().unwrap_or(&row.email), (letter, told)).await
}

async fn send(app: &App, id: Uuid, row: &Row, to: &str, what: (AccountLetter, AccountTold)) -> Result<()> {
    let to = Email::parse(to).map_err(|invalid| Error::unexpected(invalid.message))?;
    let (letter, told) = what;
    let letter = letter.write(&app.letters, language_of(app, row), &told)?;
    mail::send(app, Mail { id, to, letter, attachments: Vec::new(), unsubscribe: None }).await
}

/// An address that is not proven may be a stranger's: it is not sent words of who registered it.
fn told(app: &App, row: &Row) -> AccountTold {
    AccountTold {
        store: app.config.store.name.clone(),
        name: row.email_verified.then(|| one_line(&row.display_name)),
        url: None,
        lasts: None,
        device: None,
    }
}

fn device(session: session::Model) -> DeviceTold {
    DeviceTold { at: session.created_at, ip: session.ip, user_agent: one_line(&session.user_agent) }
}

fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}
