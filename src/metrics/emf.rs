//! What was measured, as lines that CloudWatch takes metrics from (embedded metric format), without an agent that scrapes.
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Labels over which values are added up: CloudWatch bills each combination of dimensions as a metric of its own.
const ADDED_UP: [&str; 2] = ["method", "route"];

/// Writes lines, and remembers what counters said before: CloudWatch adds up what it is told.
pub(super) struct Emf {
    namespace: String,
    before: BTreeMap<Series, f64>,
}

/// What is measured, with its labels in order.
type Series = (String, BTreeMap<String, String>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Grows; the difference is told.
    Counter,
    /// Is told as it is.
    Gauge,
}

impl Emf {
    pub(super) fn new(namespace: String) -> Self {
        Self { namespace, before: BTreeMap::new() }
    }

    /// The lines of a moment, in milliseconds since 1970, from Prometheus' text. A counter that did not move has none.
    pub(super) fn lines(&mut self, text: &str, at: i64) -> Vec<String> {
        let mut lines = Vec::new();
        for (series, (kind, value)) in read(text) {
            let told = match kind {
                Kind::Gauge => value,
                Kind::Counter => value - self.before.insert(series.clone(), value).unwrap_or_default(),
            };
            if kind == Kind::Gauge || told > 0.0 {
                lines.push(self.line(&series, told, at));
            }
        }
        lines
    }

    fn line(&self, (name, labels): &Series, value: f64, at: i64) -> String {
        let dimensions: Vec<&String> = labels.keys().collect();
        let metric = json!({"Name": name, "Unit": unit(name)});
        let directive = json!({"Namespace": self.namespace, "Dimensions": [dimensions], "Metrics": [metric]});
        let mut line = Map::new();
        line.insert("_aws".to_owned(), json!({"Timestamp": at, "CloudWatchMetrics": [directive]}));
        line.extend(labels.iter().map(|(label, value)| (label.clone(), Value::from(value.as_str()))));
        line.insert(name.clone(), json!(value));
        Value::Object(line).to_string()
    }
}

fn unit(name: &str) -> &'static str {
    let name = name.trim_end_matches("_sum");
    match () {
        () if name.ends_with("_seconds") => "Seconds",
        () if name.ends_with("_bytes") => "Bytes",
        () => "Count",
    }
}

/// The series of Prometheus' text, those of histograms by their sums and counts alone.
fn read(text: &str) -> BTreeMap<Series, (Kind, f64)> {
    let (mut all, mut kinds) = (BTreeMap::new(), BTreeMap::new());
    for line in text.lines() {
        if let Some(declared) = line.strip_prefix("# TYPE ") {
            kinds.extend(declared.split_once(' '));
            continue;
        }
        let Some((name, labels, value)) = sample(line) else { continue };
        let whole = name.trim_end_matches("_sum").trim_end_matches("_count");
        let kind = match kinds.get(name).or_else(|| kinds.get(whole)) {
            Some(&"gauge") => Kind::Gauge,
            Some(&"counter") => Kind::Counter,
            // Buckets have another ending, and so no kind.
            Some(&("histogram" | "summary")) if name != whole => Kind::Counter,
            _ => continue,
        };
        let (_, sum) = all.entry((name.to_owned(), labels)).or_insert((kind, 0.0));
        *sum += value;
    }
    all
}

/// A line's name, labels and value.
fn sample(line: &str) -> Option<(&str, BTreeMap<String, String>, f64)> {
    if line.starts_with('#') {
        return None;
    }
    let (name, rest) = line.split_at(line.find(['{', ' '])?);
    let (labels, value) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (BTreeMap::new(), rest),
    };
    let value: f64 = value.trim().parse().ok()?;
    value.is_finite().then_some((name, labels, value))
}

/// Labels up to the closing brace, and what follows it.
fn labels(mut rest: &str) -> Option<(BTreeMap<String, String>, &str)> {
    let mut labels = BTreeMap::new();
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return Some((labels, after));
        }
        let (label, quoted) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut letters = quoted.char_indices();
        let end = loop {
            match letters.next()? {
                (at, '"') => break at,
                (_, '\\') => value.push(match letters.next()?.1 {
                    'n' => '\n',
                    letter => letter,
                }),
                (_, letter) => value.push(letter),
            }
        };
        if !ADDED_UP.contains(&label) {
            labels.insert(label.to_owned(), value);
        }
        let after = quoted.get(end + 1..)?;
        rest = after.strip_prefix(',').unwrap_or(after);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = r#"# HELP mist_http_requests_total Requests.
# TYPE mist_http_requests_total counter
mist_http_requests_total{method="GET",route="/a",status="200"} 3
mist_http_requests_total{method="PUT",route="/{b}",status="200"} 4
mist_http_requests_total{method="GET",route="/a",status="404"} 1
# TYPE mist_http_request_seconds histogram
mist_http_request_seconds_bucket{route="/a",le="+Inf"} 3
mist_http_request_seconds_sum{route="/a"} 0.5
mist_http_request_seconds_count{route="/a"} 3

# TYPE mist_jobs gauge
mist_jobs{state="de\"ad"} 0
"#;

    fn told(lines: &[String]) -> Vec<Value> {
        lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_says_where_its_metric_is() {
        let lines = Emf::new("Mist".to_owned()).lines(TEXT, 1_795_000_000_000);
        let directive = |name: &str, unit: &str, dimensions: Value| {
            let metrics = json!([{"Name": name, "Unit": unit}]);
            let directive = json!({"Namespace": "Mist", "Dimensions": [dimensions], "Metrics": metrics});
            json!({"Timestamp": 1_795_000_000_000_i64, "CloudWatchMetrics": [directive]})
        };
        let (total, seconds) = ("mist_http_requests_total", "mist_http_request_seconds");
        let (count, sum) = (format!("{seconds}_count"), format!("{seconds}_sum"));
        assert_eq!(
            told(&lines),
            [
                json!({"_aws": directive(&count, "Count", json!([])), (count.as_str()): 3.0}),
                json!({"_aws": directive(&sum, "Seconds", json!([])), (sum.as_str()): 0.5}),
                json!({"_aws": directive(total, "Count", json!(["status"])), "status": "200", total: 7.0}),
                json!({"_aws": directive(total, "Count", json!(["status"])), "status": "404", total: 1.0}),
                json!({"_aws": directive("mist_jobs", "Count", json!(["state"])), "state": "de\"ad", "mist_jobs": 0.0}),
            ]
        );
    }

    #[test]
    fn counters_tell_what_came_since_and_gauges_what_is() {
        let mut emf = Emf::new("Mist".to_owned());
        emf.lines(TEXT, 0);
        let unmoved = told(&emf.lines(TEXT, 1));
        assert_eq!(unmoved.len(), 1);
        assert_eq!(unmoved[0]["mist_jobs"], 0.0);
        let moved = told(&emf.lines(&TEXT.replace("\"404\"} 1", "\"404\"} 6"), 2));
        assert_eq!(moved[0]["mist_http_requests_total"], 5.0);
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in "(# TYPE a (counter|gauge)\n)?[a{}=\"\\\\, 0-9eé\n#-]{0,80}") {
            for line in Emf::new("Mist".to_owned()).lines(&text, 0) {
                prop_assert!(serde_json::from_str::<Value>(&line).is_ok());
            }
        }
    }
}
