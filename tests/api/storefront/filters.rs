//! Every filter of the list alone, and some together.
use entity::{
    product::{Kind, Status},
    product_platform::Platform,
};

use serde_json::json;

use super::shelf::{Item, category, found, item, slugs, stock};
use crate::support::{Client, Reply, TestApp};

#[tokio::test]
async fn only_published_products_are_listed() {
    let app = TestApp::new().await;
    stock(
        &app,
        [
            item("shown"),
            Item { status: Status::Draft, ..item("draft") },
            Item { status: Status::Archived, ..item("gone") },
        ],
    )
    .await;
    assert_eq!(found(&app, "").await, ["shown"]);
    let editor = app.editor().await;
    let all = slugs(&editor, "/api/v1/admin/products?sort=title").await;
    assert_eq!(all, ["draft", "gone", "shown"]);
    let some = slugs(&editor, "/api/v1/admin/products?sort=title&status=draft,archived").await;
    assert_eq!(some, ["draft", "gone"]);
    let reply = editor.get("/api/v1/admin/products?status=draft").await.json();
    assert_eq!((&reply["items"][0]["status"], &reply["items"][0]["version"]), (&"draft".into(), &1.into()));
    assert_eq!(editor.get("/api/v1/admin/products?status=lost").await.status, 422);
}

#[tokio::test]
async fn the_list_of_every_status_is_for_editors() {
    let app = TestApp::new().await;
    assert_eq!(app.nobody().get("/api/v1/admin/products").await.status, 401);
    assert_eq!(app.account("ada").await.get("/api/v1/admin/products?limit=0").await.status, 403);
}

#[tokio::test]
async fn kinds_platforms_and_languages_are_alternatives() {
    let app = TestApp::new().await;
    stock(
        &app,
        [
            Item {
                kind: Kind::Game,
                platforms: &[Platform::Linux],
                languages: &["en", "pt-BR"],
                ..item("a")
            },
            Item { kind: Kind::Software, platforms: &[Platform::Linux, Platform::Macos], ..item("b") },
            Item { kind: Kind::Ebook, platforms: &[Platform::Any], languages: &["de"], ..item("c") },
        ],
    )
    .await;
    assert_eq!(found(&app, "kind=game").await, ["a"]);
    assert_eq!(found(&app, "kind=game&kind=ebook").await, ["a", "c"]);
    assert_eq!(found(&app, "platform=linux").await, ["a", "b"]);
    assert_eq!(found(&app, "platform=macos&platform=any").await, ["b", "c"]);
    assert_eq!(found(&app, "platform=ios").await, [""; 0]);
    assert_eq!(found(&app, "language=de&language=en").await, ["a", "c"]);
    assert_eq!(found(&app, "language=PT-br").await, ["a"]);
    assert_eq!(found(&app, "language=pt").await, [""; 0]);
    assert_eq!(found(&app, "kind=software&platform=linux").await, ["b"]);
}

#[tokio::test]
async fn a_product_bears_all_of_the_tags_that_are_asked_for() {
    let app = TestApp::new().await;
    stock(
        &app,
        [
            Item { tags: &["calm", "short"], ..item("a") },
            Item { tags: &["calm"], ..item("b") },
            Item { tags: &["short"], ..item("c") },
        ],
    )
    .await;
    assert_eq!(found(&app, "tag=calm").await, ["a", "b"]);
    assert_eq!(found(&app, "tag=calm&tag=short").await, ["a"]);
    assert_eq!(found(&app, "tag=unheard-of").await, [""; 0]);
    assert_eq!(found(&app, "tag=calm&tag=unheard-of").await, [""; 0]);
}

#[tokio::test]
async fn a_category_holds_what_stands_below_it() {
    let app = TestApp::new().await;
    let games = category(&app, "games", None).await;
    let puzzles = category(&app, "puzzles", Some(games)).await;
    category(&app, "sliding-puzzles", Some(puzzles)).await;
    stock(
        &app,
        [
            Item { categories: &["games"], ..item("a") },
            Item { categories: &["puzzles", "games"], ..item("b") },
            Item { categories: &["sliding-puzzles"], ..item("c") },
            Item { categories: &["tools"], ..item("d") },
        ],
    )
    .await;
    assert_eq!(found(&app, "category=games").await, ["a", "b", "c"]);
    assert_eq!(found(&app, "category=puzzles").await, ["b", "c"]);
    assert_eq!(found(&app, "category=sliding-puzzles&category=tools").await, ["c", "d"]);
    assert_eq!(found(&app, "category=unheard-of").await, [""; 0]);
}

#[tokio::test]
async fn a_publisher_is_asked_for_by_its_whole_name_in_any_spelling() {
    let app = TestApp::new().await;
    stock(
        &app,
        [
            Item { publisher: Some("Café Noir"), ..item("a") },
            Item { publisher: Some("CAFE NOIR"), ..item("b") },
            Item { publisher: Some("Café"), ..item("c") },
            item("d"),
        ],
    )
    .await;
    assert_eq!(found(&app, "publisher=caf%C3%A9+noir").await, ["a", "b"]);
    assert_eq!(found(&app, "publisher=cafe&publisher=Cafe+Noir").await, ["a", "b", "c"]);
    assert_eq!(found(&app, "publisher=caf%25").await, [""; 0]);
}

#[tokio::test]
async fn prices_are_those_of_the_market_and_what_has_none_there_is_in_no_range() {
    let app = TestApp::new().await;
    stock(
        &app,
        [
            Item { prices: &[("USD", "", 0), ("EUR", "", 500)], ..item("a") },
            Item { prices: &[("USD", "", 1000), ("USD", "CH", 0)], ..item("b") },
            Item { prices: &[("USD", "", 2000)], ..item("c") },
            Item { prices: &[("EUR", "", 1500)], ..item("d") },
            Item { prices: &[("USD", "DE", 700)], ..item("e") },
        ],
    )
    .await;
    assert_eq!(found(&app, "").await, ["a", "b", "c", "d", "e"]);
    assert_eq!(found(&app, "price_min=1000").await, ["b", "c"]);
    assert_eq!(found(&app, "price_max=1000").await, ["a", "b"]);
    assert_eq!(found(&app, "price_min=1000&price_max=1999").await, ["b"]);
    assert_eq!(found(&app, "price_min=2&price_max=1").await, [""; 0]);
    assert_eq!(found(&app, "price_min=0&currency=EUR").await, ["a", "d"]);
    assert_eq!(found(&app, "free=true").await, ["a"]);
    assert_eq!(found(&app, "free=false").await, ["b", "c"]);
    assert_eq!(found(&app, "free=true&country=ch").await, ["a", "b"]);
    assert_eq!(found(&app, "price_max=700&country=DE").await, ["a", "e"]);
    assert_eq!(found(&app, "free=true&currency=JPY").await, [""; 0]);
    let reply = app.nobody().get("/api/v1/products?sort=title&country=CH").await.json();
    assert_eq!(reply["items"][1]["price"]["amount"], 0);
    assert_eq!(reply["items"][1]["price"]["currency"], "USD");
    assert_eq!(reply["items"][3]["price"], serde_json::Value::Null);
}

#[tokio::test]
async fn days_and_stars_are_inclusive() {
    let app = TestApp::new().await;
    stock(
        &app,
        [
            Item { released: Some("1008-01-01"), stars: (9, 2), ..item("genji") },
            Item { released: Some("2020-02-29"), stars: (4, 1), ..item("leap") },
            Item { released: Some("2030-01-01"), stars: (10, 3), ..item("later") },
            item("undated"),
        ],
    )
    .await;
    assert_eq!(found(&app, "released_after=2020-02-29").await, ["later", "leap"]);
    assert_eq!(found(&app, "released_before=2020-02-29").await, ["genji", "leap"]);
    assert_eq!(found(&app, "released_after=2020-03-01&released_before=2029-12-31").await, [""; 0]);
    assert_eq!(found(&app, "rating_min=4").await, ["genji", "leap"]);
    assert_eq!(found(&app, "rating_min=4.5").await, ["genji"]);
    assert_eq!(found(&app, "rating_min=0").await.len(), 4);
}

#[tokio::test]
async fn faulty_parameters_are_all_named() {
    let app = TestApp::new().await;
    let reply = app
        .nobody()
        .get(
            "/api/v1/products?limit=101&price_min=-1&kind=film&tag=A+b&released_after=2020-13-01&free=maybe\
             &rating_min=NaN&currency=XYZ&country=ZZ&colour=red&on_sale=often&sort=size&platform=linux,macos&count=1",
        )
        .await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "validation_failed"));
    let mut faults = reply.faults();
    faults.sort();
    let expected = [
        ("colour", "unknown_parameter"),
        ("count", "wrong_type"),
        ("country", "invalid_country"),
        ("currency", "invalid_currency"),
        ("free", "wrong_type"),
        ("kind[0]", "invalid_choice"),
        ("limit", "out_of_range"),
        ("on_sale", "wrong_type"),
        ("platform[0]", "invalid_choice"),
        ("price_min", "out_of_range"),
        ("rating_min", "wrong_type"),
        ("released_after", "invalid_date"),
        ("sort", "invalid_choice"),
        ("tag[0]", "invalid_slug"),
    ];
    let expected: Vec<_> = expected.map(|(field, code)| (field.to_owned(), code.to_owned())).into();
    assert_eq!(faults, expected);
    for (query, code) in [
        ("limit=0", "out_of_range"),
        ("rating_min=5.5", "out_of_range"),
        ("sort=relevance", "invalid_choice"),
        ("sort=title&sort=price", "repeated_parameter"),
        ("q=%00", "nul_character"),
    ] {
        let reply = app.nobody().get(&format!("/api/v1/products?{query}")).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, code), "{query}");
    }
}

#[tokio::test]
async fn filters_hold_together_and_are_counted() {
    let app = TestApp::new().await;
    stock(
        &app,
        [
            Item { tags: &["calm"], prices: &[("USD", "", 0)], ..item("a") },
            Item { tags: &["calm"], prices: &[("USD", "", 900)], ..item("b") },
            Item { tags: &["calm"], prices: &[("USD", "", 950)], kind: Kind::Ebook, ..item("c") },
            Item { prices: &[("USD", "", 950)], kind: Kind::Ebook, ..item("d") },
        ],
    )
    .await;
    let path = "/api/v1/products?count=true&limit=1&sort=-price&tag=calm&price_min=1";
    let page = app.nobody().get(path).await.json();
    assert_eq!((&page["total"], &page["items"][0]["slug"]), (&2.into(), &"c".into()));
    let page = app.nobody().get("/api/v1/products?limit=1").await.json();
    assert_eq!(page.get("total"), None);
}

#[tokio::test]
async fn what_runs_on_a_machine_is_known_by_its_platform_and_memory() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    let needs = |platform: &str, memory: i64| json!({platform: {"minimum": {"memory_mb": memory}}});
    for (slug, platforms, requirements) in [
        ("heavy", json!(["windows"]), needs("windows", 16_384)),
        ("light", json!(["windows"]), needs("windows", 4096)),
        ("unsaid", json!(["windows"]), json!({"windows": {"minimum": {"cpu": "any"}}})),
        ("book", json!(["any"]), json!(null)),
        ("apple", json!(["macos"]), needs("macos", 2048)),
        ("both", json!(["windows", "linux"]), needs("windows", 32_768)),
    ] {
        let prices = json!([{"currency": "USD", "amount": 100}]);
        let body = json!({
            "kind": "game", "title": slug, "slug": slug, "platforms": platforms, "prices": prices,
            "system_requirements": requirements, "release_date": "2999-01-01",
        });
        let made = editor.post("/api/v1/admin/products", body).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let id = made.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(editor.act(&format!("/api/v1/admin/products/{id}/publish")).await.status, 200);
    }
    for (asked, runs) in [
        ("runs_on=windows", vec!["book", "both", "heavy", "light", "unsaid"]),
        ("runs_on=windows&memory_mb=8192", vec!["book", "light", "unsaid"]),
        ("runs_on=windows&memory_mb=16384", vec!["book", "heavy", "light", "unsaid"]),
        ("runs_on=linux&memory_mb=1024", vec!["book", "both"]),
        ("memory_mb=1024", vec!["book", "both", "unsaid"]),
        ("runs_on=macos&runs_on=linux&memory_mb=2048", vec!["apple", "book", "both"]),
        ("runs_on=ios", vec!["book"]),
    ] {
        assert_eq!(found(&app, asked).await, runs, "{asked}");
        let listed = slugs(&editor, &format!("/api/v1/admin/products?sort=title&{asked}")).await;
        assert_eq!(listed, runs, "the back office: {asked}");
    }
    let wrong = app.nobody().get("/api/v1/products?memory_mb=0").await;
    assert_eq!((wrong.status, wrong.json()["errors"][0]["code"].clone()), (422, json!("out_of_range")));
    // Other requirements count at once.
    let path = format!("/api/v1/admin/products/{}", id_of(&editor, "heavy").await);
    let change = editor.request(reqwest::Method::PATCH, &path).header("if-match", "*");
    let reply = Reply::of(change.json(&json!({"system_requirements": needs("windows", 1024)}))).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(found(&app, "runs_on=windows&memory_mb=2048").await, ["book", "heavy", "unsaid"]);
    let listed = slugs(&editor, "/api/v1/admin/products?sort=title&runs_on=windows&memory_mb=2048").await;
    assert_eq!(listed, ["book", "heavy", "unsaid"]);
}

async fn id_of(editor: &Client, slug: &str) -> String {
    let page = editor.get(&format!("/api/v1/products/{slug}")).await.json();
    page["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_has_no_price_in_the_market_is_neither_reduced_nor_not() {
    let app = TestApp::new().await;
    let editor = app.editor().await;
    stock(&app, [item("priced"), Item { prices: &[("EUR", "", 100)], ..item("elsewhere") }]).await;
    for (query, slugs_found) in
        [("on_sale=false", vec!["priced"]), ("on_sale=true", vec![]), ("", vec!["elsewhere", "priced"])]
    {
        assert_eq!(found(&app, query).await, slugs_found, "{query}");
        let path = format!("/api/v1/admin/products?sort=title&{query}");
        assert_eq!(slugs(&editor, &path).await, slugs_found, "the back office, {query}");
    }
}
