//! Uploads by curl against `cp` with `sha256sum` of the same file.

use std::process::Command;
use std::time::Instant;

use reqwest::Method;
use serde_json::json;

use super::load::median;
use super::report::{Bound, Report};
use crate::process::Result;
use crate::server::{Caller, Server, text};
use crate::sizes::{MIB, mib};

/// Bytes of the file.
const SIZE: u64 = 512 * MIB;
const ROUNDS: usize = 3;
/// Least pace, in hundredths of theirs.
const LEAST: f64 = 70.0;

pub async fn measure(server: &Server, admin: &Caller, product: &str, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (file, copy) = (folder.path().join("upload.bin"), folder.path().join("copy.bin"));
    let (file, copy) = (file.display().to_string(), copy.display().to_string());
    let count = format!("count={}", SIZE / MIB);
    let made = ["if=/dev/urandom", "bs=1M", "status=none", &count, &format!("of={file}")];
    pace(Command::new("dd").args(made))?;
    let authorization = format!("authorization: Bearer {}", admin.token().ok_or("nobody is signed in")?);
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let body = json!({"version": format!("upload {round}"), "platform": "linux"});
        let path = format!("/api/v1/admin/products/{product}/builds");
        let build = admin.call(Method::POST, &path, Some(body)).await?;
        let url = format!("{}/api/v1/admin/builds/{}/files/upload.bin", server.url, text(&build, "/id")?);
        let put =
            ["--silent", "--show-error", "--fail", "--header", &authorization, "--upload-file", &file, &url];
        let one = pace(Command::new("curl").args(put))?;
        let both = format!("cp '{file}' '{copy}' && sha256sum '{copy}' && rm '{copy}'");
        let other = pace(Command::new("sh").args(["-c", &both]))?;
        ours.push(one);
        theirs.push(other);
        ratios.push(one / other);
    }
    let (ours, theirs, ratio) = (median(ours), median(theirs), median(ratios));
    let shown = format!("{ours:.0} MiB/s, cp and sha256sum {theirs:.0}: {:.0} %", ratio * 100.0);
    report.figure("upload", &shown, ratio * 100.0, Bound::AtLeast(LEAST));
    Ok(())
}

/// How many MiB of the file a second a program dealt with.
fn pace(command: &mut Command) -> Result<f64> {
    let began = Instant::now();
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(mib(SIZE) / began.elapsed().as_secs_f64())
}
