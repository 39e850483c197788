//! Links that lead past the store, straight to where the bytes are.

use std::net::IpAddr;
use std::time::Duration;

/// What a link should say and do.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// `Content-Disposition` of the answer.
    pub disposition: &'a str,
    /// `Content-Type` of the answer.
    pub media_type: &'a str,
    /// How long from now it is good.
    pub life: Duration,
    /// Until when: seconds since 1970.
    pub expires: i64,
    /// The one address from which it is good, where that can be held.
    pub address: Option<IpAddr>,
    /// A parameter, begun with `x-`, that changes nothing and is found in the access logs of who answers.
    pub noted: Option<(&'a str, String)>,
}

impl Asked<'_> {
    /// How S3 is told what to answer.
    pub(crate) fn query(&self) -> Vec<(&str, String)> {
        let said = [
            ("response-content-disposition", self.disposition.to_owned()),
            ("response-content-type", self.media_type.to_owned()),
        ];
        said.into_iter().chain(self.noted.clone()).collect()
    }
}
