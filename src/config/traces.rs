//! Where traces are sent, and which.
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Secret, is_base, lenient};

/// As `traces.sample`: one of ten.
const SAMPLE: f64 = 0.1;
/// Where collectors take traces, below the address of everything else that they take.
const TRACES: &str = "/v1/traces";

/// Where traces are sent, if anywhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Traces {
    /// The collector's address for OTLP in protobuf over HTTP, without `/v1/traces`; none: nothing is traced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otlp_endpoint: Option<Url>,
    /// What is sent along, such as `authorization=Basic …`: names and values, with commas between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otlp_headers: Option<Secret>,
    /// Which part of the traces that begin here is kept: from 0 to 1.
    #[serde(deserialize_with = "lenient::number")]
    pub sample: f64,
    /// Networks whose requests continue the traces that they say they are part of, and say whether those are kept.
    #[serde(deserialize_with = "lenient::networks")]
    pub continue_from: Vec<IpNet>,
}

impl Default for Traces {
    fn default() -> Self {
        Self { otlp_endpoint: None, otlp_headers: None, sample: SAMPLE, continue_from: Vec::new() }
    }
}

impl Traces {
    /// Where traces are sent.
    pub fn endpoint(&self) -> Option<String> {
        let base = self.otlp_endpoint.as_ref()?.as_str();
        Some(format!("{}{TRACES}", base.trim_end_matches('/')))
    }

    /// What is sent along: none of what is no pair.
    pub fn headers(&self) -> Option<Vec<(String, String)>> {
        let named = self.otlp_headers.as_ref().map_or("", Secret::as_str);
        named
            .split(',')
            .map(str::trim)
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=')?;
                Some((name.trim().to_owned(), value.trim().to_owned()))
            })
            .collect()
    }

    /// Each setting that is not as it should be, and why.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut refuse = |wrong: bool, setting: &str, why: &str| {
            if wrong {
                faults.push(format!("traces.{setting}: {why}"));
            }
        };
        refuse(
            self.otlp_endpoint.as_ref().is_some_and(|url| !is_base(url)),
            "otlp_endpoint",
            "must be an address that begins with http:// or https:// and asks nothing",
        );
        refuse(!(0.0..=1.0).contains(&self.sample), "sample", "must be from 0 to 1");
        refuse(
            self.headers().is_none(),
            "otlp_headers",
            "must be names and values such as authorization=Basic …, with commas between",
        );
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_is_named_and_no_key_is_told() {
        let fine = Traces {
            otlp_endpoint: Url::parse("https://otlp.example.com/otlp/").ok(),
            otlp_headers: Some(Secret::new("authorization=Basic Zm9v==, x-tenant=1")),
            ..Traces::default()
        };
        assert_eq!(fine.faults(), Vec::<String>::new());
        assert_eq!(fine.endpoint().as_deref(), Some("https://otlp.example.com/otlp/v1/traces"));
        assert_eq!(fine.headers().unwrap()[0], ("authorization".to_owned(), "Basic Zm9v==".to_owned()));
        let told = format!("{fine:?} {}", serde_json::to_string(&fine).unwrap());
        assert!(!told.contains("Zm9v"), "{told}");
        let wrong = Traces {
            otlp_endpoint: Url::parse("grpc://collector:4317").ok(),
            otlp_headers: Some(Secret::new("hunter2")),
            sample: 2.0,
            ..Traces::default()
        };
        let faults = wrong.faults().join("\n");
        for setting in ["traces.otlp_endpoint", "traces.sample", "traces.otlp_headers"] {
            assert!(faults.contains(setting), "{setting}: {faults}");
        }
        assert!(!faults.contains("hunter2"), "{faults}");
    }
}
