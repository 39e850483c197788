//! Pages follow each other without gap or repetition, and only by their own cursors.
use super::shelf::{Item, add, item, slugs, stock, walk};
use crate::support::TestApp;

const LETTERS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

#[tokio::test]
async fn what_is_inserted_between_two_pages_hides_and_repeats_nothing() {
    let app = TestApp::new().await;
    for (sort, late) in
        [("created_at", "n"), ("-created_at", "o"), ("title", "aa"), ("-popularity", "p"), ("price", "q")]
    {
        let slugs_before = walk(&app.nobody(), &format!("sort={sort}"), 100).await;
        if slugs_before.is_empty() {
            stock(&app, LETTERS.map(item)).await;
        }
        let before = walk(&app.nobody(), &format!("sort={sort}"), 100).await;
        let first = app.nobody().get(&format!("/api/v1/products?limit=5&sort={sort}")).await;
        add(&app, item(late)).await;
        let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
        let rest =
            slugs(&app.nobody(), &format!("/api/v1/products?limit=100&sort={sort}&cursor={cursor}")).await;
        let rest: Vec<_> = rest.into_iter().filter(|slug| slug != late).collect();
        assert_eq!(rest, before[5..], "{sort}");
    }
}

#[tokio::test]
async fn the_link_leads_to_the_next_page() {
    let app = TestApp::new().await;
    stock(&app, LETTERS.map(item)).await;
    let first = app.nobody().get("/api/v1/products?sort=title&limit=10&kind=game&count=true").await;
    let link = first.header("link").strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
    assert!(link.starts_with("/api/v1/products?"), "{link}");
    assert_eq!(slugs(&app.nobody(), link).await, ["k", "l"]);
    assert_eq!(first.json()["total"], 12);
}

#[tokio::test]
async fn a_cursor_opens_only_the_list_it_was_given_out_for() {
    let app = TestApp::new().await;
    stock(&app, LETTERS.map(|slug| Item { tags: &["calm"], ..item(slug) })).await;
    let nobody = app.nobody();
    let page = nobody.get("/api/v1/products?sort=title&limit=2&tag=calm").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let same = format!("/api/v1/products?sort=title&limit=5&tag=calm&count=true&locale=de&cursor={cursor}");
    assert_eq!(slugs(&nobody, &same).await.len(), 5);
    let mut forged = cursor.to_owned();
    let last = if forged.pop() == Some('A') { 'B' } else { 'A' };
    forged.push(last);
    for query in [
        format!("sort=title&limit=2&tag=calm&cursor={forged}"),
        format!("sort=-title&limit=2&tag=calm&cursor={cursor}"),
        format!("sort=title&limit=2&cursor={cursor}"),
        format!("sort=title&limit=2&tag=calm&kind=game&cursor={cursor}"),
        format!("sort=title&limit=2&tag=calm&currency=EUR&cursor={cursor}"),
        format!("sort=title&limit=2&tag=calm&country=DE&cursor={cursor}"),
        "cursor=".to_owned(),
        "cursor=nonsense".to_owned(),
        "cursor=%F0%9F%A6%80".to_owned(),
    ] {
        let reply = nobody.get(&format!("/api/v1/products?{query}")).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_cursor"), "{query}");
    }
    let editor = app.editor().await;
    let elsewhere = format!("/api/v1/admin/products?sort=title&limit=2&tag=calm&cursor={cursor}");
    assert_eq!(editor.get(&elsewhere).await.code(), "invalid_cursor");
}

#[tokio::test]
async fn a_page_holds_24_unless_it_is_asked_otherwise() {
    let app = TestApp::new().await;
    const SLUGS: [&str; 25] = [
        "p01", "p02", "p03", "p04", "p05", "p06", "p07", "p08", "p09", "p10", "p11", "p12", "p13", "p14",
        "p15", "p16", "p17", "p18", "p19", "p20", "p21", "p22", "p23", "p24", "p25",
    ];
    stock(&app, SLUGS.map(item)).await;
    assert_eq!(slugs(&app.nobody(), "/api/v1/products").await.len(), 24);
    assert_eq!(slugs(&app.nobody(), "/api/v1/products?limit=25").await.len(), 25);
    let exact = app.nobody().get("/api/v1/products?limit=25").await.json();
    assert!(exact["next_cursor"].is_null());
}

#[tokio::test]
async fn a_cursor_of_a_search_is_of_the_languages_that_rank_it() {
    let app = TestApp::new().await;
    stock(&app, LETTERS.map(|slug| Item { title: "Chess", ..item(slug) })).await;
    let nobody = app.nobody();
    let page = nobody.get("/api/v1/products?q=chess&limit=2&locale=de").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let next = |locale: &str| format!("/api/v1/products?q=chess&limit=2&locale={locale}&cursor={cursor}");
    assert_eq!(slugs(&nobody, &next("de-AT")).await.len(), 2, "it is the same language");
    let other = nobody.get(&next("fr")).await;
    assert_eq!((other.status, other.code().as_str()), (400, "invalid_cursor"));
}
