//! From where events are caused: told by the request around them, and kept beside the log until the audit log takes it.
use std::{collections::HashMap, net::IpAddr};

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::queries;
use crate::error::Result;

tokio::task_local! {
    static ORIGIN: IpAddr;
}

/// Runs a request: the events that it records come from this address.
pub async fn from<T>(address: IpAddr, request: impl Future<Output = T>) -> T {
    ORIGIN.scope(address, request).await
}

/// The address of the request that is running, if one is.
pub(super) fn current() -> Option<IpAddr> {
    ORIGIN.try_with(|address| *address).ok()
}

/// Takes the addresses of events out of the log's side. Who takes them first has them: an erasure that runs meanwhile
/// waits until the taker has committed, or leaves it nothing.
pub async fn take_origins(tx: &impl ConnectionTrait, events: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let rows = queries::take_origins(tx, events).await?;
    Ok(rows.into_iter().map(|row| (row.event_id, row.ip)).collect())
}

/// Forgets from where an account caused what nobody has taken over yet, and what nobody signed in did to it.
pub async fn erase(tx: &impl ConnectionTrait, account: Uuid) -> Result<()> {
    Ok(queries::forget_origins(tx, account).await?)
}
