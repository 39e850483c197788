//! Mail by SMTP.
use std::time::Duration;

use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor, transport::smtp::PoolConfig};
use url::Url;

use crate::{
    config,
    error::{Error, Refusal, Result},
};

/// How long the server may take until it is connected.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long it may take for a mail, or to say who it is: lettre bounds neither by itself.
const WHOLE: Duration = Duration::from_secs(60);
/// Connections kept to the server at most: one for each job that mails at once.
const CONNECTIONS: u32 = 8;
/// How long an idle connection is kept: shorter than servers wait for the next command (RFC 5321 §4.5.3.2.7: 5 min).
const IDLE: Duration = Duration::from_secs(60);
/// What is said of one that says nothing.
const SILENT: &str = "the mail server took too long";
/// The mailbox does not exist or may not be written to: no retry helps (RFC 5321 §4.2.3).
const FINAL: [u16; 3] = [550, 551, 553];

/// The server takes nothing from anybody at present, or not from us (RFC 5321 §3.8, RFC 4954 §6): what is said of no one mail.
const DOWN: [u16; 5] = [421, 454, 530, 534, 535];

/// 409: the mail server will never take this mail.
pub(super) const REJECTED: Refusal =
    Refusal::conflict("mail_rejected", "The mail server refuses this mail for good; its log says why.");

/// The server that takes our mail.
pub(super) struct Server(AsyncSmtpTransport<Tokio1Executor>);

impl Server {
    /// Reads the address of the server; nobody is called yet.
    pub(super) fn open(settings: &config::Smtp) -> Result<Self> {
        let wrong = || Error::unexpected("mail.smtp.url: is not the address of an SMTP server");
        let mut url = Url::parse(settings.url.as_ref().ok_or_else(wrong)?.as_str()).map_err(|_| wrong())?;
        let told = url.query_pairs().any(|(name, _)| name == "tls");
        if url.scheme() == "smtp" && !told {
            // A password is not sent over a connection that somebody kept from being encrypted.
            let tls = if url.password().is_some() { "required" } else { "opportunistic" };
            url.set_port(Some(url.port().unwrap_or(lettre::transport::smtp::SMTP_PORT)))
                .map_err(|()| wrong())?;
            url.query_pairs_mut().append_pair("tls", tls);
        }
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str()).map_err(|_| wrong())?;
        let pool = PoolConfig::new().max_size(CONNECTIONS).idle_timeout(IDLE);
        Ok(Self(transport.timeout(Some(PATIENCE)).pool_config(pool).build()))
    }

    /// Connects, encrypts, signs in as the settings say, and says no more.
    pub(super) async fn probe(&self) -> Result<()> {
        let asked = tokio::time::timeout(WHOLE, self.0.test_connection()).await;
        match asked.map_err(|_| Error::unavailable(SILENT))? {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::unavailable("the mail server greets, but takes no commands")),
            Err(error) => match error.status().map(u16::from) {
                Some(code) => Err(Error::unavailable(format!("the mail server answered {code}"))),
                None => Err(Error::unavailable(format!("no talk with the mail server: {error}"))),
            },
        }
    }

    /// Hands a message over. The server's words may hold the address: only its code is told.
    pub(super) async fn send(&self, message: Message) -> Result<()> {
        let why = match tokio::time::timeout(WHOLE, self.0.send(message)).await {
            Ok(Ok(_)) => return Ok(()),
            Err(_) => SILENT.to_owned(),
            Ok(Err(error)) => match error.status().map(u16::from) {
                Some(code) if FINAL.contains(&code) => {
                    tracing::warn!(code, "the mail server refuses a mail for good");
                    return Err(REJECTED.into());
                }
                Some(code) if DOWN.contains(&code) => format!("the mail server answered {code}"),
                Some(code) => return Err(Error::unavailable(format!("the mail server answered {code}"))),
                None => format!("no talk with the mail server: {error}"),
            },
        };
        // A server that talks to others, and breaks off at this mail, would be waited for in vain.
        match self.probe().await {
            Ok(()) => Err(Error::unavailable(why)),
            Err(_) => Err(Error::down(why)),
        }
    }
}
