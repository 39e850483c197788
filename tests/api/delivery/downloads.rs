//! Links lead owners, and nobody else, to what they own.
use chrono::Duration;
use entity::{download_grant, entitlement};
use futures::future::join_all;
use reqwest::Method;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::json;
use uuid::Uuid;

use super::shop::{Shop, hex, id, product, repr_digest, sample};
use crate::support::{Reply, TestApp, files_below};

#[tokio::test]
async fn an_owner_downloads_with_no_other_credential() {
    let shop = Shop::new().await;
    let bytes = sample(5_000_000);
    let build = shop.released("1.0", "linux", &[("game.zip", &bytes)]).await;
    let ada = shop.owner("ada").await;
    let reply = shop.ask(&ada, json!({})).await;
    assert_eq!((reply.status, reply.header("cache-control")), (201, "private, no-store"));
    let download = reply.json();
    let file = json!({"name": "game.zip", "size": 5_000_000, "sha256": hex(&bytes)});
    assert_eq!(download["file"], file);
    assert_eq!(download["expires_at"], "2026-11-22T12:10:00Z");
    assert_eq!(
        download["build"],
        json!({"id": build, "version": "1.0", "platform": "linux", "arch": "any", "kind": "build",
               "channel": "stable", "notes": "", "released_at": "2026-11-22T12:00:00Z", "files": [file],
               "size": 5_000_000})
    );
    let url = download["url"].as_str().unwrap();
    assert!(url.starts_with(&shop.app.url.replace("127.0.0.1", "localhost")), "{url}");

    let got = shop.fetch(url, &[]).await;
    assert_eq!((got.status, got.body == bytes), (200, true));
    let etag = format!("\"{}\"", hex(&bytes));
    for (name, value) in [
        ("accept-ranges", "bytes"),
        ("etag", &etag),
        ("last-modified", "Sun, 22 Nov 2026 12:00:00 GMT"),
        ("content-length", "5000000"),
        ("content-type", "application/zip"),
        ("content-disposition", "attachment; filename=\"game.zip\""),
        ("repr-digest", &repr_digest(&bytes)),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "private, no-store"),
        ("content-security-policy", "sandbox; default-src 'none'"),
    ] {
        assert_eq!(got.header(name), value, "{name}");
    }
    assert!(!got.header("x-request-id").is_empty());

    let head = Reply::of(shop.app.nobody().request(Method::HEAD, url).header("range", "bytes=0-1")).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    for name in ["etag", "content-length", "repr-digest", "content-disposition", "accept-ranges"] {
        assert_eq!(head.header(name), got.header(name), "{name}");
    }
    let refused = shop.app.nobody().act(url).await;
    assert_eq!((refused.status, refused.header("allow")), (405, "GET,HEAD"));
}

#[tokio::test]
async fn names_of_every_script_survive_the_way() {
    let shop = Shop::new().await;
    let ada = shop.owner("ada").await;
    for (number, name) in
        ["a \"b\" 100%;.zip", "über?#&.bin", "🎮👩‍🚀.bin", "源氏物語.epub", "..."].into_iter().enumerate()
    {
        let build = shop.released(&number.to_string(), "any", &[(name, name.as_bytes())]).await;
        let reply = shop.ask(&ada, json!({"build_id": build})).await;
        assert_eq!(reply.json()["file"]["name"], name);
        let got = shop.fetch(reply.json()["url"].as_str().unwrap(), &[]).await;
        assert_eq!((got.status, got.text().as_str()), (200, name));
    }
    let build = shop.released("last", "any", &[("ü \"x\".bin", b"")]).await;
    let reply = shop.ask(&ada, json!({"build_id": build})).await;
    let got = shop.fetch(reply.json()["url"].as_str().unwrap(), &[]).await;
    assert_eq!(
        got.header("content-disposition"),
        "attachment; filename=\"_ _x_.bin\"; filename*=UTF-8''%C3%BC%20%22x%22.bin"
    );
}

#[tokio::test]
async fn what_is_not_owned_is_not_there() {
    let shop = Shop::new().await;
    shop.released("1.0", "linux", &[("a", b"bytes")]).await;
    let bob = shop.app.account("bob").await;
    assert_eq!(shop.ask(&bob, json!({"nonsense": 1})).await.status, 404);
    assert_eq!(shop.ask(&shop.app.nobody(), json!({})).await.status, 401);
    let ada = shop.owner("ada").await;
    let unknown = format!("/api/v1/library/{}/downloads", Uuid::nil());
    assert_eq!(ada.post(&unknown, json!({})).await.status, 404);
    let faults = shop.ask(&ada, json!({"platform": "amiga", "file": "a/b", "x": 1})).await.faults();
    assert_eq!(faults.len(), 3);
    // An editor owns nothing by being one.
    assert_eq!(shop.ask(&shop.editor, json!({})).await.status, 404);
}

#[tokio::test]
async fn the_newest_build_that_fits_is_chosen() {
    let shop = Shop::new().await;
    let ada = shop.owner("ada").await;
    let chosen = async |choice: serde_json::Value| {
        let reply = shop.ask(&ada, choice).await;
        if reply.status == 201 { id(&reply.json()["build"]).to_string() } else { reply.code() }
    };
    assert_eq!(chosen(json!({})).await, "no_build");
    let draft = shop.draft("0.9", "linux").await;
    shop.upload(draft, "a", "bytes").await;
    assert_eq!(chosen(json!({})).await, "no_build");
    assert_eq!(chosen(json!({"build_id": draft})).await, "no_build");
    let first = shop.released("1.0", "linux", &[("a", b"1")]).await;
    shop.app.advance(Duration::seconds(1));
    let second = shop.released("2.0", "linux", &[("a", b"2")]).await;
    shop.app.advance(Duration::seconds(1));
    let windows = shop.released("2.0", "windows", &[("a", b"3")]).await;
    assert_eq!(chosen(json!({})).await, windows.to_string());
    assert_eq!(chosen(json!({"platform": "linux"})).await, second.to_string());
    assert_eq!(chosen(json!({"platform": "macos"})).await, "no_build");
    assert_eq!(chosen(json!({"build_id": first})).await, first.to_string());
    assert_eq!(chosen(json!({"build_id": first, "platform": "windows"})).await, "no_build");
    assert_eq!(chosen(json!({"build_id": Uuid::nil()})).await, "no_build");
    assert_eq!(chosen(json!({"channel": "beta"})).await, "no_build");
    shop.app.advance(Duration::seconds(1));
    let any = shop.released("3.0", "any", &[("a", b"4")]).await;
    assert_eq!(chosen(json!({"platform": "macos"})).await, any.to_string());
    // The one that was released last is the newest, not the one that was drafted last.
    shop.app.advance(Duration::seconds(1));
    shop.act(draft, "release").await;
    assert_eq!(chosen(json!({"platform": "linux"})).await, draft.to_string());
    shop.act(draft, "withdraw").await;
    assert_eq!(chosen(json!({"platform": "linux"})).await, any.to_string());
    assert_eq!(chosen(json!({"build_id": draft})).await, "no_build");

    let other = Shop { product: product(&shop.app, "other").await, app: shop.app, editor: shop.editor };
    other.grant(&ada, other.product).await;
    assert_eq!(other.ask(&ada, json!({"build_id": any})).await.code(), "no_build");
}

#[tokio::test]
async fn one_of_several_files_is_named() {
    let shop = Shop::new().await;
    shop.released("1.0", "any", &[("b.zip", b"b"), ("a.zip", b"a")]).await;
    let ada = shop.owner("ada").await;
    for choice in [json!({}), json!({"file": "c.zip"})] {
        let reply = shop.ask(&ada, choice).await;
        assert_eq!((reply.status, reply.code().as_str()), (409, "choose_file"));
        assert_eq!(reply.json()["choices"], json!(["a.zip", "b.zip"]));
    }
    let reply = shop.ask(&ada, json!({"file": "b.zip"})).await;
    assert_eq!(shop.fetch(reply.json()["url"].as_str().unwrap(), &[]).await.text(), "b");
}

#[tokio::test]
async fn a_day_has_so_many_links_for_a_product() {
    let app = TestApp::with(|config| config.delivery.links_per_day = 3).await;
    let shop = Shop::of(app).await;
    shop.released("1.0", "any", &[("a", b"bytes")]).await;
    let (ada, bob) = (shop.owner("ada").await, shop.owner("bob").await);
    let replies = join_all((0..8).map(|_| shop.ask(&ada, json!({})))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 3);
    let refused = replies.iter().find(|reply| reply.status != 201).unwrap();
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many_downloads"));
    assert_eq!(refused.header("retry-after"), "86401");
    assert_eq!(shop.ask(&bob, json!({})).await.status, 201);
    let other = Shop { product: product(&shop.app, "other").await, app: shop.app, editor: shop.editor };
    other.grant(&ada, other.product).await;
    other.released("1.0", "any", &[("a", b"bytes")]).await;
    assert_eq!(other.ask(&ada, json!({})).await.status, 201);
    // A day later there is room again.
    let shop = Shop { product: product_of(&ada, &other).await, ..other };
    let db = shop.app.app.db.writer();
    for row in download_grant::Entity::find().all(db).await.unwrap() {
        let earlier = row.created_at - Duration::hours(24);
        let mut row = row.into_active_model();
        row.created_at = Set(earlier);
        row.update(db).await.unwrap();
    }
    assert_eq!(shop.ask(&ada, json!({})).await.status, 201);
}

/// The product that was granted first.
async fn product_of(owner: &crate::support::Client, shop: &Shop) -> Uuid {
    let rows = entitlement::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    let mut rows: Vec<_> = rows.into_iter().filter(|row| row.account_id == owner.account_id()).collect();
    rows.sort_by_key(|row| row.id);
    rows[0].product_id
}

#[tokio::test]
async fn a_link_can_not_be_bent() {
    let shop = Shop::new().await;
    shop.released("1.0", "any", &[("a.zip", b"a"), ("b.zip", b"b")]).await;
    let ada = shop.owner("ada").await;
    let mint = async |file: &str| {
        let reply = shop.ask(&ada, json!({"file": file})).await;
        url::Url::parse(reply.json()["url"].as_str().unwrap()).unwrap()
    };
    let (good, other) = (mint("a.zip").await, mint("b.zip").await);
    let query =
        |url: &url::Url, name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    let (expires, signature) = (query(&good, "expires"), query(&good, "signature"));
    let of = |path: &str, query: &str| {
        let mut url = good.clone();
        url.set_path(path);
        url.set_query(Some(query));
        url.to_string()
    };
    let path = good.path();
    let later = expires.parse::<i64>().unwrap() + 1;
    let flipped = format!("{}{}", if signature.starts_with('A') { 'B' } else { 'A' }, &signature[1..]);
    for bent in [
        of(path, &format!("expires={later}&signature={signature}")),
        of(path, &format!("expires={expires}&signature={flipped}")),
        of(path, &format!("expires={expires}&signature={}", query(&other, "signature"))),
        of(path, &format!("expires={expires}&signature={}", &signature[..40])),
        of(path, &format!("expires={expires}&signature=")),
        of(path, &format!("expires=%2B{expires}&signature={signature}x")),
        of(path, &format!("expires={expires}")),
        of(path, &format!("signature={signature}")),
        of(path, ""),
        of(other.path(), &format!("expires={expires}&signature={signature}")),
        of(&path.replace("a.zip", "b.zip"), &format!("expires={expires}&signature={signature}")),
        of(&path.replace("a.zip", "..%2Fa.zip"), &format!("expires={expires}&signature={signature}")),
        of("/downloads/nonsense/a.zip", &format!("expires={expires}&signature={signature}")),
    ] {
        let reply = shop.fetch(&bent, &[]).await;
        assert_eq!((reply.status, reply.code().as_str()), (403, "invalid_signature"), "{bent}");
    }
    assert_eq!(shop.fetch(good.as_str(), &[]).await.status, 200);
    // A key that an intermediary added does no harm.
    assert_eq!(shop.fetch(&format!("{good}&utm_source=x"), &[]).await.status, 200);
}

#[tokio::test]
async fn a_link_ends_in_time() {
    let shop = Shop::new().await;
    shop.released("1.0", "any", &[("a.zip", b"a")]).await;
    let ada = shop.owner("ada").await;
    let url = shop.link(&ada).await;
    shop.app.advance(Duration::seconds(599));
    assert_eq!(shop.fetch(&url, &[]).await.status, 200);
    shop.app.advance(Duration::seconds(1));
    let reply = shop.fetch(&url, &[]).await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "link_expired"));
    assert_eq!(reply.json()["instance"], url::Url::parse(&url).unwrap().path());
    // Who bends an expired link learns nothing.
    assert_eq!(shop.fetch(&format!("{}x", url), &[]).await.code(), "invalid_signature");
}

#[tokio::test]
async fn a_link_ends_with_the_suspension_of_its_owner() {
    let shop = Shop::new().await;
    shop.released("1.0", "any", &[("a.zip", b"a")]).await;
    let ada = shop.owner("ada").await;
    let url = shop.link(&ada).await;
    let support = shop.app.support().await;
    let path = format!("/api/v1/admin/accounts/{}", ada.account_id());
    for (status, answer) in [("suspended", 403), ("active", 200)] {
        let edit = support.request(Method::PATCH, &path).json(&json!({"status": status}));
        assert_eq!(Reply::of(edit).await.status, 200);
        assert_eq!(shop.fetch(&url, &[]).await.status, answer, "{status}");
    }
}

#[tokio::test]
async fn a_link_ends_with_ownership() {
    let shop = Shop::new().await;
    shop.released("1.0", "any", &[("a.zip", b"a")]).await;
    let ada = shop.owner("ada").await;
    let url = shop.link(&ada).await;
    let db = shop.app.app.db.writer();
    let mut row = entitlement::Entity::find().one(db).await.unwrap().unwrap().into_active_model();
    for status in [entitlement::Status::Revoked, entitlement::Status::Frozen] {
        row.status = Set(status);
        row.clone().update(db).await.unwrap();
        let reply = shop.fetch(&url, &[]).await;
        assert_eq!((reply.status, reply.code().as_str()), (403, "link_revoked"));
        assert_eq!(shop.ask(&ada, json!({})).await.status, 404);
    }
    // Another right to it is as good.
    shop.grant(&ada, shop.product).await;
    assert_eq!(shop.fetch(&url, &[]).await.status, 200);
    assert_eq!(download_grant::Entity::find().count(db).await.unwrap(), 1);
}

#[tokio::test]
async fn a_link_outlives_the_withdrawal_of_its_build() {
    let shop = Shop::new().await;
    let build = shop.released("1.0", "any", &[("a.zip", b"a")]).await;
    let ada = shop.owner("ada").await;
    let url = shop.link(&ada).await;
    shop.act(build, "withdraw").await;
    assert_eq!(shop.fetch(&url, &[]).await.text(), "a");
    assert_eq!(shop.ask(&ada, json!({})).await.code(), "no_build");
}

#[tokio::test]
async fn links_follow_the_public_address() {
    let app = TestApp::with(|config| {
        config.http.public_url = Some("https://store.example/shop/".parse().unwrap());
    })
    .await;
    let shop = Shop::of(app).await;
    shop.released("1.0", "any", &[("a.zip", b"a")]).await;
    let ada = shop.owner("ada").await;
    let url = shop.link(&ada).await;
    let inside = url.strip_prefix("https://store.example/shop").unwrap();
    assert_eq!(shop.fetch(inside, &[]).await.text(), "a");
}

#[tokio::test]
async fn an_object_that_is_lost_or_cut_short_is_unavailable_until_it_is_back() {
    let shop = Shop::new().await;
    shop.released("1.0", "any", &[("a.zip", b"the bytes")]).await;
    let ada = shop.owner("ada").await;
    let url = shop.link(&ada).await;
    let refused = async || {
        for range in [None, Some("bytes=0-1")] {
            let mut asked = shop.app.nobody().request(Method::GET, &url);
            if let Some(range) = range {
                asked = asked.header("range", range);
            }
            let reply = Reply::of(asked).await;
            assert_eq!((reply.status, reply.code().as_str()), (503, "unavailable"), "{range:?}");
            assert!(!reply.header("retry-after").is_empty());
        }
        let head = Reply::of(shop.app.nobody().request(Method::HEAD, &url)).await;
        assert_eq!((head.status, head.header("etag")), (503, ""));
    };
    let object = files_below(&shop.app.path("objects")).remove(0);
    for left in [&b"the byte"[..], b"the bytes and more"] {
        std::fs::write(&object, left).unwrap();
        refused().await;
    }
    std::fs::remove_file(&object).unwrap();
    refused().await;
    // A folder that is gone may be a disk that is not mounted; a bucket has no folders.
    let (here, away) = (shop.app.path("objects"), shop.app.path("away"));
    std::fs::rename(&here, &away).unwrap();
    refused().await;
    std::fs::rename(&away, &here).unwrap();
    std::fs::write(&object, b"the bytes").unwrap();
    assert_eq!(shop.fetch(&url, &[("range", "bytes=0-1")]).await.text(), "th");
}
