//! Loading an address with wrk, and comparing two in turn.

use std::io::Write;
use std::process::Command;

use crate::process::Result;

/// Connections that load an address at once.
const CONNECTIONS: &str = "32";

/// Requests a second that an address answers; with a body they are POSTs of JSON. Any refusal is an error.
pub fn wrk(url: &str, seconds: u32, body: Option<&str>) -> Result<f64> {
    let mut script = tempfile::NamedTempFile::new()?;
    if let Some(body) = body {
        writeln!(
            script,
            "wrk.method = 'POST'\nwrk.body = [[{body}]]\nwrk.headers['Content-Type'] = 'application/json'"
        )?;
    }
    let duration = format!("-d{seconds}s");
    let output = Command::new("wrk")
        .args(["-t1", "-c", CONNECTIONS, &duration, "-s"])
        .arg(script.path())
        .arg(url)
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    if let Some(line) = said.lines().find(|line| line.contains("Non-2xx")) {
        return Err(format!("{url}: {line}").into());
    }
    let rate = said.lines().find_map(|line| line.trim().strip_prefix("Requests/sec:"));
    Ok(rate.ok_or_else(|| format!("wrk said nothing of {url}: {said}"))?.trim().parse()?)
}

/// Two measurements in turn, A B A B …: the medians of both and of the ratio A/B pair by pair.
pub fn pairs(
    rounds: usize,
    a: impl Fn() -> Result<f64>,
    b: impl Fn() -> Result<f64>,
) -> Result<(f64, f64, f64)> {
    let mut all = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (left, right) = (a()?, b()?);
        all.0.push(left);
        all.1.push(right);
        all.2.push(left / right);
    }
    Ok((median(all.0), median(all.1), median(all.2)))
}

/// The one in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
