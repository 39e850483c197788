//! Whether the database answers and has every migration.
use std::{borrow::Cow, net::IpAddr, path::Path};

use mist::{config::Config, db::Db};
use url::Url;

use super::Finding;

pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let url = config.database.url.as_str();
    // A look makes no file.
    if let Some(file) = sqlite_file(url)
        && !Path::new(file).exists()
    {
        return vec![Finding::warning(
            "there is no SQLite file yet",
            "`mist serve` or `mist migrate` makes it",
        )];
    }
    let mut findings = Vec::new();
    if is_bare(url) {
        findings.push(Finding::warning(
            "database.url: the connection may go unencrypted over a network",
            "add ?sslmode=verify-full&sslrootcert=FILE, or at least ?sslmode=require",
        ));
    }
    let db = match Db::connect(&config.database).await {
        Ok(db) => db,
        Err(error) => {
            findings.push(Finding::failure(
                format!("does not answer: {error}"),
                "see MIST_DATABASE__URL, and whether the server lets this machine in",
            ));
            return findings;
        }
    };
    findings.push(match migration::pending(&db.read).await {
        Ok(0) => Finding::ok(format!("{} answers; every migration is applied", kind(url))),
        Ok(pending) => {
            Finding::failure(format!("{pending} migrations are not applied"), "run `mist migrate`")
        }
        Err(error) => {
            Finding::failure(format!("answers, but knows of no migration: {error}"), "run `mist migrate`")
        }
    });
    findings.extend(db.look_at_replica().await.map(|looked| match looked {
        Ok(lag) if lag <= f64::from(config.database.read_max_lag) => {
            Finding::ok(format!("the replica answers, {lag:.0} s behind"))
        }
        Ok(lag) => Finding::warning(
            format!(
                "the replica is {lag:.0} s behind, more than database.read_max_lag: the primary is asked"
            ),
            "see what keeps it from applying what it is sent",
        ),
        Err(error) => Finding::warning(
            format!("the replica does not answer: {error}: the primary is asked"),
            "see MIST_DATABASE__READ_URL, and whether the server lets this machine in",
        ),
    }));
    if let Err(error) = db.close().await {
        findings.push(Finding::warning(format!("does not close: {error}"), "look at its log"));
    }
    findings
}

fn kind(url: &str) -> &'static str {
    if url.starts_with("sqlite:") { "SQLite" } else { "PostgreSQL" }
}

/// The file of a database of SQLite.
pub(super) fn sqlite_file(url: &str) -> Option<&str> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    path.split('?').next().filter(|path| *path != ":memory:")
}

/// Whether it is elsewhere and nothing says that the way there is encrypted.
fn is_bare(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    if url.scheme() == "sqlite" {
        return false;
    }
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let elsewhere = match host.parse::<IpAddr>() {
        Ok(ip) => !ip.is_loopback(),
        // A socket of this machine has no host, or a path with its slashes encoded.
        Err(_) => !["", "localhost"].contains(&host) && !host.starts_with('%'),
    };
    let encrypted = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
        matches!(name.as_ref(), "sslmode" | "ssl-mode")
            && ["require", "verify-ca", "verify-full"].contains(&value.as_ref())
    };
    elsewhere && !url.query_pairs().any(encrypted)
}

#[cfg(test)]
mod tests {
    use super::{is_bare, sqlite_file};

    #[test]
    fn a_database_elsewhere_wants_an_encrypted_way() {
        for (url, bare) in [
            ("sqlite://mist.db", false),
            ("postgres://mist@localhost/mist", false),
            ("postgres://mist@127.0.0.1/mist", false),
            ("postgres://mist@[::1]/mist", false),
            ("postgres://mist@%2Frun%2Fpostgresql/mist", false),
            ("postgres:///mist?host=/run/postgresql", false),
            ("postgres://mist@10.0.0.7/mist", true),
            ("postgres://mist@db.internal/mist", true),
            ("postgres://mist@db.internal/mist?sslmode=prefer", true),
            ("postgres://mist@db.internal/mist?sslmode=require", false),
            ("postgres://mist@db.internal/mist?sslmode=verify-full&sslrootcert=/ca.pem", false),
        ] {
            assert_eq!(is_bare(url), bare, "{url}");
        }
    }

    #[test]
    fn the_file_of_an_sqlite_database_is_told_from_its_address() {
        assert_eq!(sqlite_file("sqlite:///data/mist.db?mode=rwc"), Some("/data/mist.db"));
        assert_eq!(sqlite_file("sqlite::memory:"), None);
        assert_eq!(sqlite_file("postgres://db/mist"), None);
    }
}
