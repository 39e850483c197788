//! Mail: what is written to people, and how it leaves.
use chrono::{DateTime, Utc};
use lettre::{
    Address, Message,
    message::{
        Attachment as AttachedFile, Mailbox, MultiPart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use uuid::Uuid;

use crate::{
    app::App,
    clock::Clock,
    config::{self, Config, MailKind},
    error::{Error, Result},
    values::Email,
};

mod account;
mod file;
mod gate;
mod gift;
mod notice;
mod receipt;
mod samples;
mod ses;
mod smtp;
mod suppression;
mod templates;
mod withdrawal;
mod written;

pub use account::{AccountLetter, AccountTold, DeviceTold};
pub use gift::{GiftTold, gift};
pub use notice::{Notice, notice};
pub use receipt::{Receipt, ReceiptLine, receipt};
pub use samples::{Example, Sample, samples};
pub use suppression::{Reason, allow, suppress, suppressed};
pub use templates::{Letter, Templates};
pub use withdrawal::{Withdrawn, WithdrawnLine, withdrawal};
pub use written::{day, minute, money};

use file::Folder;
use gate::Gate;
use ses::Ses;
use smtp::Server;

/// A mail to one person.
#[derive(Clone, Debug)]
pub struct Mail {
    /// UUIDv7 of the job that sends it: a retry is the same mail, and names say which came first.
    pub id: Uuid,
    /// Read from the account when the mail is sent, never kept in a job.
    pub to: Email,
    /// What it says.
    pub letter: Letter,
    /// What is sent along.
    pub attachments: Vec<Attachment>,
    /// Where one click ends such mails (RFC 8058); none of what belongs to the business or keeps the account safe.
    pub unsubscribe: Option<String>,
}

/// A file that is sent along with a mail.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Of ASCII letters, digits, dots and hyphens.
    pub name: String,
    /// Its media type.
    pub kind: &'static str,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Sends a mail the way the settings say.
///
/// Sending again what was sent already does little harm: to a folder it is the same file, to a server the same
/// `Message-ID`; SES, which knows no such thing, sends a second mail where its answer to the first was lost. 503 when the
/// server does not answer, `mail_rejected` when it will never take this mail. An address that mail is stopped to gets none,
/// and that is no failure.
pub async fn send(app: &App, mail: Mail) -> Result<()> {
    if let Some(reason) = suppressed(&app.db.read, &app.keys, &mail.to).await? {
        metrics::counter!("mist_mail_suppressed_total").increment(1);
        tracing::debug!(id = %mail.id, ?reason, "a mail is not sent: its address is suppressed");
        return Ok(());
    }
    app.mail.send(&mail, &app.clock).await
}

/// How mail leaves.
pub struct Mailer {
    from: Mailbox,
    /// What stands behind the `@` of a `Message-ID`.
    host: String,
    transport: Transport,
    gate: Gate,
}

enum Transport {
    Folder(Folder),
    Server(Server),
    Ses(Box<Ses>),
}

impl Mailer {
    /// Opens what the settings name; `host` is the store's own. Nothing is sent and nobody is called yet.
    pub fn open(config: &Config, host: &str) -> Result<Self> {
        let config::Mail { kind, from, smtp, ses, .. } = &config.mail;
        let from = from.parse().map_err(|error| Error::unexpected(format!("mail.from: {error}")))?;
        let transport = match kind {
            MailKind::File => Transport::Folder(Folder(config.folder("mail"))),
            MailKind::Smtp => Transport::Server(Server::open(smtp)?),
            MailKind::Ses => Transport::Ses(Box::new(Ses::open(ses)?)),
        };
        Ok(Self { from, host: host.to_owned(), transport, gate: Gate::default() })
    }

    /// Whether mail would leave, found out without sending any: a server of SMTP is greeted, and SES judges a call that holds no
    /// mail. Of a folder nothing is asked.
    pub async fn probe(&self) -> Result<()> {
        match &self.transport {
            Transport::Folder(_) => Ok(()),
            Transport::Server(server) => server.probe().await,
            Transport::Ses(ses) => ses.probe(&self.from.email).await,
        }
    }

    async fn send(&self, mail: &Mail, clock: &Clock) -> Result<()> {
        let at = clock.now();
        let message = self.message(mail, at)?;
        self.gate.pass(at)?;
        let outcome = match &self.transport {
            Transport::Folder(folder) => folder.put(mail.id, at, message.formatted()).await,
            Transport::Server(server) => server.send(message).await,
            Transport::Ses(ses) => ses.send(&message).await,
        };
        self.gate.note(&outcome, clock.now());
        outcome
    }

    /// Every header goes through lettre's types, which encode what would end it.
    fn message(&self, mail: &Mail, at: DateTime<Utc>) -> Result<Message> {
        let to: Address = mail.to.as_str().parse().map_err(Error::unexpected)?;
        // RFC 3834 §5: nobody's absence notice answers it.
        let automatic =
            HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.letter.subject.as_str())
            .date(at.into())
            .message_id(Some(format!("<{}@{}>", mail.id, self.host)))
            .raw_header(automatic);
        for (name, value) in unsubscribing(mail.unsubscribe.as_deref()) {
            message = message.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
        }
        let letter = MultiPart::alternative_plain_html(mail.letter.text.clone(), mail.letter.html.clone());
        if mail.attachments.is_empty() {
            return message.multipart(letter).map_err(Error::unexpected);
        }
        let mut parts = MultiPart::mixed().multipart(letter);
        for Attachment { name, kind, bytes } in &mail.attachments {
            let kind = ContentType::parse(kind).map_err(Error::unexpected)?;
            let file = AttachedFile::new(name.clone()).body(bytes.clone(), kind);
            parts = parts.singlepart(file);
        }
        message.multipart(parts).map_err(Error::unexpected)
    }
}

/// The headers by which mail programs offer to unsubscribe (RFC 2369, RFC 8058).
fn unsubscribing(address: Option<&str>) -> Vec<(&'static str, String)> {
    let headers = |address: &str| {
        let one_click = "List-Unsubscribe=One-Click".to_owned();
        vec![("List-Unsubscribe", format!("<{address}>")), ("List-Unsubscribe-Post", one_click)]
    };
    address.map(headers).unwrap_or_default()
}
