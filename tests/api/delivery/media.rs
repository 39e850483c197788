//! Pictures of products: made again before anybody sees them.
use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use serde_json::{Value, json};

use super::shop::Shop;
use crate::support::{Client, Reply};

const BOUNDARY: &str = "a-boundary";

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture: DynamicImage = RgbImage::from_pixel(width, height, Rgb([30, 60, 200])).into();
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A field of a form, with what its head says besides the name.
fn field(name: &str, head: &str, value: &[u8]) -> Vec<u8> {
    let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{head}\r\n\r\n");
    [head.as_bytes(), value, b"\r\n"].concat()
}

fn file(bytes: &[u8]) -> Vec<u8> {
    field("file", "; filename=\"shot.png\"\r\nContent-Type: image/png", bytes)
}

fn form(fields: &[Vec<u8>]) -> Vec<u8> {
    [fields.concat(), format!("--{BOUNDARY}--\r\n").into_bytes()].concat()
}

fn media_path(shop: &Shop) -> String {
    format!("/api/v1/admin/products/{}/media", shop.product)
}

async fn send(client: &Client, path: &str, form: Vec<u8>) -> Reply {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    Reply::of(client.request(Method::POST, path).header("content-type", kind).body(form)).await
}

/// Puts up a picture that must be taken.
async fn put_up(shop: &Shop, kind: &str, bytes: &[u8]) -> Value {
    let form = form(&[field("kind", "", kind.as_bytes()), file(bytes)]);
    let reply = send(&shop.editor, &media_path(shop), form).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

async fn detail(shop: &Shop) -> Value {
    shop.app.nobody().get(&format!("/api/v1/products/{}", shop.product)).await.json()
}

#[tokio::test]
async fn a_picture_comes_in_several_sizes_at_addresses_that_never_change() {
    let shop = Shop::new().await;
    let made = put_up(&shop, "screenshot", &picture(1600, 900, ImageFormat::Png)).await;
    assert_eq!(
        (&made["kind"], &made["width"], &made["height"]),
        (&json!("screenshot"), &json!(1600), &json!(900))
    );
    let sizes: Vec<_> =
        made["thumbnails"].as_array().unwrap().iter().map(|one| one["width"].clone()).collect();
    assert_eq!(sizes, [320, 640, 1280]);
    assert_eq!(detail(&shop).await["media"], json!([made]));

    let nobody = shop.app.nobody();
    let shown = nobody.get(made["thumbnails"][0]["url"].as_str().unwrap()).await;
    assert_eq!((shown.status, shown.header("content-type")), (200, "image/jpeg"));
    assert_eq!(shown.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(shown.header("x-content-type-options"), "nosniff");
    assert_eq!(shown.header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(image::load_from_memory(&shown.body).unwrap().width(), 320);

    let tag = shown.header("etag").to_owned();
    let url = made["thumbnails"][0]["url"].as_str().unwrap();
    let again = Reply::of(nobody.request(Method::GET, url).header("if-none-match", &tag)).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let head = Reply::of(nobody.request(Method::HEAD, url)).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), shown.body.len().to_string());
}

#[tokio::test]
async fn a_product_has_one_cover_and_lists_show_it() {
    let shop = Shop::new().await;
    let shot = put_up(&shop, "screenshot", &picture(40, 40, ImageFormat::Png)).await;
    put_up(&shop, "cover", &picture(50, 50, ImageFormat::WebP)).await;
    let second = put_up(&shop, "cover", &picture(1500, 60, ImageFormat::Jpeg)).await;
    let detail = detail(&shop).await;
    assert_eq!(detail["media"], json!([second, shot]), "the cover comes first, and only the newest");
    assert_eq!(detail["cover_url"], second["thumbnails"][2]["url"], "lists show no more than 1280 pixels");
    let list = shop.app.nobody().get("/api/v1/products").await.json();
    assert_eq!(list["items"][0]["cover_url"], detail["cover_url"]);
    let address = detail["cover_url"].as_str().unwrap();
    assert!(address.starts_with("http://"), "another site's pages can show it: {address}");
}

#[tokio::test]
async fn a_picture_that_is_taken_down_is_nowhere() {
    let shop = Shop::new().await;
    let made = put_up(&shop, "cover", &picture(40, 40, ImageFormat::Png)).await;
    let path = format!("{}/{}", media_path(&shop), made["id"].as_str().unwrap());
    let stale = shop.editor.request(Method::DELETE, &path).header("if-match", "\"1\"");
    assert_eq!(Reply::of(stale).await.status, 412);
    assert_eq!(shop.editor.delete(&path).await.status, 204);
    assert_eq!(shop.editor.delete(&path).await.status, 404);
    assert_eq!(detail(&shop).await["media"], json!([]));
    assert_eq!(shop.app.nobody().get(made["url"].as_str().unwrap()).await.status, 404);
}

#[tokio::test]
async fn every_picture_raises_the_version_that_editors_name() {
    let shop = Shop::new().await;
    let path = format!("/api/v1/admin/products/{}", shop.product);
    let before = shop.editor.get(&path).await.header("etag").to_owned();
    put_up(&shop, "cover", &picture(40, 40, ImageFormat::Png)).await;
    let after = shop.editor.get(&path).await.header("etag").to_owned();
    assert_ne!(before, after);
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let stale = shop.editor.request(Method::POST, &media_path(&shop)).header("if-match", before);
    let body = form(&[file(&picture(40, 40, ImageFormat::Png))]);
    assert_eq!(Reply::of(stale.header("content-type", kind).body(body)).await.status, 412);
}

#[tokio::test]
async fn a_form_that_is_not_as_it_should_be_is_told_why_and_changes_nothing() {
    let shop = Shop::new().await;
    let good = picture(20, 20, ImageFormat::Png);
    let path = media_path(&shop);
    let html = b"<html><script>alert(1)</script></html>";
    for (fields, status, code) in [
        (vec![file(html)], 415, "unsupported_media_type"),
        (vec![file(&good[..good.len() / 2])], 422, "damaged_picture"),
        (vec![file(&picture(9000, 1, ImageFormat::Png))], 422, "picture_too_large"),
        (vec![field("kind", "", b"cover")], 422, "required"),
        (vec![file(&good), field("kind", "", b"banner")], 422, "invalid_choice"),
        (vec![file(&good), field("alt", "", b"x")], 422, "unknown_field"),
        (vec![file(&good), file(&good)], 422, "duplicate"),
        (vec![file(&good), field("kind", "", &[b'x'; 2000])], 413, "payload_too_large"),
    ] {
        let reply = send(&shop.editor, &path, form(&fields)).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{}", reply.text());
    }
    let cut = form(&[file(&good)]);
    let reply = send(&shop.editor, &path, cut[..cut.len() - 20].to_vec()).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "malformed_form"));
    let raw = shop.editor.request(Method::POST, &path).header("content-type", "image/png").body(good);
    assert_eq!(Reply::of(raw).await.status, 415);
    let unknown = format!("/api/v1/admin/products/{}/media", uuid::Uuid::nil());
    assert_eq!(send(&shop.editor, &unknown, form(&[file(html)])).await.status, 404);
    assert_eq!(detail(&shop).await["media"], json!([]));
}

#[tokio::test]
async fn a_picture_larger_than_the_setting_is_refused() {
    let app = crate::support::TestApp::with(|config| config.delivery.max_picture_bytes = 1000).await;
    let shop = Shop::of(app).await;
    let reply = send(&shop.editor, &media_path(&shop), form(&[file(&[0; 1001])])).await;
    assert_eq!(reply.status, 413);
}

#[tokio::test]
async fn pictures_put_up_at_once_are_all_there_or_refused_for_now() {
    let shop = Shop::new().await;
    let bytes = picture(64, 64, ImageFormat::Png);
    let sends = (0..20).map(|_| {
        let form = form(&[field("kind", "", b"cover"), file(&bytes)]);
        let (editor, path) = (&shop.editor, media_path(&shop));
        async move { send(editor, &path, form).await.status }
    });
    let statuses = futures::future::join_all(sends).await;
    assert!(statuses.iter().all(|status| matches!(status, 201 | 503)), "{statuses:?}");
    assert!(statuses.contains(&201));
    assert_eq!(detail(&shop).await["media"].as_array().unwrap().len(), 1, "one cover, whoever was last");
    assert_eq!(mist::catalog::checks::violations(&shop.app.app).await.unwrap(), []);
}
