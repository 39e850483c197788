//! Every order, in both directions.
use super::shelf::{Item, add, item, slugs, stock, walk};
use crate::support::TestApp;

/// Ids grow in the order in which products are put on the shelf, so ties come in that order, or reversed.
async fn orders(app: &TestApp, query: &str, name: &str, ascending: &[&str]) {
    let nobody = app.nobody();
    let up = walk(&nobody, &format!("{query}&sort={name}"), 100).await;
    assert_eq!(up, ascending, "{name}");
    let mut descending = ascending.to_vec();
    descending.reverse();
    assert_eq!(walk(&nobody, &format!("{query}&sort=-{name}"), 100).await, descending, "-{name}");
    for limit in [1, 2, 3] {
        assert_eq!(
            walk(&nobody, &format!("{query}&sort={name}"), limit).await,
            ascending,
            "{name} by {limit}"
        );
        let paged = walk(&nobody, &format!("{query}&sort=-{name}"), limit).await;
        assert_eq!(paged, descending, "-{name} by {limit}");
    }
}

#[tokio::test]
async fn titles_sort_folded_whatever_the_locale_of_the_database() {
    let app = TestApp::new().await;
    let titled = |slug, title| Item { title, ..item(slug) };
    stock(
        &app,
        [
            titled("a1", "Äpfel"),
            titled("b", "banana"),
            titled("a2", "apfel"),
            titled("space", "a pfel"),
            titled("dash", "a-pfel"),
            titled("han", "源氏物語"),
            titled("upper", "ZEBRA"),
        ],
    )
    .await;
    orders(&app, "", "title", &["space", "dash", "a1", "a2", "b", "upper", "han"]).await;
}

#[tokio::test]
async fn what_has_no_price_comes_last_in_both_directions() {
    let app = TestApp::new().await;
    let priced = |slug, prices| Item { prices, ..item(slug) };
    stock(
        &app,
        [
            priced("none", &[("EUR", "", 1)]),
            priced("ten", &[("USD", "", 1000), ("EUR", "", 900)]),
            priced("ten-too", &[("USD", "", 1000)]),
            priced("swiss", &[("USD", "", 5000), ("USD", "CH", 300)]),
            priced("free", &[("USD", "", 0), ("USD", "CH", 9000)]),
            priced("none-either", &[]),
            priced("only-swiss", &[("USD", "CH", 300)]),
        ],
    )
    .await;
    let nobody = app.nobody();
    for limit in [1, 2, 3, 100] {
        let up = walk(&nobody, "sort=price", limit).await;
        assert_eq!(up, ["free", "ten", "ten-too", "swiss", "none", "none-either", "only-swiss"]);
        let down = walk(&nobody, "sort=-price", limit).await;
        assert_eq!(down, ["swiss", "ten-too", "ten", "free", "only-swiss", "none-either", "none"]);
        let up = walk(&nobody, "sort=price&country=CH", limit).await;
        assert_eq!(up, ["swiss", "only-swiss", "ten", "ten-too", "free", "none", "none-either"]);
    }
    orders(&app, "price_min=1", "price", &["ten", "ten-too", "swiss"]).await;
    orders(&app, "free=false&country=CH", "price", &["swiss", "only-swiss", "ten", "ten-too", "free"]).await;
}

#[tokio::test]
async fn what_has_no_date_comes_last_in_both_directions() {
    let app = TestApp::new().await;
    let dated = |slug, released| Item { released, ..item(slug) };
    stock(
        &app,
        [
            dated("none", None),
            dated("new", Some("2026-01-01")),
            dated("old", Some("1008-01-01")),
            dated("old-too", Some("1008-01-01")),
            dated("none-either", None),
        ],
    )
    .await;
    let nobody = app.nobody();
    for limit in [1, 2, 3, 100] {
        let up = walk(&nobody, "sort=release_date", limit).await;
        assert_eq!(up, ["old", "old-too", "new", "none", "none-either"]);
        let down = walk(&nobody, "sort=-release_date", limit).await;
        assert_eq!(down, ["new", "old-too", "old", "none-either", "none"]);
    }
    orders(&app, "released_after=1008-01-01", "release_date", &["old", "old-too", "new"]).await;
}

#[tokio::test]
async fn ratings_sort_by_their_average_then_by_how_many_there_are() {
    let app = TestApp::new().await;
    let rated = |slug, stars| Item { stars, ..item(slug) };
    stock(
        &app,
        [
            rated("none", (0, 0)),
            rated("third", (13, 3)),
            rated("third-too", (13, 3)),
            rated("thirds", (26, 6)),
            rated("five", (5, 1)),
            rated("sevenths", (30, 7)),
            rated("none-either", (0, 0)),
        ],
    )
    .await;
    let order = ["none", "none-either", "sevenths", "third", "third-too", "thirds", "five"];
    orders(&app, "", "rating", &order).await;
}

#[tokio::test]
async fn popularity_and_age_sort_with_ties() {
    let app = TestApp::new().await;
    for (slug, popularity) in [("a", 3), ("b", 0), ("c", 3), ("d", 7), ("e", 0)] {
        add(&app, Item { popularity, ..item(slug) }).await;
        if slug != "b" {
            app.advance(chrono::Duration::microseconds(333));
        }
    }
    orders(&app, "", "popularity", &["b", "e", "a", "c", "d"]).await;
    orders(&app, "", "created_at", &["a", "b", "c", "d", "e"]).await;
    assert_eq!(slugs(&app.nobody(), "/api/v1/products").await, ["d", "c", "a", "e", "b"]);
}

#[tokio::test]
async fn a_search_puts_the_best_match_first() {
    let app = TestApp::new().await;
    let titled = |slug, title, popularity| Item { title, popularity, ..item(slug) };
    stock(
        &app,
        [
            Item { translations: &[("de", "Chess")], popularity: 99, ..item("elsewhere") },
            titled("within", "Royal Chess", 50),
            titled("within-popular", "A Game of Chess", 60),
            titled("begins", "Chess Master", 5),
            titled("exact", "CHESS", 1),
            titled("exact-popular", "Chess", 2),
            titled("no-match", "Checkers", 100),
        ],
    )
    .await;
    // A whole title counts in whichever language it is.
    let best = ["elsewhere", "exact-popular", "exact", "within-popular", "within", "begins"];
    let nobody = app.nobody();
    let mut worst = best;
    worst.reverse();
    for limit in [1, 2, 100] {
        assert_eq!(walk(&nobody, "q=chess", limit).await, best);
        assert_eq!(walk(&nobody, "q=chess&sort=relevance", limit).await, best);
        assert_eq!(walk(&nobody, "q=chess&sort=-relevance", limit).await, worst);
    }
    orders(
        &app,
        "q=chess",
        "popularity",
        &["exact", "exact-popular", "begins", "within", "within-popular", "elsewhere"],
    )
    .await;
}
