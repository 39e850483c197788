//! What a search finds.
use super::shelf::{Item, found, item, slugs, stock};
use crate::support::TestApp;

#[tokio::test]
async fn words_are_found_by_their_beginning_in_any_case_and_language() {
    let app = TestApp::new().await;
    let titled = |slug, title| Item { title, ..item(slug) };
    stock(
        &app,
        [
            titled("cafe", "Café Noir"),
            titled("moby", "Moby-Dick; or, The Whale"),
            Item { translations: &[("de", "Schachmeister")], ..titled("chess", "Chess Master") },
        ],
    )
    .await;
    assert_eq!(found(&app, "q=CAF").await, ["cafe"]);
    assert_eq!(found(&app, "q=noir+caf%C3%A9").await, ["cafe"]);
    assert_eq!(found(&app, "q=dick").await, ["moby"]);
    assert_eq!(found(&app, "q=ick").await, [""; 0]);
    assert_eq!(found(&app, "q=schach").await, ["chess"]);
    assert_eq!(found(&app, "q=moby+chess").await, [""; 0]);
    assert_eq!(found(&app, "q=+").await.len(), 3);
    assert_eq!(found(&app, "q=!").await, [""; 0]);
}

#[tokio::test]
async fn wildcards_are_letters_like_others() {
    let app = TestApp::new().await;
    let titled = |slug, title| Item { title, ..item(slug) };
    stock(&app, [titled("percent", "100% Orange"), titled("score", "snake_case"), titled("plain", "Apple")])
        .await;
    assert_eq!(found(&app, "q=%25").await, [""; 0]);
    assert_eq!(found(&app, "q=_").await, [""; 0]);
    assert_eq!(found(&app, "q=100%25").await, ["percent"]);
    assert_eq!(found(&app, "q=_ple").await, [""; 0]);
    assert_eq!(found(&app, "q=snake_case").await, ["score"]);
    assert_eq!(found(&app, "q=%5C").await, [""; 0]);
    assert_eq!(found(&app, "q=%27%22%3B--").await, [""; 0]);
}

#[tokio::test]
async fn words_of_scripts_without_spaces_are_found_anywhere() {
    let app = TestApp::new().await;
    stock(
        &app,
        [
            Item { title: "源氏物語", ..item("genji") },
            Item {
                title: "Terminal", translations: &[("ja", "端末エミュレータ")], ..item("terminal")
            },
        ],
    )
    .await;
    assert_eq!(found(&app, "q=%E7%89%A9%E8%AA%9E").await, ["genji"]);
    assert_eq!(found(&app, "q=%E3%82%A8%E3%83%9F%E3%83%A5").await, ["terminal"]);
    assert_eq!(found(&app, "q=%E7%AB%AF%E6%9C%AB").await, ["terminal"]);
}

#[tokio::test]
async fn a_search_has_only_so_many_words() {
    let app = TestApp::new().await;
    let reply = app.nobody().get(&format!("/api/v1/products?q={}", "a+".repeat(17))).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "too_many"));
    assert_eq!(app.nobody().get(&format!("/api/v1/products?q={}", "a+".repeat(16))).await.status, 200);
    let reply = app.nobody().get(&format!("/api/v1/products?q={}", "a".repeat(201))).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "too_long"));
}

#[tokio::test]
async fn who_names_no_language_is_searched_for_in_the_stores_own() {
    let app = TestApp::new().await;
    stock(
        &app,
        [
            Item { title: "Jumping Beans", ..item("beans") },
            Item { title: "Gift Shop", ..item("shop") },
            Item {
                title: "Poison Shop",
                translations: &[("de", "Gift und Galle")],
                popularity: 9,
                ..item("poison")
            },
        ],
    )
    .await;
    let nobody = app.nobody();
    assert_eq!(slugs(&nobody, "/api/v1/products?q=jumped").await, ["beans"], "endings are cut by its rules");
    assert_eq!(slugs(&nobody, "/api/v1/products?q=gift").await, ["shop", "poison"], "its titles come first");
    assert_eq!(slugs(&nobody, "/api/v1/products?q=gift&locale=de").await, ["poison", "shop"]);
    let first = nobody.get("/api/v1/search/suggest?q=gift").await.json()["items"][0]["slug"].clone();
    assert_eq!(first, "shop");
    assert_eq!(
        slugs(&nobody, "/api/v1/products?q=jumped&locale=ja").await,
        ["beans"],
        "whatever is wished for"
    );
}
