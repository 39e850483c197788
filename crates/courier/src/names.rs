//! Names of files that a store gives: each must be a plain name in the target folder, on any system.
use crate::error::{Error, Result};

/// What begins so is our own: halves of files, and what is installed.
pub(crate) const OWN: &str = ".mist-";
/// What Windows takes for devices, whatever stands behind a dot.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "COM", "LPT"];

/// Refuses a name that could lead out of the folder, name a device, or be one of ours.
pub(crate) fn require_plain(name: &str) -> Result<()> {
    if is_plain(name, cfg!(windows)) {
        Ok(())
    } else {
        Err(Error::Unsound(format!("{name:?} is no name for a file here; nothing of it is kept")))
    }
}

fn is_plain(name: &str, windows: bool) -> bool {
    let separates = |c: char| matches!(c, '/' | '\\' | '\0') || c.is_control();
    let plain = !name.is_empty() && name != "." && name != ".." && !name.contains(separates);
    plain && !name.to_ascii_lowercase().starts_with(OWN) && !(windows && is_odd_on_windows(name))
}

/// Drives and streams, ends that Windows cuts off, and devices.
fn is_odd_on_windows(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let device = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    name.contains(['<', '>', ':', '"', '|', '?', '*'])
        || name.ends_with(['.', ' '])
        || DEVICES.contains(&stem.as_str())
        || (matches!(device, "COM" | "LPT") && stem.len() == device.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out_of_the_folder() {
        for name in ["", ".", "..", "../a", "a/b", "/etc/passwd", "a\\..\\b", "\\\\server\\x", "a\0", "a\nb"]
        {
            assert!(!is_plain(name, false), "{name:?}");
        }
        for name in ["a", "größe.zip", "…", "a b.tar.zst", ".hidden", "C:x"] {
            assert!(is_plain(name, false), "{name:?}");
        }
    }

    #[test]
    fn what_is_ours_is_not_overwritten() {
        for name in [".mist-installed.json", ".MIST-x", ".mist-0123.part"] {
            assert!(!is_plain(name, false), "{name:?}");
        }
    }

    #[test]
    fn devices_and_drives_are_no_files_on_windows() {
        for name in ["C:x", "a:stream", "con", "NUL.txt", "com1", "LPT9.log", "a.", "a ", "a?", "aux .x"] {
            assert!(!is_plain(name, true), "{name:?}");
        }
        for name in ["console.txt", "com10.exe", "nullify", "a.b"] {
            assert!(is_plain(name, true), "{name:?}");
        }
    }
}
