//! What the kernel says of a process.

use std::fs;

use crate::process::Result;

/// Clock ticks a second of `/proc/PID/stat` (`getconf CLK_TCK`: 100 on every Linux).
const TICKS: f64 = 100.0;

/// Resident memory, bytes.
pub fn resident(pid: u32) -> Result<u64> {
    memory(pid, "VmRSS:")
}

/// Resident memory of no file, which is what a process costs others, bytes.
pub fn anonymous(pid: u32) -> Result<u64> {
    memory(pid, "RssAnon:")
}

fn memory(pid: u32, name: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or_else(|| format!("no {name}"))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kib * 1024)
}

/// Files and connections that a process has open.
pub fn descriptors(pid: u32) -> Result<usize> {
    Ok(fs::read_dir(format!("/proc/{pid}/fd"))?.count())
}

/// CPU seconds, user and system, that a process has used so far.
pub fn cpu_seconds(pid: u32) -> Result<f64> {
    Ok(ticks(pid)?.own / TICKS)
}

/// CPU seconds that a process and its children, those that ended too, have used so far.
pub fn cpu_seconds_of_all(parent: u32) -> Result<f64> {
    let first = ticks(parent)?;
    let mut used = first.own + first.ended_children;
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // It may have ended meanwhile.
        if let Ok(ticks) = ticks(pid)
            && ticks.parent == parent
        {
            used += ticks.own + ticks.ended_children;
        }
    }
    Ok(used / TICKS)
}

/// What `/proc/PID/stat` says.
struct Ticks {
    parent: u32,
    own: f64,
    ended_children: f64,
}

fn ticks(pid: u32) -> Result<Ticks> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no stat")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let field = |at: usize| fields.get(at).ok_or("a short stat");
    let number = |at: usize| -> Result<f64> { Ok(field(at)?.parse()?) };
    Ok(Ticks {
        parent: field(1)?.parse()?,
        own: number(11)? + number(12)?,
        ended_children: number(13)? + number(14)?,
    })
}
