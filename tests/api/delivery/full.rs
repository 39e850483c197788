//! A disk without room is 507, keeps nothing, and the store goes on.
//!
//! The room is a limit on the size of files, which any user may lower: the test runs itself again under a shell that
//! lowered it, and that ignores the signal which a disk without room does not send.
use std::{env, process::Command};

use super::shop::{Shop, sample};
use crate::support::s3;

const INSIDE: &str = "MIST_TEST_INSIDE_THE_LIMIT";
const DONE: &str = "the disk was full as it should be";
/// 8 MiB, in the 512-byte blocks of POSIX: more than the database of this test.
const UNDER_THE_LIMIT: &str = r#"trap '' XFSZ; ulimit -f 16384; exec "$0" "$@""#;

#[test]
fn a_full_disk_is_507_and_keeps_nothing() {
    // A bucket has no end.
    if s3::everywhere() {
        return;
    }
    if env::var_os(INSIDE).is_some() {
        tokio::runtime::Runtime::new().unwrap().block_on(inside_the_limit());
        eprintln!("{DONE}");
        return;
    }
    let this = "delivery::full::a_full_disk_is_507_and_keeps_nothing";
    let output = Command::new("sh")
        .args(["-c", UNDER_THE_LIMIT])
        .arg(env::current_exe().unwrap())
        .args(["--exact", this, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains(DONE),
        "{said}{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

async fn inside_the_limit() {
    let shop = Shop::new().await;
    let build = shop.draft("1.0", "any").await;
    let refused = shop.upload(build, "a", sample(20_000_000)).await;
    assert_eq!((refused.status, refused.code().as_str()), (507, "insufficient_storage"));
    assert_eq!((shop.files("objects"), shop.files("tmp")), (0, 0));
    assert_eq!(shop.upload(build, "a", sample(1_000_000)).await.status, 201);
}
