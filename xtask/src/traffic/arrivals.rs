//! How visitors come: a number of them one visit after the other, or so many a second, whether the store is quick or not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::{Mix, Shop, kind};
use crate::process::Result;
use crate::random::Random;

/// Between two looks at the clock.
const TICK: Duration = Duration::from_millis(2);

/// So many clients make one visit after the other.
pub async fn take_turns(shop: &Arc<Shop>, mix: Mix, clients: usize, length: Duration) -> Result<()> {
    let end = Instant::now() + length;
    let mut tasks = JoinSet::new();
    for client in 0..clients {
        let shop = Arc::clone(shop);
        tasks.spawn(async move {
            let mut random = Random::of(client as u64 + 1);
            while Instant::now() < end {
                shop.visit(kind::one_of(mix, &mut random), random.below(usize::MAX) as u64).await;
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task?;
    }
    Ok(())
}

/// So many visitors come each second, and none waits for another; gives how many came. All of them have their answer when
/// it ends.
pub async fn arrive(shop: &Arc<Shop>, mix: Mix, rate: f64, length: Duration) -> Result<usize> {
    let began = Instant::now();
    let mut random = Random::of(1);
    let mut tasks = JoinSet::new();
    let mut came = 0;
    let mut beat = tokio::time::interval(TICK);
    while began.elapsed() < length {
        beat.tick().await;
        let due = whole(began.elapsed().min(length).as_secs_f64() * rate);
        while came < due {
            came += 1;
            let (kind, seed) = (kind::one_of(mix, &mut random), random.below(usize::MAX) as u64);
            let shop = Arc::clone(shop);
            tasks.spawn(async move { shop.visit(kind, seed).await });
        }
        while let Some(task) = tasks.try_join_next() {
            task?;
        }
    }
    while let Some(task) = tasks.join_next().await {
        task?;
    }
    Ok(came)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count that is not negative")]
fn whole(count: f64) -> usize {
    count as usize
}
