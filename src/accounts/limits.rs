//! How often one may try to sign in, prove it again, or register.
use std::net::IpAddr;

use uuid::Uuid;

use super::{
    devices,
    sessions::Device,
    throttle::{self, Budget, Counted},
};
use crate::{app::App, config::Rate, error::Result, values::Email};

/// Counts a sign-in, or any other proof of being somebody, before it is judged; 429 `too_many_attempts`.
///
/// A device that signed in to the account before has a budget of its own. Strangers share that of the account and that
/// of their address, and a device's failures count against the account's too. The account is told by the address that
/// was entered, whether there is one or not.
pub(super) async fn sign_in(
    app: &App,
    email: &str,
    account: Option<Uuid>,
    device: &Device,
) -> Result<Counted> {
    let settings = &app.config.accounts;
    let rate = settings.failures_per_account;
    let email = Email::parse(email).map_or_else(|_| email.trim().to_lowercase(), Email::into_string);
    let general = Budget::new(app, rate, &["account", &email]).cleared_by_success().guarding(account);
    let Some(known) = devices::known(app, account, device).await? else {
        let here = devices::network(&device.ip);
        let address = Budget::new(app, settings.failures_per_address, &["address", &here]);
        return throttle::count(app, &devices::place(device), vec![general, address]).await;
    };
    let own = Budget::new(app, rate, &["device", &known, &email]).cleared_by_success().guarding(account);
    throttle::count(app, &known, vec![own, general.counting_only()]).await
}

/// Counts a registration from a device's address; 429 `too_many_attempts`. This machine's own has no budget: it is whoever runs
/// the store, or a proxy that isn't trusted, behind which nobody else could register.
pub(super) async fn registration(app: &App, device: &Device) -> Result<Counted> {
    let here = devices::network(&device.ip);
    let rate = app.config.accounts.registrations_per_address;
    let is_own = device.ip.parse().is_ok_and(|ip: IpAddr| ip.to_canonical().is_loopback());
    let budget = (!is_own).then(|| Budget::new(app, rate, &["registrations", &here]));
    throttle::count(app, "", budget.into_iter().collect()).await
}

/// Counts a link to a new password that is asked for from a device's address: each is a job; 429 `too_many_attempts`.
pub(super) async fn forgotten(app: &App, device: &Device) -> Result<Counted> {
    let here = devices::network(&device.ip);
    let rate = app.config.accounts.failures_per_address;
    throttle::count(app, "", vec![Budget::new(app, rate, &["forgotten", &here])]).await
}

/// Counts a passkey that is asked for from a device's address: each is a row; 429 `too_many_attempts`.
pub(super) async fn ceremony(app: &App, device: &Device) -> Result<Counted> {
    let here = devices::network(&device.ip);
    let rate = app.config.accounts.failures_per_address;
    throttle::count(app, "", vec![Budget::new(app, rate, &["ceremonies", &here])]).await
}

/// Counts a sign-in by passkey from a device's address, with those by password; 429 `too_many_attempts`.
///
/// Nobody guesses one, so no account has a budget that a stranger could use up.
pub(super) async fn passkey(app: &App, device: &Device) -> Result<Counted> {
    let here = devices::network(&device.ip);
    let address = Budget::new(app, app.config.accounts.failures_per_address, &["address", &here]);
    throttle::count(app, &devices::place(device), vec![address]).await
}

/// Counts a sign-in through a provider that is begun from a device's address: each is a row until its time is over; 429
/// `too_many_attempts`.
pub(super) async fn provider_start(app: &App, device: &Device) -> Result<Counted> {
    let here = devices::network(&device.ip);
    let rate = app.config.accounts.provider_sign_ins_per_address;
    throttle::count(app, "", vec![Budget::new(app, rate, &["provider starts", &here])]).await
}

/// Counts what comes back from a provider, or a code that is swapped, from a device's address; 429 `too_many_attempts`.
///
/// Apart from failed passwords, for any page can send a browser to a callback.
pub(super) async fn provider_answer(app: &App, device: &Device) -> Result<Counted> {
    let here = devices::network(&device.ip);
    let rate = app.config.accounts.failures_per_address;
    throttle::count(app, &devices::place(device), vec![Budget::new(app, rate, &["provider", &here])]).await
}

/// What somebody who is signed in proves it by again.
#[derive(Clone, Copy, Debug)]
pub(super) enum Proven {
    /// The password.
    ByPassword,
    /// A code of the second factor. It is counted apart: who knows the password must not get codes to try by it.
    ByCode,
}

/// Counts a password or code by which who is signed in proves it again, whatever the device; 429 `too_many_attempts`.
pub(super) async fn proof(app: &App, account: Uuid, proven: Proven) -> Result<Counted> {
    let what = match proven {
        Proven::ByPassword => "proofs",
        Proven::ByCode => "proofs by code",
    };
    let rate = app.config.accounts.failures_per_account;
    let budget = Budget::new(app, rate, &[what, &account.to_string()]).cleared_by_success();
    throttle::count(app, "", vec![budget.guarding(Some(account))]).await
}

/// Counts something that is asked from an address (IPv6: /64), whoever asks; 429 `too_many_attempts`.
pub async fn visit(app: &App, ip: IpAddr, what: &str, rate: Rate) -> Result<()> {
    let here = devices::network(&ip.to_string());
    throttle::count(app, "", vec![Budget::new(app, rate, &["visits", what, &here])]).await.map(drop)
}

/// Counts something that an account does and of which there may be so many, whatever comes of it; 429
/// `too_many_attempts`.
pub async fn deed(app: &App, account: Uuid, what: &str, rate: Rate) -> Result<()> {
    let budget = Budget::new(app, rate, &["deeds", what, &account.to_string()]);
    throttle::count(app, "", vec![budget]).await.map(drop)
}
