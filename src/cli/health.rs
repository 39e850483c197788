//! `mist health`: whether the store that runs beside is ready, or alive, as the health check of a container asks.
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use http::StatusCode;
use mist::{
    calls::{Calls, Limits},
    config::Config,
};

/// A store that is ready answers in milliseconds; whoever asks mostly waits for five seconds.
const LIMITS: Limits =
    Limits { connect: Duration::from_secs(1), whole: Duration::from_secs(4), bytes: 64 * 1024 };

pub(crate) async fn run(settings: Config, live: bool) -> Result<(), String> {
    let (path, what) = if live { ("/healthz", "alive") } else { ("/readyz", "ready") };
    let address = beside(settings.http.listen);
    if address.port() == 0 {
        return Err("http.listen takes any free port: name the one to ask by MIST_HTTP__LISTEN.".to_owned());
    }
    let calls = Calls::direct(LIMITS);
    let asked = async {
        let scheme = if settings.http.tls.certificate.is_some() { "https" } else { "http" };
        let request = calls.client().await?.get(format!("{scheme}://{address}{path}"));
        calls.send(request).await
    };
    match asked.await {
        Ok(answer) if answer.status == StatusCode::OK => {
            println!("{what}");
            Ok(())
        }
        Ok(answer) => Err(format!("not {what}: {address} answered {}", answer.status)),
        Err(lack) => Err(format!("not {what}: {address} does not answer: {lack}")),
    }
}

/// Where a listener of this machine is reached from the machine itself.
fn beside(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn who_listens_everywhere_is_asked_on_the_loopback() {
        for (listen, asked) in
            [("0.0.0.0:8080", "127.0.0.1:8080"), ("[::]:8080", "[::1]:8080"), ("10.0.0.7:80", "10.0.0.7:80")]
        {
            assert_eq!(beside(listen.parse().unwrap()), asked.parse().unwrap());
        }
    }
}
