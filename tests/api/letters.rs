//! Every mail that there is, in every language: what it says, and what operators make of it.
use std::{fs, path::PathBuf};

use mist::{
    config::Config,
    languages::Language,
    mail::{self, Example, Mail, Sample, Templates},
    notifications,
};

use crate::support::{Letter, TestApp, files_below};

/// Every mail in a language.
fn all(language: Language) -> Vec<Sample> {
    let config = Config::default();
    let (templates, example) = (Templates::open(&config).unwrap(), Example::of(&config));
    let mut all = mail::samples(&templates, language, &example).unwrap();
    all.extend(notifications::samples(&templates, language, &example).unwrap());
    all
}

/// The folder of a store whose templates differ in one file, and the program of that store.
async fn run_with(file: &str, text: &str, arguments: &[&str]) -> (bool, String) {
    let app = TestApp::new().await;
    let folder = app.path("templates");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(file), text).unwrap();
    let mut program = app.program();
    program.args(arguments).env("MIST_MAIL__TEMPLATES", &folder).env("MIST_HTTP__LISTEN", "127.0.0.1:0");
    crate::support::said(program.output().await.unwrap())
}

#[test]
fn every_mail_says_in_every_language_what_it_said() {
    for language in Language::all() {
        let told: Vec<String> = all(language)
            .iter()
            .map(|Sample { name, letter, .. }| format!("== {name}: {}\n\n{}", letter.subject, letter.text))
            .collect();
        insta::assert_snapshot!(format!("letters-{}", language.tag()), told.join("\n"));
    }
    let pages = all(Language::english()).into_iter().map(|sample| sample.letter.html);
    insta::assert_snapshot!("letters-html", pages.collect::<Vec<_>>().join("\n"));
}

#[test]
fn nothing_that_people_chose_becomes_markup() {
    for language in Language::all() {
        for Sample { name, letter, .. } in all(language) {
            for tag in ["<b>", "<i>", "<script", "<Wonders>"] {
                assert!(!letter.html.contains(tag), "{name} in {}: {}", language.tag(), letter.html);
            }
            let holds = ["Wonders", "Ada"].iter().any(|word| letter.text.contains(word));
            assert!(!holds || letter.html.contains("&lt;"), "{name} in {}", language.tag());
        }
    }
}

#[tokio::test]
async fn every_mail_has_both_parts_and_news_alone_one_way_to_unsubscribe() {
    let app = TestApp::new().await;
    let mut news = Vec::new();
    for Sample { name, letter, is_news } in all(Language::english()) {
        let address = is_news.then(|| app.app.public_url("/api/v1/mail/unsubscribe?token=abc"));
        let to = "ada@example.com".parse().unwrap();
        let id = app.clock.new_id();
        let sent = Mail { id, to, letter: letter.clone(), attachments: Vec::new(), unsubscribe: address };
        mail::send(&app.app, sent).await.unwrap();
        let mails = app.mails();
        let read = Letter::read(mails.last().unwrap());
        assert_eq!((read.text.trim(), read.html.trim()), (letter.text.trim(), letter.html.trim()), "{name}");
        let headers = |begin: &str| read.headers.lines().filter(|line| line.starts_with(begin)).count();
        let expected = usize::from(is_news);
        assert_eq!((headers("List-Unsubscribe:"), headers("List-Unsubscribe-Post:")), (expected, expected));
        assert_eq!(letter.text.contains("/unsubscribe"), is_news, "{name}");
        assert_eq!(letter.html.contains("unsubscribe"), is_news, "{name}");
        if is_news {
            news.push(name);
        }
    }
    let of_wishes_and_staff = [
        "notification",
        "build_released",
        "wishlist_price_drop",
        "wishlist_release",
        "wishlist_sale_ending",
        "review_answered",
        "order_disputed",
        "payment_flagged",
        "license_pool_low",
        "check_failed",
        "review_reported",
        "webhook_disabled",
    ];
    assert_eq!(news, of_wishes_and_staff);
}

#[tokio::test]
async fn an_operator_looks_at_a_mail_and_at_all_of_them() {
    let app = TestApp::new().await;
    let (done, said) = app.run(&["mail", "preview", "receipt", "--language", "de"]).await;
    assert!(done && said.starts_with("== receipt (de)\nSubject: Mist: "), "{said}");
    assert_eq!(said.matches("== ").count(), 1, "{said}");
    let (done, said) = app.run(&["mail", "preview", "nothing"]).await;
    assert!(!done && said.contains("There is no mail nothing, but receipt, withdrawal, "), "{said}");
    let (done, said) = app.run(&["mail", "preview", "--language", "tlh"]).await;
    assert!(!done && said.contains("one of en, de, fr, es, ja"), "{said}");

    let folder = app.path("preview");
    let (done, said) = app.run(&["mail", "preview", "--out", folder.to_str().unwrap()]).await;
    let files = files_below(&folder);
    let mails = (files.len() - Language::all().count()) / 2;
    assert!(done && said.starts_with(&format!("{mails} mails are in ")), "{said}");
    let of = |language: &str, name: &str| fs::read_to_string(folder.join(language).join(name)).unwrap();
    assert!(of("ja", "receipt.html").contains("<html lang=\"ja\">"));
    assert!(of("fr", "index.html").contains("order_refunded.html"));
    let unknown: Vec<&PathBuf> =
        files.iter().filter(|file| file.to_str().unwrap().contains("notification")).collect();
    assert!(unknown.is_empty(), "each kind of notification has a mail of its own: {unknown:?}");
}

#[tokio::test]
async fn a_template_of_the_operators_stands_in_the_place_of_the_built_in_one() {
    let text = "{{ store }}: danke\n\nNummer {{ number }}\n";
    let (done, said) =
        run_with("receipt.txt", text, &["mail", "preview", "receipt", "--language", "en"]).await;
    assert_eq!(
        (done, said.as_str()),
        (true, "== receipt (en)\nSubject: Mist: danke\n\nNummer M-2026-000042\n\n")
    );
    let layout = "<!doctype html><html lang=\"{{ lang }}\"><p>ours</p>{% block body %}{% endblock %}</html>";
    let app = TestApp::new().await;
    let folder = app.path("templates");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("layout.html"), layout).unwrap();
    let app = app.another_copy_with(|config| config.mail.templates = Some(folder)).await;
    app.account("ada").await;
    let letters = app.letters("ada@example.com").await;
    assert!(letters[0].html.contains("<p>ours</p>"), "{}", letters[0].html);
}

#[tokio::test]
async fn a_broken_template_is_told_by_its_file_before_somebody_is_to_get_a_mail() {
    for (file, text, why) in [
        ("gift.html", "{% block", "gift.html"),
        ("receipt.html", "<p>{{ nobody }}</p>", "receipt.html:1"),
        ("receipt.txt", "no empty line", "receipt.txt: no subject"),
        ("device.txt", "{{ t(\"no-such-text\") }}", "device.txt"),
        ("recipt.html", "", "no template has this name"),
    ] {
        for command in [["mail", "preview"].as_slice(), &["doctor"], &["serve"]] {
            let (done, said) = run_with(file, text, command).await;
            assert!(!done && said.contains("mail.templates") && said.contains(why), "{file}: {said}");
        }
    }
    let (_, said) = run_with("receipt.txt", "{{ number }}\n\nx\n", &["doctor"]).await;
    assert!(said.contains("mail.templates: every mail is written by them in every language"), "{said}");
}
