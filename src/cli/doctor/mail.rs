//! Whether mail would leave. None is sent.
use mist::{
    config::{Config, MailKind},
    mail::{Mailer, Templates},
};

use super::Finding;

pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let mut findings = transport(config).await;
    if config.mail.templates.is_some() {
        findings.push(match Templates::open(config) {
            Ok(_) => Finding::ok("mail.templates: every mail is written by them in every language"),
            Err(error) => Finding::failure(
                error.to_string(),
                "mend or remove that file; `mist mail preview` shows what comes of it",
            ),
        });
    }
    findings
}

async fn transport(config: &Config) -> Vec<Finding> {
    let answers = match config.mail.kind {
        MailKind::File => {
            return vec![Finding::warning(
                "mail is written to files of the data folder, and reaches nobody",
                "set MIST_MAIL__KIND=smtp or ses",
            )];
        }
        MailKind::Smtp => "the server greets, and lets this store in",
        MailKind::Ses => "SES answers, and believes this store",
    };
    let host = config.http.public_url.as_ref().and_then(|url| url.host_str()).unwrap_or("localhost");
    let greeted = match Mailer::open(config, host) {
        Ok(mailer) => mailer.probe().await,
        Err(error) => Err(error),
    };
    let mut findings = vec![match greeted {
        Ok(()) => Finding::ok(answers),
        Err(error) => Finding::failure(
            error.to_string(),
            "see MIST_MAIL__SMTP__URL or the role's ses:SendEmail and ses:SendRawEmail",
        ),
    }];
    if config.mail.from.contains("@localhost") {
        findings.push(Finding::failure(
            "mail.from: nobody takes mail from localhost",
            "set MIST_MAIL__FROM to an address of a domain of yours",
        ));
    }
    if config.mail.kind == MailKind::Ses && config.mail.sns.topics.is_empty() {
        findings.push(Finding::warning(
            "mail.sns.topics: none, so nobody tells of addresses that bounce or complain",
            "see docs/operations.md, \"By Amazon SES\"",
        ));
    }
    findings
}
