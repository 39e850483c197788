//! How often each may ask: a bucket for each that asks, which fills again as time passes.
use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, Reference},
    middleware::StateInformationMiddleware,
    state::{InMemoryState, NotKeyed},
};
use http::StatusCode;
use moka::{policy::EvictionPolicy, sync::Cache};
use uuid::Uuid;

use super::class::Class;
use crate::{clock::Clock, config::Rate, error::Refusal};

/// 429: who asks has asked too often; how long to wait is in `Retry-After`.
pub(super) const TOO_MANY_REQUESTS: Refusal = Refusal::with_status(
    StatusCode::TOO_MANY_REQUESTS,
    "too_many_requests",
    "This was asked more often than is allowed; wait a little.",
);

/// Buckets kept at once, each some hundred bytes: beyond them the longest unused are forgotten, which makes them full.
const MOST_BUCKETS: u64 = 100_000;
/// A bucket from which nobody takes for so long is forgotten.
const IDLE: Duration = Duration::from_secs(24 * 60 * 60);

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Who {
    /// From an address.
    Address(IpAddr),
    /// An account, or an API key by its id.
    Account(Uuid),
}

impl Who {
    /// From an address; of IPv6 it is a /64, which is what one household or machine has (RFC 6177).
    pub(super) fn at(address: IpAddr) -> Self {
        Self::Address(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        })
    }
}

/// The store's clock as the buckets read it: since 1970.
#[derive(Clone)]
struct Time(Clock);

impl governor::clock::Clock for Time {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let micros = u64::try_from(self.0.now().timestamp_micros()).unwrap_or_default();
        Duration::from_micros(micros)
    }
}

type Bucket = RateLimiter<NotKeyed, InMemoryState, Time, StateInformationMiddleware>;

/// The buckets of all.
pub(super) struct Ledger {
    time: Time,
    /// By what is counted, as it is told.
    buckets: Cache<(&'static str, Who), Arc<Bucket>>,
}

/// How one who asks stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    class: Class,
    rate: Rate,
    /// So many more at once.
    pub(super) left: u32,
    /// Seconds until there is one more.
    pub(super) seconds: u64,
}

impl Ledger {
    pub(super) fn new(clock: &Clock) -> Self {
        let buckets = Cache::builder()
            .max_capacity(MOST_BUCKETS)
            .eviction_policy(EvictionPolicy::lru())
            .time_to_idle(IDLE)
            .build();
        Self { time: Time(clock.clone()), buckets }
    }

    /// Takes one from a bucket: what is left, or how long it takes until there is one.
    pub(super) fn take(&self, class: Class, who: Who, rate: Rate) -> Result<Standing, Standing> {
        let key = (class.name(), who);
        let taken = self.take_from(&self.bucket(key, rate), class, rate);
        let Err(standing) = taken else { return taken };
        if i64::try_from(standing.seconds).is_ok_and(|seconds| seconds <= rate.window().num_seconds()) {
            return Err(standing);
        }
        // Nobody waits for longer than a bucket takes to fill: the clock was set back.
        self.buckets.invalidate(&key);
        self.take_from(&self.bucket(key, rate), class, rate)
    }

    fn bucket(&self, key: (&'static str, Who), rate: Rate) -> Arc<Bucket> {
        self.buckets.get_with(key, || {
            Arc::new(RateLimiter::direct_with_clock(quota(rate), self.time.clone()).with_middleware())
        })
    }

    fn take_from(&self, bucket: &Bucket, class: Class, rate: Rate) -> Result<Standing, Standing> {
        match bucket.check() {
            Ok(state) => Ok(Standing {
                class,
                rate,
                left: state.remaining_burst_capacity(),
                seconds: whole_seconds(state.quota().replenish_interval()),
            }),
            Err(wait) => {
                let after = wait.earliest_possible().duration_since(self.time.now());
                Err(Standing { class, rate, left: 0, seconds: whole_seconds(after.into()) })
            }
        }
    }
}

impl Standing {
    /// As the header says it.
    pub(super) fn told(&self) -> String {
        format!("\"{}\";r={};t={}", self.class.name(), self.left, self.seconds)
    }

    /// What is counted, as the header says it.
    pub(super) fn policy(&self) -> String {
        let (most, window) = (self.rate.most(), self.rate.window().num_seconds());
        format!("\"{}\";q={most};w={window}", self.class.name())
    }
}

fn quota(rate: Rate) -> Quota {
    let most = u32::try_from(rate.most()).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
    let window = rate.window().to_std().unwrap_or_default();
    let each = (window / most.get()).max(Duration::from_nanos(1));
    Quota::with_period(each).unwrap_or(Quota::per_second(most)).allow_burst(most)
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_millis().div_ceil(1000).max(1).try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;

    #[test]
    fn a_bucket_is_empty_after_so_many_and_fills_again_bit_by_bit() {
        let clock = Clock::fixed(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let ledger = Ledger::new(&clock);
        let somebody = Who::at("203.0.113.7".parse().unwrap());
        let take = || ledger.take(Class::Write, somebody, Rate::new(3, 60));
        let left: Vec<u32> = (0..3).map(|_| take().unwrap().left).collect();
        assert_eq!(left, [2, 1, 0]);
        assert_eq!(take().unwrap_err().seconds, 20);
        assert!(ledger.take(Class::Read, somebody, Rate::new(3, 60)).is_ok(), "reads are counted apart");
        clock.advance(TimeDelta::seconds(19));
        assert_eq!(take().unwrap_err().told(), "\"writes\";r=0;t=1");
        clock.advance(TimeDelta::seconds(1));
        assert_eq!(take().unwrap().policy(), "\"writes\";q=3;w=60");
        assert!(take().is_err());
        clock.advance(-TimeDelta::hours(1));
        assert!(take().is_ok(), "a clock that is set back locks nobody out");
    }

    #[test]
    fn a_network_of_ipv6_is_one() {
        let at = |text: &str| Who::at(text.parse().unwrap());
        assert_eq!(at("2001:db8:1:2::1"), at("2001:db8:1:2:ffff::9"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
    }
}
