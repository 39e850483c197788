//! What a product needs of a machine: free in form, with a few members that everybody reads alike.
use entity::product_platform::Platform;
use sea_orm::{ActiveEnum, Iterable};
use serde_json::{Map, Value};

use crate::{error::Fault, languages::Sentence};

/// The member of a product in which its requirements stand.
const FIELD: &str = "system_requirements";
/// Deepest nesting.
const DEPTH: usize = 4;
/// Bytes, as JSON.
const BYTES: usize = 16 * 1024;
/// What a platform's requirements are told apart by.
const LEVELS: [&str; 2] = ["minimum", "recommended"];
/// What is compared with a machine: whole megabytes.
const MEASURES: [&str; 2] = [MEMORY, "storage_mb"];
const MEMORY: &str = "memory_mb";
/// Megabytes of memory or storage at most: 16 TB.
pub(super) const MOST_MEGABYTES: i64 = 16 * 1024 * 1024;

/// The faults of a product's requirements: bounded in depth and size, and whole megabytes where a platform's `minimum`
/// or `recommended` says `memory_mb` or `storage_mb`.
pub(super) fn requirement_faults(requirements: Option<&Map<String, Value>>) -> Vec<Fault> {
    let Some(requirements) = requirements else { return Vec::new() };
    if requirements.values().any(|value| deeper(value, DEPTH - 1)) {
        let rule = Sentence::from("must not be nested deeper than { $most }");
        return vec![Fault::new(FIELD, "too_deep", rule.with("most", DEPTH))];
    }
    if serde_json::to_vec(requirements).map_or(usize::MAX, |json| json.len()) > BYTES {
        let rule = Sentence::from("must have at most { $most } bytes of JSON");
        return vec![Fault::new(FIELD, "too_long", rule.with("most", BYTES))];
    }
    let mut faults = Vec::new();
    for platform in Platform::iter().map(|platform| platform.to_value()) {
        for level in LEVELS {
            for measure in MEASURES {
                let stated = requirements.get(&platform).and_then(|needs| needs.get(level)?.get(measure));
                let sound = |value: &Value| {
                    value.as_i64().is_some_and(|number| (1..=MOST_MEGABYTES).contains(&number))
                };
                if stated.is_some_and(|value| !sound(value)) {
                    let field = format!("{FIELD}.{platform}.{level}.{measure}");
                    let rule = Sentence::from("must lie between { $least } and { $most }");
                    faults.push(Fault::new(
                        field,
                        "out_of_range",
                        rule.with("least", 1_usize).with("most", MOST_MEGABYTES.unsigned_abs()),
                    ));
                }
            }
        }
    }
    faults
}

/// The memory that a product needs at least on a platform, megabytes, where its requirements say so.
pub(super) fn least_memory(requirements: Option<&Value>, platform: Platform) -> Option<i64> {
    requirements?.get(platform.to_value())?.get("minimum")?.get(MEMORY)?.as_i64()
}

/// Whether objects and lists in a value are nested deeper than `most`.
fn deeper(value: &Value, most: usize) -> bool {
    let inner: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) => members.values().collect(),
        _ => return false,
    };
    most == 0 || inner.into_iter().any(|value| deeper(value, most - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        let object: Map<String, Value> = serde_json::from_str(text).unwrap();
        requirement_faults(Some(&object)).into_iter().map(|fault| fault.code).collect()
    }

    #[test]
    fn requirements_are_bounded_in_depth_and_size() {
        assert!(codes(r#"{"windows":{"minimum":{"ram":"8 GB"}}}"#).is_empty());
        assert!(codes(r#"{"a":{"b":{"c":{"d":1}}}}"#).is_empty());
        assert_eq!(codes(r#"{"a":{"b":{"c":{"d":{}}}}}"#), ["too_deep"]);
        assert_eq!(codes(&format!(r#"{{"a":"{}"}}"#, "x".repeat(20_000))), ["too_long"]);
    }

    #[test]
    fn what_is_compared_with_a_machine_is_whole_megabytes() {
        let sound = r#"{"windows":{"minimum":{"memory_mb":8192},"recommended":{"storage_mb":1}}}"#;
        assert!(codes(sound).is_empty());
        assert_eq!(least_memory(Some(&serde_json::from_str(sound).unwrap()), Platform::Windows), Some(8192));
        assert_eq!(least_memory(Some(&serde_json::from_str(sound).unwrap()), Platform::Linux), None);
        for wrong in ["\"8 GB\"", "0", "-1", "1.5", "16777217", "null"] {
            let text = format!(r#"{{"linux":{{"minimum":{{"memory_mb":{wrong}}}}}}}"#);
            assert_eq!(codes(&text), ["out_of_range"], "{wrong}");
        }
    }
}
