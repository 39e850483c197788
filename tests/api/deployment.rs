//! What the store is deployed by names settings and metrics: those that there are.
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use mist::config;

use crate::support::files_below;

/// Below `folder`, every file that ends so.
fn files(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let ends_so = |path: &PathBuf| {
        path.extension().is_some_and(|ends| extensions.iter().any(|extension| ends == *extension))
    };
    let mut found = files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    found.retain(ends_so);
    assert!(!found.is_empty(), "no files below {folder}");
    found
}

/// The words of a text that begin so, such as `MIST_HTTP__LISTEN`.
fn words(text: &str, begin: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with(begin) && word.len() > begin.len())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_setting_that_a_deployment_names_is_one() {
    // Not the store's own: which image compose.yaml runs.
    let others = BTreeSet::from(["MIST_IMAGE".to_owned()]);
    let mut named = 0;
    for file in files("deploy", &["yaml", "yml", "json", "md", "sh", "config"]) {
        let text = fs::read_to_string(&file).unwrap();
        for name in words(&text, "MIST_").difference(&others) {
            // The beginning of several, as pages shorten them.
            if name.ends_with('_') {
                continue;
            }
            // Of no use as a value, so that whatever is known says what it should be.
            let outcome = config::load(None, [(name.clone(), "\u{1}".to_owned())].into_iter(), &[]);
            let why = outcome.err().map(|problem| problem.to_string()).unwrap_or_default();
            assert!(!why.contains("there is no such setting"), "{}: {name}: {why}", file.display());
            named += 1;
        }
    }
    assert!(named > 50, "only {named} settings were looked at");
}

#[test]
fn every_metric_that_is_watched_is_measured() {
    let sources: String =
        files("src", &["rs"]).iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let measured = words(&sources, "mist_");
    for file in files("deploy", &["json", "yaml"]) {
        let text = fs::read_to_string(&file).unwrap();
        for name in words(&text, "mist_") {
            let known = measured.contains(name.trim_end_matches("_bucket"));
            assert!(known, "{}: there is no metric {name}", file.display());
        }
    }
}

#[test]
fn every_metric_is_on_the_dashboard() {
    let dashboard = files("deploy/grafana", &["json"]).pop().unwrap();
    let shown = words(&fs::read_to_string(dashboard).unwrap(), "mist_");
    let mut macros = 0;
    for file in files("src", &["rs"]) {
        let text = fs::read_to_string(file).unwrap();
        for begin in ["counter!(\"", "gauge!(\"", "histogram!(\""] {
            for after in text.split(begin).skip(1) {
                let name = after.split('"').next().unwrap();
                // What only says that something was made anew has no panel.
                let shown = shown.contains(name) || shown.contains(&format!("{name}_bucket"));
                let unshown = ["process_start_time_seconds", "mist_answers_generation"].contains(&name);
                assert!(shown || unshown, "{name} is not on the dashboard");
                macros += 1;
            }
        }
    }
    assert!(macros > 10);
}
