//! A client that stops reading gives its connection back.
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::shop::{Shop, sample};
use crate::support::TestApp;

#[tokio::test]
async fn a_download_that_nobody_reads_is_ended() {
    let shop = Shop::of(TestApp::with(|config| config.http.write_idle_timeout = 1).await).await;
    // More than the system holds for both ends.
    let bytes = sample(32 * 1024 * 1024);
    shop.released("1.0", "linux", &[("game.zip", &bytes)]).await;
    let ada = shop.owner("ada").await;
    let link = shop.link(&ada).await;
    let (_, rest) = link.split_once("://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(shop.app.url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\n\r\n").as_bytes()).await.unwrap();
    // The store takes no further request before the first is answered: what fails in the end is its closed connection.
    let more = format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\n\r\n").repeat(100);
    while stream.write_all(more.as_bytes()).await.is_ok() {}
    assert_eq!(shop.fetch(&link, &[]).await.body.len(), bytes.len(), "others are served as before");
}
