//! An address that arrived through the API, as far as it can be judged without looking its name up.
use std::net::IpAddr;

use url::{Host, Url};

use super::{networks, ports};
use crate::values::Invalid;

/// Characters of an address at most.
pub const LONGEST: usize = 2000;

/// Where a request may go, unless its name leads into a closed network: that is judged when it is connected to.
#[derive(Clone, Debug)]
pub struct Target(Url);

impl Target {
    /// An address of https, or with `private` of http, without a name or password in it. Its host is read as browsers
    /// read it, so that 127.1, 0x7f000001 and 2130706433 are 127.0.0.1.
    pub fn parse(text: &str, private: bool) -> Result<Self, Invalid> {
        let not_whole = || Invalid::new("invalid_url", "is not a whole address, such as https://…");
        let mut url = Url::parse(text).map_err(|_| not_whole())?;
        let host = url.host().ok_or_else(not_whole)?;
        if !url.username().is_empty() || url.password().is_some() || url.as_str().len() > LONGEST {
            return Err(not_whole());
        }
        if url.scheme() != "https" && !(private && url.scheme() == "http") {
            return Err(Invalid::new("not_https", "must be an https address"));
        }
        let literal = match host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
        };
        if !private && literal.is_some_and(|address| !networks::is_open(address)) {
            return Err(Invalid::new("private_address", "leads into a network that is not public"));
        }
        if !url.port_or_known_default().is_some_and(ports::is_fit) {
            return Err(Invalid::new("port_not_allowed", "names a port that no web server has"));
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The address in its canonical form.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(super) fn url(&self) -> Url {
        self.0.clone()
    }
}
