//! How many files this process may open: each connection is one, and nothing else may want for them.
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are open beside connections: those of the database, the index, objects on their way, calls of others.
const BESIDE: u64 = 512;

/// Raises what the process may open to what it may raise that to. Best effort: what it can't open is told when it is needed.
pub(crate) fn raise() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

/// How many it may open; none where there is no limit.
pub(crate) fn most() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}

/// How many it takes to serve so many connections.
pub(crate) fn needed(connections: usize) -> u64 {
    (connections as u64).saturating_add(BESIDE)
}

/// How many of these connections can be served.
pub(crate) fn connections(wished: usize) -> usize {
    let room = most().map(|most| most.saturating_sub(BESIDE).max(most / 2));
    room.and_then(|room| usize::try_from(room).ok()).map_or(wished, |room| room.min(wished)).max(1)
}
