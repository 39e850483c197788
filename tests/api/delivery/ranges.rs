//! Parts of a file, and conditions on it, over HTTP.
use super::shop::{Shop, hex, sample};

async fn shop_with(bytes: &[u8]) -> (Shop, String) {
    let shop = Shop::new().await;
    shop.released("1.0", "any", &[("a.epub", bytes)]).await;
    let ada = shop.owner("ada").await;
    let url = shop.link(&ada).await;
    (shop, url)
}

#[tokio::test]
async fn single_ranges_are_sent_alone() {
    let bytes = sample(5_000_000);
    let (shop, url) = shop_with(&bytes).await;
    let size = bytes.len();
    for (range, start, end) in [
        ("bytes=0-0", 0, 1),
        ("bytes=0-499", 0, 500),
        ("bytes=2097151-2097152", 2_097_151, 2_097_153),
        ("bytes=1000000-", 1_000_000, size),
        ("bytes=-1", size - 1, size),
        ("bytes=-9999999", 0, size),
        ("bytes=4999999-9999999", size - 1, size),
        ("bytes=100-299,200-399", 100, 400),
        ("bytes=5-9,0-4", 0, 10),
        ("bytes=0-9,5000000-", 0, 10),
    ] {
        let got = shop.fetch(&url, &[("range", range)]).await;
        assert_eq!(got.status, 206, "{range}");
        assert_eq!(got.header("content-range"), format!("bytes {start}-{}/{size}", end - 1), "{range}");
        assert_eq!(got.header("content-length"), (end - start).to_string(), "{range}");
        assert!(got.body == bytes[start..end], "{range}");
        assert_eq!(got.header("content-type"), "application/epub+zip");
        assert_eq!(got.header("etag"), format!("\"{}\"", hex(&bytes)));
    }
}

#[tokio::test]
async fn what_is_no_range_is_the_whole() {
    let bytes = sample(1000);
    let (shop, url) = shop_with(&bytes).await;
    let many = (0..17).map(|n| format!("{}-{}", n * 10, n * 10)).collect::<Vec<_>>().join(",");
    for range in ["bytes=9-1", "bytes=x", "lines=0-1", "bytes", &format!("bytes={many}")] {
        let got = shop.fetch(&url, &[("range", range)]).await;
        assert_eq!((got.status, got.body == bytes), (200, true), "{range}");
    }
    let got = shop.fetch(&url, &[("range", "bytes=0-1"), ("range", "bytes=4-5")]).await;
    assert_eq!(got.status, 200);
}

#[tokio::test]
async fn ranges_beyond_the_end_are_416() {
    let (shop, url) = shop_with(&sample(1000)).await;
    for range in ["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=99999999999999999999-"] {
        let got = shop.fetch(&url, &[("range", range)]).await;
        assert_eq!((got.status, got.code().as_str()), (416, "range_not_satisfiable"), "{range}");
        assert_eq!(got.header("content-range"), "bytes */1000");
    }
}

#[tokio::test]
async fn an_empty_file_is_sent_whole() {
    let (shop, url) = shop_with(b"").await;
    let got = shop.fetch(&url, &[]).await;
    assert_eq!((got.status, got.header("content-length"), got.body.len()), (200, "0", 0));
    assert_eq!(shop.fetch(&url, &[("range", "bytes=-5")]).await.status, 200);
    let got = shop.fetch(&url, &[("range", "bytes=0-")]).await;
    assert_eq!((got.status, got.header("content-range")), (416, "bytes */0"));
}

#[tokio::test]
async fn several_ranges_come_as_parts() {
    let bytes = sample(5_000_000);
    let (shop, url) = shop_with(&bytes).await;
    let got = shop.fetch(&url, &[("range", "bytes=4000000-4999999,0-9,2000000-2200000")]).await;
    assert_eq!(got.status, 206);
    assert_eq!(got.header("content-length"), got.body.len().to_string());
    assert!(got.headers.get("content-range").is_none());
    let boundary = got.header("content-type").strip_prefix("multipart/byteranges; boundary=").unwrap();
    let mut expected = Vec::new();
    for (start, end) in [(0, 10), (2_000_000, 2_200_001), (4_000_000, 5_000_000)] {
        let head = format!(
            "\r\n--{boundary}\r\nContent-Type: application/epub+zip\r\nContent-Range: bytes {start}-{}/5000000\r\n\r\n",
            end - 1
        );
        expected.extend_from_slice(head.as_bytes());
        expected.extend_from_slice(&bytes[start..end]);
    }
    expected.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    assert!(got.body == expected);
}

#[tokio::test]
async fn a_range_goes_on_only_with_the_same_bytes() {
    let bytes = sample(1000);
    let (shop, url) = shop_with(&bytes).await;
    let etag = format!("\"{}\"", hex(&bytes));
    let weak = format!("W/{etag}");
    for (if_range, status) in [
        (etag.as_str(), 206),
        ("Sun, 22 Nov 2026 12:00:00 GMT", 206),
        (&weak, 200),
        ("\"other\"", 200),
        ("Sun, 22 Nov 2026 12:00:01 GMT", 200),
        ("Sun, 22 Nov 2026 11:59:59 GMT", 200),
        ("nonsense", 200),
    ] {
        let got = shop.fetch(&url, &[("range", "bytes=500-"), ("if-range", if_range)]).await;
        assert_eq!(got.status, status, "{if_range}");
        assert_eq!(got.body.len(), if status == 206 { 500 } else { 1000 });
    }
}

#[tokio::test]
async fn conditions_are_honoured() {
    let bytes = sample(1000);
    let (shop, url) = shop_with(&bytes).await;
    let etag = format!("\"{}\"", hex(&bytes));
    for (name, value, status) in [
        ("if-none-match", etag.as_str(), 304),
        ("if-none-match", "*", 304),
        ("if-none-match", "\"other\"", 200),
        ("if-modified-since", "Sun, 22 Nov 2026 12:00:00 GMT", 304),
        ("if-modified-since", "Sun, 22 Nov 2026 11:59:59 GMT", 200),
        ("if-match", &etag, 200),
        ("if-match", "\"other\"", 412),
        ("if-unmodified-since", "Sun, 22 Nov 2026 11:59:59 GMT", 412),
    ] {
        let got = shop.fetch(&url, &[(name, value), ("range", "bytes=2000-")]).await;
        // Of a range beyond the end nothing is said unless it comes to that.
        let status = if status == 200 { 416 } else { status };
        assert_eq!(got.status, status, "{name}: {value}");
        if status == 304 {
            assert_eq!((got.header("etag"), got.body.len()), (etag.as_str(), 0));
            assert!(got.headers.get("content-length").is_none());
        }
        if status == 412 {
            assert_eq!(got.code(), "precondition_failed");
        }
    }
}
