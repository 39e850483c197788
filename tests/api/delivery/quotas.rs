//! The builds of a product hold so many bytes together.
use base64::{Engine, engine::general_purpose::STANDARD};
use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::{
    shop::{Shop, product, sample},
    tus::uploads,
};
use crate::support::{Reply, TestApp};

async fn shop() -> Shop {
    Shop::of(TestApp::with(|config| config.delivery.product_bytes = 1000).await).await
}

#[tokio::test]
async fn the_files_of_all_builds_count_and_what_is_replaced_does_not() {
    let shop = shop().await;
    let (one, other) = (shop.draft("1.0", "any").await, shop.draft("2.0", "any").await);
    assert_eq!(shop.upload(one, "a", sample(600)).await.status, 201);
    let refused = shop.upload(other, "a", sample(401)).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "product_full"));
    assert_eq!(refused.json()["most_bytes"], 1000);
    assert_eq!(shop.show(other).await["files"], json!([]));
    assert_eq!(shop.upload(one, "a", sample(900)).await.status, 201, "in place of the 600");
    assert_eq!(shop.upload(other, "a", sample(100)).await.status, 201);

    let begin = async |length: usize| {
        let begun = shop.editor.request(Method::POST, &uploads(other)).header("tus-resumable", "1.0.0");
        let begun = begun.header("upload-length", length);
        Reply::of(begun.header("upload-metadata", format!("filename {}", STANDARD.encode("b")))).await
    };
    let refused = begin(1).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "product_full"));
    assert_eq!(begin(0).await.status, 201);

    // Another product has room of its own, and a draft that is deleted frees its own.
    let elsewhere = Shop { product: product(&shop.app, "hades").await, ..shop };
    let build = elsewhere.draft("1.0", "any").await;
    assert_eq!(elsewhere.upload(build, "a", sample(1000)).await.status, 201);
    assert_eq!(elsewhere.editor.delete(&format!("/api/v1/admin/builds/{one}")).await.status, 204);
    assert_eq!(elsewhere.upload(other, "c", sample(900)).await.status, 201);
}

#[tokio::test]
async fn what_is_on_its_way_has_its_room_already() {
    let shop = shop().await;
    let (one, other) = (shop.draft("1.0", "any").await, shop.draft("2.0", "any").await);
    let begin = async |build, length: usize| {
        let begun = shop.editor.request(Method::POST, &uploads(build)).header("tus-resumable", "1.0.0");
        let begun = begun.header("upload-length", length);
        Reply::of(begun.header("upload-metadata", format!("filename {}", STANDARD.encode("b")))).await
    };
    let first = begin(one, 600).await;
    assert_eq!(first.status, 201);
    let refused = begin(other, 401).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "product_full"));
    assert_eq!(begin(other, 400).await.status, 201);
    let upload = first.header("location").to_owned();
    let end = shop.editor.request(Method::DELETE, &upload).header("tus-resumable", "1.0.0");
    assert_eq!(Reply::of(end).await.status, 204);
    assert_eq!(begin(other, 600).await.status, 201, "whoever ends one has its room again");
    let together = join_all((0..6).map(|_| begin(one, 300))).await;
    assert!(together.iter().all(|reply| reply.status == 409), "nothing is left");
    shop.app.advance(chrono::Duration::days(8));
    let shop = shop.signed_in_again().await;
    let begin = async |build, length: usize| {
        let begun = shop.editor.request(Method::POST, &uploads(build)).header("tus-resumable", "1.0.0");
        let begun = begun.header("upload-length", length);
        Reply::of(begun.header("upload-metadata", format!("filename {}", STANDARD.encode("c")))).await
    };
    let mut together: Vec<u16> =
        join_all((0..6).map(|_| begin(one, 300))).await.iter().map(|reply| reply.status).collect();
    together.sort_unstable();
    assert_eq!(together, [201, 201, 201, 409, 409, 409], "those that are past their time have none");
}

#[tokio::test]
async fn uploads_that_come_together_do_not_pass_it() {
    let shop = shop().await;
    let mut builds = Vec::new();
    for number in 0..6 {
        builds.push(shop.draft(&number.to_string(), "any").await);
    }
    let sent =
        builds.iter().enumerate().map(|(number, build)| shop.upload(*build, "a", vec![number as u8; 300]));
    let mut statuses: Vec<u16> = join_all(sent).await.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 201, 409, 409, 409]);
    if shop.app.s3.is_some() {
        assert_eq!(shop.files("objects"), 3, "what was refused is kept nowhere");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused_before_anything_of_it_is_kept() {
    let shop = shop().await;
    let build = shop.draft("1.0", "any").await;
    let begun = shop.editor.request(Method::POST, &uploads(build)).header("tus-resumable", "1.0.0");
    let begun = begun.header("upload-length", 300);
    let begun = begun.header("upload-metadata", format!("filename {}", STANDARD.encode("b")));
    assert_eq!(Reply::of(begun).await.status, 201);
    assert_eq!(shop.upload(build, "a", sample(600)).await.status, 201);
    let kept = shop.files("objects");
    let unmeasured = |length: usize| {
        let chunks =
            sample(length).chunks(100).map(|it| Ok::<_, std::io::Error>(it.to_vec())).collect::<Vec<_>>();
        reqwest::Body::wrap_stream(futures::stream::iter(chunks))
    };
    for number in 0..3 {
        // Other bytes each time, with their number told and without.
        let length = 701 + number;
        for body in [reqwest::Body::from(sample(length)), unmeasured(length)] {
            let refused = shop.upload(build, "a", body).await;
            assert_eq!((refused.status, refused.code().as_str()), (409, "product_full"));
        }
    }
    assert_eq!((shop.files("objects"), shop.files("tmp")), (kept, 0));
    assert_eq!(shop.upload(build, "a", unmeasured(700)).await.status, 201, "beside what is on its way");
}
