//! `mist health` and `mist doctor`: what is around a store is looked at without a trace, and told without a secret.
use std::path::PathBuf;

use crate::support::{TestApp, aws, files_below, program, said};

/// A port of the loopback on which nobody listens.
const NOBODY: &str = "127.0.0.1:1";

/// The lines that begin with a verdict on a subject.
fn lines<'a>(said: &'a str, verdict: &str, subject: &str) -> Vec<&'a str> {
    let begins = format!("{verdict:<8} {subject:<9} ");
    said.lines().filter_map(|line| line.strip_prefix(begins.as_str())).collect()
}

#[tokio::test]
async fn a_store_that_is_ready_is_healthy_and_one_that_is_not_is_not() {
    let app = TestApp::new().await;
    let listen = app.url.trim_start_matches("http://").to_owned();
    let health = async |listen: &str| {
        // A container may know a proxy, which has no business here.
        let mut program = app.program();
        program
            .args(["health"])
            .env("MIST_HTTP__LISTEN", listen)
            .env("HTTP_PROXY", format!("http://{NOBODY}"));
        said(program.output().await.unwrap())
    };
    assert_eq!(health(&listen).await, (true, "ready\n".to_owned()));
    let everywhere = format!("0.0.0.0:{}", listen.rsplit(':').next().unwrap());
    assert!(health(&everywhere).await.0, "who listens everywhere is asked on the loopback");

    let (healthy, why) = health(NOBODY).await;
    assert!(!healthy && why.contains("does not answer"), "{why}");
    let (healthy, why) = health("127.0.0.1:0").await;
    assert!(!healthy && why.contains("MIST_HTTP__LISTEN"), "{why}");

    if let Some(server) = &app.s3 {
        server.stop();
    } else {
        std::fs::remove_dir_all(app.path("objects").parent().unwrap()).unwrap();
    }
    // What was found counts for a second.
    let why = loop {
        let mut program = program();
        program.args(["health"]).env("MIST_HTTP__LISTEN", &listen);
        let (healthy, why) = said(program.output().await.unwrap());
        if !healthy {
            break why;
        }
    };
    assert!(why.contains("503"), "{why}");
    let mut program = program();
    program.args(["health", "--live"]).env("MIST_HTTP__LISTEN", &listen);
    assert_eq!(said(program.output().await.unwrap()), (true, "alive\n".to_owned()), "the process is up");
}

#[tokio::test]
async fn what_nobody_looks_at_from_day_to_day_is_told_before_it_is_missed() {
    let app = TestApp::new().await;
    let expired = rcgen::CertificateParams::new(["localhost".to_owned()]).map(|mut params| {
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
        params
    });
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = expired.unwrap().self_signed(&key).unwrap();
    for (name, text) in [("tls.pem", certificate.pem()), ("tls.key", key.serialize_pem())] {
        std::fs::write(app.path(name), text).unwrap();
    }
    let mut program = app.program();
    program.args(["doctor"]).envs([
        ("MIST_HTTP__TLS__CERTIFICATE", app.path("tls.pem")),
        ("MIST_HTTP__TLS__KEY", app.path("tls.key")),
        ("MIST_BACKUP__FOLDER", PathBuf::from("/proc/nowhere")),
        ("MIST_HTTP__TRUSTED_PROXIES", PathBuf::from("0.0.0.0/0")),
    ]);
    let (sound, told) = said(program.output().await.unwrap());
    assert!(!sound, "{told}");
    assert!(lines(&told, "failure", "tls")[0].contains("holds until 2021-01-01"), "{told}");
    assert!(lines(&told, "failure", "backup")[0].contains("/proc/nowhere"), "{told}");
    let warned = lines(&told, "warning", "settings");
    assert!(warned.iter().any(|line| line.contains("trusted_proxies: everybody")), "{told}");

    let mut program = app.program();
    program
        .args(["doctor"])
        .env("MIST_HTTP__TLS__CERTIFICATE", "/nowhere")
        .env("MIST_HTTP__TLS__KEY", "/nowhere");
    let (sound, told) = said(program.output().await.unwrap());
    assert!(!sound && lines(&told, "failure", "tls")[0].contains("/nowhere"), "{told}");
}

#[tokio::test]
async fn a_sound_store_is_looked_at_and_left_as_it_was() {
    let app = TestApp::new().await;
    let before = objects(&app);
    let (sound, said) = app.run(&["doctor"]).await;
    assert!(sound, "{said}");
    assert!(lines(&said, "ok", "database")[0].ends_with("answers; every migration is applied"), "{said}");
    assert!(lines(&said, "ok", "storage")[0].contains("gave it back and removed it"), "{said}");
    assert_eq!(lines(&said, "ok", "clock").len(), 1, "{said}");
    // What a store for trying out lacks is told, and is no failure.
    assert_eq!(lines(&said, "warning", "mail").len(), 1, "{said}");
    assert_eq!(lines(&said, "warning", "payments").len(), 1, "{said}");
    assert_eq!(lines(&said, "warning", "address").len(), 1, "{said}");
    assert_eq!(objects(&app), before, "the probe is gone");
}

/// The files that hold objects.
fn objects(app: &TestApp) -> Vec<PathBuf> {
    ["objects", "tmp", "drafts"].iter().flat_map(|folder| files_below(&app.path(folder))).collect()
}

#[tokio::test]
async fn a_store_that_is_none_yet_is_not_made_by_looking_at_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = program();
    program.args(["doctor", "--data-dir", "none"]).current_dir(folder.path());
    let (sound, said) = said(program.output().await.unwrap());
    assert!(sound, "{said}");
    assert_eq!(lines(&said, "warning", "database"), ["there is no SQLite file yet"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
}

#[tokio::test]
async fn what_is_broken_is_named_with_what_to_do_and_without_its_secrets() {
    let app = TestApp::new().await;
    let mut program = app.program();
    program.args(["doctor"]).envs([
        ("MIST_DATABASE__URL", "postgres://mist:hunter2@127.0.0.1:1/mist".to_owned()),
        ("MIST_MASTER_KEY", "cafe-hunter2".to_owned()),
        ("MIST_STORAGE__KIND", "s3".to_owned()),
        ("MIST_STORAGE__S3__BUCKET", "mist".to_owned()),
        ("MIST_STORAGE__S3__ENDPOINT", format!("http://{NOBODY}")),
        ("MIST_STORAGE__S3__PATH_STYLE", "true".to_owned()),
        ("MIST_STORAGE__S3__ACCESS_KEY_ID", "mist".to_owned()),
        ("MIST_STORAGE__S3__SECRET_ACCESS_KEY", "hunter2".to_owned()),
        ("MIST_MAIL__KIND", "smtp".to_owned()),
        ("MIST_MAIL__SMTP__URL", format!("smtp://mist:hunter2@{NOBODY}")),
        ("MIST_PAYMENTS__PROVIDERS", "stripe".to_owned()),
        ("MIST_PAYMENTS__STRIPE__SECRET_KEY", "rk_test_hunter2".to_owned()),
        ("MIST_PAYMENTS__STRIPE__WEBHOOK_SECRET", "hunter2".to_owned()),
        ("MIST_PAYMENTS__STRIPE__API_BASE", format!("http://{NOBODY}")),
        ("MIST_HTTP__PUBLIC_URL", "https://store.invalid".to_owned()),
    ]);
    let (sound, said) = said(program.output().await.unwrap());
    assert!(!sound, "{said}");
    for subject in ["settings", "database", "storage", "mail", "payments", "address"] {
        assert!(!lines(&said, "failure", subject).is_empty(), "{subject}: {said}");
    }
    assert_eq!(lines(&said, "warning", "clock").len(), 1, "{said}");
    let failures = said.lines().filter(|line| line.starts_with("failure")).count();
    assert!(said.contains(&format!("Broken: {failures};")), "{said}");
    assert!(said.lines().filter(|line| line.contains("-> ")).count() >= failures, "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn a_mail_server_is_greeted_and_sent_nothing() {
    let url = std::env::var("MIST_TEST_SMTP_URL").expect("`cargo xtask test` sets it");
    let folder = std::env::var("MIST_TEST_SMTP_FOLDER").expect("`cargo xtask test` sets it");
    let app = TestApp::new().await;
    let mut program = app.program();
    program
        .args(["doctor"])
        .env("MIST_MAIL__KIND", "smtp")
        .env("MIST_MAIL__SMTP__URL", url)
        .env("MIST_MAIL__FROM", "Store <doctor-sends-nothing@example.com>");
    let (sound, told) = said(program.output().await.unwrap());
    assert!(sound, "{told}");
    assert_eq!(lines(&told, "ok", "mail").len(), 1, "{told}");
    for mail in std::fs::read_dir(folder).unwrap() {
        let mail = std::fs::read_to_string(mail.unwrap().path()).unwrap_or_default();
        assert!(!mail.contains("doctor-sends-nothing"), "a mail was sent");
    }
}

#[tokio::test]
async fn a_key_that_ses_does_not_know_is_a_failure_and_no_mail_is_sent() {
    let aws = aws::Server::start();
    let app = TestApp::with(|config| aws.configure(config)).await;
    let ses = &app.app.config.mail.ses;
    let mut program = app.program();
    program.args(["doctor"]).envs([
        ("MIST_MAIL__KIND", "ses"),
        ("MIST_MAIL__FROM", "store@example.com"),
        ("MIST_MAIL__SES__REGION", ses.region.as_deref().unwrap()),
        ("MIST_MAIL__SES__ENDPOINT", ses.endpoint.as_ref().unwrap().as_str()),
        ("MIST_MAIL__SES__ACCESS_KEY_ID", ses.access_key_id.as_deref().unwrap()),
        ("MIST_MAIL__SES__SECRET_ACCESS_KEY", "another"),
    ]);
    let (sound, told) = said(program.output().await.unwrap());
    assert!(!sound, "{told}");
    assert!(lines(&told, "failure", "mail")[0].contains("403"), "{told}");
    assert!(aws.mails().await.is_empty(), "nothing was sent");
}
