//! The devices that signed in to an account before: what a stranger fails is not held against them.
use std::net::IpAddr;

use chrono::{Duration, Utc};
use http::{HeaderName, header};
use uuid::Uuid;

use super::{queries, sessions::Device};
use crate::{app::App, error::Result, web::peer::DEVICE_COOKIE};

/// How long a device is known after it signed in.
const KNOWN: Duration = Duration::days(90);

/// The header that makes a device known to an account; its value is signed and of no use for any other account.
pub(super) fn cookie(app: &App, account: Uuid) -> (HeaderName, String) {
    let until = (app.clock.now() + KNOWN).timestamp();
    let id = app.clock.new_id().simple();
    let signature = hex::encode(app.keys.throttle.sign(signed(account, &format!("{until}.{id}")).as_bytes()));
    let secure = if app.public_url("").starts_with("https:") { "; Secure" } else { "" };
    let age = KNOWN.num_seconds();
    let value = format!(
        "{DEVICE_COOKIE}={until}.{id}.{signature}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"
    );
    (header::SET_COOKIE, value)
}

/// What a device is counted as where it signed in to the account before; none for a stranger.
///
/// Nobody's account is asked for too: an unknown address costs what a known one costs.
pub(super) async fn known(app: &App, account: Option<Uuid>, device: &Device) -> Result<Option<String>> {
    let account = account.unwrap_or_default();
    let by_cookie = device.cookie.as_deref().and_then(|value| read(app, account, value));
    let since = app.clock.now() - KNOWN;
    let addresses = queries::addresses_of(&app.db.read, account, &device.user_agent, since).await?;
    let here = network(&device.ip);
    let by_place = addresses.iter().any(|address| network(address) == here).then(|| place(device));
    Ok(by_cookie.or(by_place))
}

/// A device by its address and its user agent.
pub(super) fn place(device: &Device) -> String {
    format!("place\0{}\0{}", network(&device.ip), device.user_agent)
}

/// What counts as one address: of IPv6 the /64 that one customer holds.
pub(super) fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(IpAddr::V4(_)) | Err(_) => address.to_owned(),
    }
}

/// The device of a cookie that was made for the account and isn't too old.
fn read(app: &App, account: Uuid, value: &str) -> Option<String> {
    let (device, signature) = value.rsplit_once('.')?;
    let signature = hex::decode(signature).ok()?;
    let (until, _) = device.split_once('.')?;
    let until = chrono::DateTime::<Utc>::from_timestamp(until.parse().ok()?, 0)?;
    let sound = app.keys.throttle.verify(signed(account, device).as_bytes(), &signature);
    (sound && until > app.clock.now()).then(|| format!("device\0{device}"))
}

fn signed(account: Uuid, device: &str) -> String {
    format!("device\0{account}\0{device}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_version_six_counts_by_its_network() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
