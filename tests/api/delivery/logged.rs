//! Downloads past the store, counted by the logs of what sent them.
use std::io::Write;

use chrono::{DateTime, Duration, Utc};
use entity::download_grant;
use flate2::{Compression, write::GzEncoder};
use mist::delivery::{Counted, count_logged};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, Statement};
use serde_json::json;

use super::shop::{Shop, sample};
use crate::support::{TestApp, said};

const DOWNLOADS: &str = "/api/v1/admin/stats/downloads";

async fn shop() -> Shop {
    Shop::of(TestApp::on_s3(|config| config.delivery.count_by_logs = true).await).await
}

/// The parameter of a link by which a log names its grant.
fn grant(link: &str) -> String {
    let link = url::Url::parse(link).unwrap();
    link.query_pairs().find(|(name, _)| name == "x-grant").unwrap().1.into_owned()
}

/// A line of S3's access log.
fn of_s3(request: &str, link: &str, at: DateTime<Utc>, status: u16, bytes: usize) -> String {
    let at = at.format("%d/%b/%Y:%H:%M:%S +0000");
    let grant = grant(link);
    format!(
        "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be mist [{at}] 192.0.2.3 - {request} \
         REST.GET.OBJECT objects/ab/cd/abcd \"GET /mist/objects/ab/cd/abcd?x-grant={grant}&X-Amz-Expires=600 HTTP/1.1\" \
         {status} - {bytes} 1000 41 28 \"-\" \"curl/8.5.0\" - hostid= SigV4 ECDHE-RSA-AES128-SHA QueryString host TLSV1.3\n"
    )
}

/// A file of CloudFront's standard logs with one line.
fn of_cloudfront(request: &str, link: &str, at: DateTime<Utc>, bytes: usize) -> String {
    let (date, time, grant) = (at.format("%Y-%m-%d"), at.format("%H:%M:%S"), grant(link));
    format!(
        "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status \
         cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id\n\
         {date}\t{time}\tLAX1\t{bytes}\t192.0.2.100\tGET\td111.cloudfront.net\t/objects/ab/cd/abcd\t200\t-\tcurl/8.5.0\t\
         response-content-type=application%252Fzip&x-grant={grant}&Expires=1\t-\tHit\t{request}\n"
    )
}

async fn read(shop: &Shop, log: &str) -> Counted {
    count_logged(&shop.app.app, &mut log.as_bytes()).await.unwrap()
}

/// Delivered, and bytes, of every grant.
async fn grants(shop: &Shop) -> Vec<(bool, i64)> {
    let rows = download_grant::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    rows.into_iter().map(|row| (row.delivered_at.is_some(), row.delivered_bytes)).collect()
}

#[tokio::test]
async fn a_request_counts_once_however_often_its_log_is_read() {
    let shop = shop().await;
    let bytes = sample(1000);
    shop.released("1.0", "linux", &[("a.zip", &bytes)]).await;
    let ada = shop.owner("ada").await;
    let link = shop.link(&ada).await;
    assert!(shop.fetch(&link, &[]).await.body == bytes, "the bucket passes over what is noted");
    assert_eq!(grants(&shop).await, [(false, 0)], "a link that nobody followed is no delivery");
    assert!(shop.last_downloaded().await.is_some(), "for refunds it is, for logs come late");

    let at = shop.app.clock.now() + Duration::minutes(1);
    shop.app.advance(Duration::hours(2));
    let refused = of_s3("C", &link, at, 403, 243);
    let half = format!("{}{refused}an odd line\n", of_s3("A", &link, at, 206, 400));
    assert_eq!(read(&shop, &half).await, Counted { counted: 1, ..Counted::default() });
    assert_eq!(grants(&shop).await, [(false, 400)]);
    let both = format!("{half}{}", of_s3("B", &link, at + Duration::minutes(1), 206, 600));
    assert_eq!(read(&shop, &both).await, Counted { counted: 1, known: 1, passed_over: 0 });
    assert_eq!(read(&shop, &both).await, Counted { counted: 0, known: 2, passed_over: 0 });
    assert_eq!(grants(&shop).await, [(true, 1000)]);

    // Through another edge, with headers among the bytes; and by a link that nobody has.
    let again = shop.link(&shop.back("ada").await).await;
    let cloudfront = of_cloudfront("D==", &again, at, 1392);
    assert_eq!(read(&shop, &cloudfront).await.counted, 1);
    let of_nobody = of_s3("E", &again.replace(&grant(&again), &shop.product.to_string()), at, 200, 1000);
    assert_eq!(read(&shop, &of_nobody).await, Counted { passed_over: 1, ..Counted::default() });
    let rows = shop.app.support().await.get(DOWNLOADS).await.json()["items"].clone();
    assert_eq!((&rows[0]["deliveries"], &rows[0]["bytes"]), (&json!(2), &json!(2000)));
}

#[tokio::test]
async fn what_is_too_old_counts_no_more_and_is_forgotten() {
    let shop = shop().await;
    shop.released("1.0", "linux", &[("a.zip", &sample(1000))]).await;
    let link = shop.link(&shop.owner("ada").await).await;
    let at = shop.app.clock.now();
    let log = of_s3("A", &link, at, 200, 1000);
    assert_eq!(read(&shop, &log).await.counted, 1);
    shop.app.advance(Duration::days(32));
    assert!(mist::background::tick(&shop.app.app, "retention").await.unwrap());
    let rows = entity::logged_request::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    assert_eq!(rows, []);
    assert_eq!(read(&shop, &log).await, Counted { passed_over: 1, ..Counted::default() });
    assert_eq!(grants(&shop).await, [(true, 1000)]);
}

#[tokio::test]
async fn the_program_reads_files_as_they_are_and_in_gzip() {
    let shop = shop().await;
    shop.released("1.0", "linux", &[("a.zip", &sample(1000))]).await;
    let link = shop.link(&shop.owner("ada").await).await;
    let folder = tempfile::tempdir().unwrap();
    let (plain, packed) = (folder.path().join("log"), folder.path().join("log.gz"));
    std::fs::write(&plain, "").unwrap();
    // The program's clock is the machine's.
    let now: DateTime<Utc> = std::fs::metadata(&plain).unwrap().modified().unwrap().into();
    std::fs::write(&plain, of_s3("A", &link, now, 206, 400)).unwrap();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(of_cloudfront("B==", &link, now, 600).as_bytes()).unwrap();
    std::fs::write(&packed, encoder.finish().unwrap()).unwrap();
    let ingest = async |by_logs: &str| {
        let mut program = shop.app.program();
        program.env("MIST_DELIVERY__COUNT_BY_LOGS", by_logs).args(["logs", "ingest"]);
        said(program.arg(&plain).arg(&packed).output().await.unwrap())
    };
    let (succeeded, told) = ingest("false").await;
    assert!(!succeeded && told.contains("delivery.count_by_logs"), "{told}");
    let (succeeded, told) = ingest("true").await;
    assert!(succeeded && told.contains("log.gz: 1 downloads counted, 0 known already"), "{told}");
    let (_, told) = ingest("true").await;
    assert!(told.contains("log: 0 downloads counted, 1 known already"), "{told}");
    assert_eq!(grants(&shop).await, [(true, 1000)]);
}

/// Who counts two files at once, of the same downloads in another order, has neither wait for the other.
#[tokio::test]
async fn files_that_are_counted_at_once_are_in_nobodys_way() {
    let shop = shop().await;
    shop.released("1.0", "linux", &[("a.zip", &sample(1000))]).await;
    let mut links = Vec::new();
    for number in 0..6 {
        links.push(shop.link(&shop.owner(&format!("owner{number}")).await).await);
    }
    let at = shop.app.clock.now();
    for round in 0..10 {
        let lines = links.iter().enumerate();
        let lines: Vec<String> =
            lines.map(|(number, link)| of_s3(&format!("R{round}N{number}"), link, at, 206, 10)).collect();
        let (there, back) = (lines.concat(), lines.iter().rev().cloned().collect::<String>());
        let (there, back) = tokio::join!(read(&shop, &there), read(&shop, &back));
        assert_eq!((there.counted + back.counted, there.known + back.known), (6, 6));
    }
    if shop.app.app.db.backend() == DbBackend::Postgres {
        let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        let deadlocks = Statement::from_string(DbBackend::Postgres, deadlocks);
        let counted = shop.app.app.db.read.query_one_raw(deadlocks).await.unwrap().unwrap();
        assert_eq!(counted.try_get::<i64>("", "deadlocks").unwrap(), 0);
    }
}

#[tokio::test]
async fn logs_are_counted_where_links_lead_past_the_store_alone() {
    let shop = Shop::new().await;
    let mut program = shop.app.program();
    program.env("MIST_DELIVERY__COUNT_BY_LOGS", "true").env("MIST_STORAGE__KIND", "local").arg("config");
    let (succeeded, told) = said(program.output().await.unwrap());
    assert!(!succeeded && told.contains("delivery.count_by_logs: needs links past the store"), "{told}");
}
