//! A disk without room gives `Full`, keeps nothing, and the store goes on.
//!
//! The room is a limit on the size of files, which any user may lower: the test runs itself again under a shell that lowered it.
//! The shell also ignores the signal that comes with the error, as a disk without room sends none.

use std::env;
use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use objects::Error;

use crate::support::{Store, put, sample};

const INSIDE: &str = "OBJECTS_TEST_INSIDE_THE_LIMIT";
const DONE: &str = "the store was full as it should be";
/// 64 KiB, in the 512-byte blocks of POSIX.
const UNDER_THE_LIMIT: &str = r#"trap '' XFSZ; ulimit -f 128; exec "$0" "$@""#;

#[test]
fn a_full_disk_gives_full_and_keeps_nothing() {
    if env::var_os(INSIDE).is_some() {
        tokio::runtime::Runtime::new().unwrap().block_on(inside_the_limit());
        eprintln!("{DONE}");
        return;
    }
    let this = "full::a_full_disk_gives_full_and_keeps_nothing";
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
    let store = Store::new();
    // Noticed at the end, and while writing.
    for length in [1_000_000, 10_000_000] {
        assert!(matches!(put(&store.objects, &sample(length)).await, Err(Error::Full)), "{length}");
        assert_eq!(store.files(""), Vec::<&Path>::new());
    }

    let mut writer = store.objects.writer().await.unwrap();
    let failed = loop {
        if let Err(error) = writer.write(Bytes::from(sample(1_000_000))).await {
            break error;
        }
    };
    assert!(matches!(failed, Error::Full));
    assert!(writer.write(Bytes::from_static(b"more")).await.is_err());
    assert!(writer.finish().await.is_err());
    assert_eq!(store.files(""), Vec::<&Path>::new());

    let stored = store.put(b"there is room for this").await;
    assert_eq!(store.get(&stored.key, 0..5).await, b"there");
}
