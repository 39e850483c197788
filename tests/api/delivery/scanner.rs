//! A program of the settings looks files through before anybody gets them.
use std::path::PathBuf;

use chrono::Duration;
use mist::{config::Config, delivery::collect_garbage};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::shop::Shop;
use crate::support::TestApp;

/// The harmless text that every scanner takes for a virus; in two pieces, lest one takes this file for it.
fn eicar() -> String {
    format!("X5O!P%@AP[4\\PZX54(P^)7CC)7}}$EICAR-STANDARD-{}!$H+H*", "ANTIVIRUS-TEST-FILE")
}

/// What stands in for a scanner: it finds that text, and does otherwise while a file lies beside it. Each run adds a line.
const SCRIPT: &str = r#"cd "$1"; shift
echo run >> runs
while [ -e waiting ]; do sleep 0.02; done
[ -e mended ] && exit 0
[ -n "$MIST_MASTER_KEY$HOME" ] && exit 3
[ -e broken ] && { echo "no signatures" >&2; exit 2; }
if [ -n "$1" ]; then exec < "$1"; fi
grep -q EICAR-STANDARD-ANTIVIRUS && exit 1
exit 0
"#;

struct Scanner(tempfile::TempDir);

impl Scanner {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("scan.sh"), SCRIPT).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn serve(&self, config: &mut Config, more: &[&str]) {
        let script = self.path("scan.sh").display().to_string();
        let folder = self.0.path().display().to_string();
        config.delivery.scanner = vec!["sh".to_owned(), script, folder];
        config.delivery.scanner.extend(more.iter().map(|&argument| argument.to_owned()));
    }

    /// Has it do otherwise.
    fn put(&self, name: &str) {
        std::fs::write(self.path(name), "").unwrap();
    }

    /// Has it do as before.
    fn take(&self, name: &str) {
        std::fs::remove_file(self.path(name)).unwrap();
    }

    fn runs(&self) -> usize {
        std::fs::read_to_string(self.path("runs")).unwrap_or_default().lines().count()
    }
}

async fn shown(shop: &Shop, build: Uuid) -> Vec<(String, Option<String>)> {
    let shown = shop.show(build).await;
    let file = |file: &serde_json::Value| {
        let quarantine = file.get("quarantine").map(|why| why.as_str().unwrap().to_owned());
        (file["name"].as_str().unwrap().to_owned(), quarantine)
    };
    shown["files"].as_array().unwrap().iter().map(file).collect()
}

fn kept(name: &str, why: &str) -> (String, Option<String>) {
    (name.to_owned(), Some(why.to_owned()))
}

#[tokio::test]
async fn a_build_is_released_when_nothing_was_found_in_any_file() {
    for (more, s3) in [(&[][..], false), (&["{}"][..], false), (&[][..], true), (&["{}"][..], true)] {
        let scanner = Scanner::new();
        let settings = |config: &mut Config| scanner.serve(config, more);
        let app = if s3 { TestApp::on_s3(settings).await } else { TestApp::with(settings).await };
        let shop = Shop::of(app).await;
        let build = shop.draft("1.0", "any").await;
        assert_eq!(shop.upload(build, "a.txt", "harmless").await.status, 201);
        assert_eq!(shop.upload(build, "b.com", eicar()).await.status, 201);
        assert_eq!(shown(&shop, build).await, [kept("a.txt", "pending"), kept("b.com", "pending")]);
        let early = shop.act(build, "release").await;
        assert_eq!((early.status, early.code().as_str()), (409, "not_scanned"));
        assert_eq!(early.json()["files"], json!(["a.txt", "b.com"]));

        shop.app.run_jobs().await;
        assert_eq!(shown(&shop, build).await, [("a.txt".to_owned(), None), kept("b.com", "infected")]);
        let infected = shop.act(build, "release").await;
        assert_eq!((infected.status, infected.code().as_str()), (409, "infected"));
        assert_eq!(infected.json()["files"], json!(["b.com"]));

        // Equal bytes were looked through already.
        assert_eq!(shop.upload(build, "b.com", "harmless").await.status, 201);
        assert_eq!((shop.app.run_jobs().await, scanner.runs()), (0, 2));
        assert_eq!(shop.act(build, "release").await.status, 200);
        assert!(shown(&shop, build).await.iter().all(|(_, quarantine)| quarantine.is_none()));
        assert_eq!(std::fs::read_dir(shop.app.app.config.folder("tmp")).map_or(0, Iterator::count), 0);
    }
}

#[tokio::test]
async fn a_scanner_that_fails_is_asked_again_and_says_nothing_of_a_file() {
    let scanner = Scanner::new();
    let shop = Shop::of(TestApp::with(|config| scanner.serve(config, &[])).await).await;
    let build = shop.draft("1.0", "any").await;
    scanner.put("broken");
    assert_eq!(shop.upload(build, "a.txt", "harmless").await.status, 201);
    shop.app.run_jobs().await;
    assert_eq!((scanner.runs(), shop.act(build, "release").await.code().as_str()), (1, "not_scanned"));
    scanner.take("broken");
    shop.app.advance(Duration::hours(1));
    let shop = shop.signed_in_again().await;
    shop.app.run_jobs().await;
    assert_eq!((scanner.runs(), shop.act(build, "release").await.status), (2, 200));
}

#[tokio::test]
async fn one_that_fails_for_hours_is_given_up_and_asked_again_when_a_release_is() {
    let scanner = Scanner::new();
    let shop = Shop::of(TestApp::with(|config| scanner.serve(config, &[])).await).await;
    let build = shop.draft("1.0", "any").await;
    scanner.put("broken");
    assert_eq!(shop.upload(build, "a.txt", "harmless").await.status, 201);
    for _ in 0..queue::DEFAULT_MAX_ATTEMPTS {
        shop.app.run_jobs().await;
        shop.app.advance(Duration::hours(12));
    }
    let shop = shop.signed_in_again().await;
    assert_eq!((shop.app.run_jobs().await, scanner.runs()), (0, 15), "the job is dead");
    assert_eq!(shown(&shop, build).await, [kept("a.txt", "failed")]);
    scanner.take("broken");
    assert_eq!(shop.act(build, "release").await.code(), "not_scanned");
    assert_eq!(shown(&shop, build).await, [kept("a.txt", "pending")]);
    assert_eq!(shop.app.run_jobs().await, 1);
    assert_eq!(shop.act(build, "release").await.status, 200);
}

#[tokio::test]
async fn a_file_is_looked_through_though_its_job_was_lost() {
    let scanner = Scanner::new();
    let shop = Shop::of(TestApp::with(|config| scanner.serve(config, &[])).await).await;
    shop.app.run_jobs().await;
    let build = shop.draft("1.0", "any").await;
    assert_eq!(shop.upload(build, "a.txt", "harmless").await.status, 201);
    let lost = queue::park(shop.app.app.db.writer(), &["delivery.scan"], shop.app.clock.now(), "lost").await;
    assert_eq!((lost.unwrap(), shop.app.run_jobs().await), (1, 0));
    assert_eq!(shop.act(build, "release").await.code(), "not_scanned");
    assert_eq!(shop.act(build, "release").await.code(), "not_scanned");
    assert_eq!(shop.app.run_jobs().await, 1, "it was asked for once");
    assert_eq!(shop.act(build, "release").await.status, 200);
}

#[tokio::test]
async fn what_was_found_is_looked_for_again_when_the_file_is_put_again() {
    let scanner = Scanner::new();
    let shop = Shop::of(TestApp::with(|config| scanner.serve(config, &[])).await).await;
    let build = shop.draft("1.0", "any").await;
    assert_eq!(shop.upload(build, "b.com", eicar()).await.status, 201);
    shop.app.run_jobs().await;
    assert_eq!(shop.act(build, "release").await.code(), "infected");
    assert_eq!(shop.app.run_jobs().await, 0, "to ask for a release is no reason to look again");
    scanner.put("mended");
    assert_eq!(shop.upload(build, "b.com", eicar()).await.status, 201);
    assert_eq!(shop.act(build, "release").await.code(), "not_scanned");
    assert_eq!(shop.app.run_jobs().await, 1);
    assert_eq!(shop.act(build, "release").await.status, 200);
}

#[tokio::test]
async fn a_scanner_that_is_taken_away_keeps_nothing_back() {
    let scanner = Scanner::new();
    let with = Shop::of(TestApp::with(|config| scanner.serve(config, &[])).await).await;
    with.app.run_jobs().await;
    let (first, second) = (with.draft("1.0", "any").await, with.draft("2.0", "any").await);
    for (build, bytes) in [(first, "one"), (second, "two")] {
        assert_eq!(with.upload(build, "a.txt", bytes).await.status, 201);
    }
    let copy = with.app.another_copy_with(|config| config.delivery.scanner.clear()).await;
    let without = Shop { app: copy, editor: with.back("editor").await, product: with.product };
    let without = without.signed_in_again().await;
    assert_eq!((without.app.run_jobs().await, scanner.runs()), (2, 0));
    assert_eq!(without.act(first, "release").await.status, 200);
    // Where there is one again, what was forgotten is asked for.
    assert_eq!(with.act(second, "release").await.code(), "not_scanned");
    assert_eq!((with.app.run_jobs().await, scanner.runs()), (1, 1));
    assert_eq!(with.act(second, "release").await.status, 200);
}

/// Waits for what comes by itself.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        let mut beat = tokio::time::interval(std::time::Duration::from_millis(10));
        while !is_so().await {
            beat.tick().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), waiting).await.expect(what);
}

#[tokio::test]
async fn no_mail_waits_while_files_are_looked_through() {
    let scanner = Scanner::new();
    let shop = Shop::of(TestApp::with(|config| scanner.serve(config, &[])).await).await;
    shop.app.run_jobs().await;
    let (build, before) = (shop.draft("1.0", "any").await, shop.app.mails().len());
    scanner.put("waiting");
    for name in ["a", "b", "c", "d", "e", "f"] {
        assert_eq!(shop.upload(build, name, name).await.status, 201);
    }
    let stop = CancellationToken::new();
    let running = tokio::spawn(mist::background::run(shop.app.app.clone(), stop.clone()));
    until("files are looked through", async || scanner.runs() > 0).await;
    shop.app.account("ada").await;
    until("a mail is sent", async || shop.app.mails().len() > before).await;
    assert!(shown(&shop, build).await.iter().all(|file| file.1.as_deref() == Some("pending")));
    scanner.take("waiting");
    until("all are clean", async || shown(&shop, build).await.iter().all(|file| file.1.is_none())).await;
    stop.cancel();
    running.await.unwrap();
}

/// Whether a process runs; one that has ended may wait to be asked how.
fn runs(process: &str) -> bool {
    let about = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    about.rsplit_once(')').is_some_and(|(_, state)| !state.trim_start().starts_with(['Z', 'X']))
}

#[tokio::test]
async fn one_that_takes_too_long_is_ended_with_all_that_it_has_started() {
    let folder = tempfile::tempdir().unwrap();
    let processes = folder.path().join("processes");
    let settings = |config: &mut Config| {
        let script = "sleep 600 & echo $$ $! > \"$0\"; wait";
        config.delivery.scanner = ["sh", "-c", script].map(str::to_owned).to_vec();
        config.delivery.scanner.push(processes.display().to_string());
        config.delivery.scanner_timeout = std::num::NonZeroU32::MIN;
    };
    let shop = Shop::of(TestApp::with(settings).await).await;
    let build = shop.draft("1.0", "any").await;
    assert_eq!(shop.upload(build, "a.txt", "harmless").await.status, 201);
    shop.app.run_jobs().await;
    assert_eq!(shop.act(build, "release").await.code(), "not_scanned");
    let processes = std::fs::read_to_string(&processes).unwrap();
    assert_eq!(processes.split_whitespace().count(), 2);
    until("they have ended", async || !processes.split_whitespace().any(runs)).await;
}

#[tokio::test]
async fn a_copy_that_a_crash_left_is_removed_with_what_nobody_has() {
    let shop = Shop::of(TestApp::on_s3(|_| {}).await).await;
    let folder = shop.app.app.config.folder("tmp");
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["left.scanned", "other"] {
        std::fs::write(folder.join(name), "bytes").unwrap();
    }
    shop.app.advance(Duration::days(3650));
    collect_garbage(&shop.app.app).await.unwrap();
    assert_eq!((folder.join("left.scanned").exists(), folder.join("other").exists()), (false, true));
}

#[tokio::test]
async fn files_from_before_there_was_a_scanner_are_looked_through_when_their_release_is_asked_for() {
    let scanner = Scanner::new();
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    assert_eq!(shop.upload(build, "a.txt", "harmless").await.status, 201);
    let copy = shop.app.another_copy_with(|config| scanner.serve(config, &[])).await;
    let shop = Shop { app: copy, ..shop }.signed_in_again().await;
    assert_eq!(shop.act(build, "release").await.code(), "not_scanned");
    assert_eq!(shop.act(build, "release").await.code(), "not_scanned");
    shop.app.run_jobs().await;
    assert_eq!(scanner.runs(), 1);
    assert_eq!(shop.act(build, "release").await.status, 200);
}

#[tokio::test]
async fn a_scanner_may_take_six_hours_and_no_more() {
    let app = TestApp::new().await;
    let mut program = app.program();
    program.env("MIST_DELIVERY__SCANNER_TIMEOUT", "21601").arg("config");
    let (succeeded, told) = crate::support::said(program.output().await.unwrap());
    assert!(!succeeded && told.contains("delivery.scanner_timeout: must be at most 21600"), "{told}");
}
