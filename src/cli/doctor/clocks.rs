//! Whether this machine's clock goes with the database's, and with that of a service outside.
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::header;
use mist::{
    calls::{Calls, Limits},
    config::{Config, MailKind, ProviderName, StorageKind},
    db::Db,
};
use url::Url;

use super::{Finding, database::sqlite_file};
use crate::cli::clock;

const LIMITS: Limits =
    Limits { connect: Duration::from_secs(5), whole: Duration::from_secs(10), bytes: 256 * 1024 };
/// Beyond it events and audit entries of copies are out of order.
const NOTICED: TimeDelta = TimeDelta::seconds(5);
/// Beyond it codes of authenticators are refused, which count for 30 seconds.
const HARMFUL: TimeDelta = TimeDelta::seconds(30);
const ADVICE: &str = "let the machines keep time by NTP (chrony, systemd-timesyncd)";

pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    if sqlite_file(config.database.url.as_str()).is_none()
        && let Ok(db) = Db::connect(&config.database).await
    {
        if let Ok(Some(theirs)) = db.clock().await {
            findings.push(compared("the database's", clock().now() - theirs));
        }
        // Whether it closes is the database's look.
        let _closed = db.close().await;
    }
    match outside(config) {
        Some(url) => match date(&url).await {
            Some(theirs) => {
                let host = url.host_str().unwrap_or("a service");
                findings.push(compared(&format!("{host}'s"), clock().now() - theirs));
            }
            None => findings.push(Finding::warning(
                "no service outside said how late it is",
                "see whether this machine reaches the services of its settings",
            )),
        },
        None if findings.is_empty() => {
            findings.push(Finding::ok("the settings name no other machine to compare it with"));
        }
        None => {}
    }
    findings
}

fn compared(whose: &str, ahead: TimeDelta) -> Finding {
    let what = format!("{} s apart from {whose}", ahead.abs().num_seconds());
    match ahead.abs() {
        apart if apart > HARMFUL => Finding::failure(what, ADVICE),
        apart if apart > NOTICED => Finding::warning(what, ADVICE),
        _ => Finding::ok(what),
    }
}

/// A service of the settings that is not this store.
fn outside(config: &Config) -> Option<Url> {
    if config.payments.providers.contains(&ProviderName::Stripe) {
        return Some(config.payments.stripe.api_base.clone());
    }
    if config.storage.kind == StorageKind::S3 {
        let amazons = || Url::parse("https://s3.amazonaws.com").ok();
        return config.storage.s3.endpoint.clone().or_else(amazons);
    }
    (config.mail.kind == MailKind::Ses).then(|| config.mail.ses.endpoint.clone()).flatten()
}

/// What an answer bears as its date, whatever else it says: seconds.
async fn date(url: &Url) -> Option<DateTime<Utc>> {
    let calls = Calls::new(LIMITS);
    let request = calls.client().await.ok()?.head(url.clone());
    let answer = calls.send(request).await.ok()?;
    let said = answer.headers.get(header::DATE)?.to_str().ok()?;
    Some(httpdate::parse_http_date(said).ok()?.into())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::compared;
    use crate::cli::doctor::Verdict;

    #[test]
    fn clocks_that_differ_either_way_are_told() {
        for (seconds, verdict) in [
            (0, Verdict::Ok),
            (-5, Verdict::Ok),
            (6, Verdict::Warning),
            (-30, Verdict::Warning),
            (31, Verdict::Failure),
            (-3600, Verdict::Failure),
        ] {
            assert!(compared("theirs", TimeDelta::seconds(seconds)).verdict == verdict, "{seconds}");
        }
    }
}
