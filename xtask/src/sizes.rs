//! Sizes as they are asked for and told.

pub const MIB: u64 = 1024 * 1024;

/// Such as 5GiB, 300MiB or a number of bytes.
pub fn size(text: &str) -> std::result::Result<u64, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit = match unit {
        "" => 1,
        "MiB" => MIB,
        "GiB" => 1024 * MIB,
        other => return Err(format!("`{other}` is none of MiB and GiB")),
    };
    let number: u64 = number.parse().map_err(|_| format!("`{text}` is no size"))?;
    number.checked_mul(unit).ok_or_else(|| format!("`{text}` is too large"))
}

/// Bytes as mebibytes.
#[expect(clippy::cast_precision_loss, reason = "for reading")]
pub fn mib(bytes: u64) -> f64 {
    bytes as f64 / MIB as f64
}
