//! Places of which there are so many, and the line before them, in which nobody stands for too long.
//!
//! How long somebody will wait is known when they come: it is how many wait before them, by how fast the line has moved. Who
//! would wait for too long is sent away at once, and costs nothing.
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

/// Who has waited so many times as long as is allowed is sent away too: nothing moves.
const PATIENCE: u32 = 10;
/// The pace is that of about so many who were let in last.
const REMEMBERED: u32 = 16;

/// Places and the line before them.
pub struct Line {
    places: Arc<Semaphore>,
    most_inside: usize,
    waiting: AtomicUsize,
    most_waiting: usize,
    allowed: Duration,
    pace: Mutex<Pace>,
}

/// How fast the line moves.
#[derive(Default)]
struct Pace {
    /// Between two who were let in while others waited; nought until that is known.
    each: Duration,
    /// When somebody was let in last who had waited.
    last: Option<Instant>,
}

impl Line {
    /// So many places, at least one, and a line of at most `most_waiting`, of whom none is to wait for longer than `allowed`.
    pub fn new(places: usize, most_waiting: usize, allowed: Duration) -> Self {
        let most_inside = places.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(most_inside)),
            most_inside,
            waiting: AtomicUsize::new(0),
            most_waiting,
            allowed,
            pace: Mutex::default(),
        }
    }

    /// A place until it is dropped; none for whom it would take too long.
    pub async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Some(place);
        }
        let waiting = Waiting::begin(self);
        let is_too_long = waiting.before > 0 && self.wait(waiting.before) > self.allowed;
        if waiting.before >= self.most_waiting || is_too_long {
            return None;
        }
        let began = Instant::now();
        let place = Arc::clone(&self.places).acquire_owned();
        let place = tokio::time::timeout(self.allowed * PATIENCE, place).await;
        self.note(began);
        place.ok()?.ok()
    }

    /// How many have a place.
    pub fn inside(&self) -> usize {
        self.most_inside - self.places.available_permits()
    }

    /// How many stand in the line.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How long somebody will wait before whom so many do.
    fn wait(&self, before: usize) -> Duration {
        let pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        pace.each.saturating_mul(u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// Notes that somebody who began to wait then waits no longer.
    fn note(&self, began: Instant) {
        let now = Instant::now();
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        // Who was the first of the line tells by how long that was; who was not, by who was let in before.
        let since = pace.last.map_or(began, |last| last.max(began));
        let took = now.saturating_duration_since(since);
        pace.each = match pace.each {
            Duration::ZERO => took,
            each => each - each / REMEMBERED + took / REMEMBERED,
        };
        pace.last = Some(now);
    }
}

/// One that waits, until it is dropped: who hangs up waits no longer.
struct Waiting<'a> {
    line: &'a Line,
    /// So many waited already.
    before: usize,
}

impl<'a> Waiting<'a> {
    fn begin(line: &'a Line) -> Self {
        Self { line, before: line.waiting.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.line.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures::poll;

    use super::*;

    const ALLOWED: Duration = Duration::from_millis(500);

    /// A line of one place that moved at this pace.
    fn line(each: Duration) -> Line {
        let line = Line::new(1, 100, ALLOWED);
        line.pace.lock().unwrap().each = each;
        line
    }

    #[tokio::test]
    async fn who_would_wait_for_too_long_is_sent_away_at_once() {
        let line = line(Duration::from_millis(200));
        let first = line.enter().await.unwrap();
        let mut second = Box::pin(line.enter());
        let mut third = Box::pin(line.enter());
        assert!(poll!(&mut second).is_pending());
        assert!(poll!(&mut third).is_pending(), "it will take 400 ms");
        assert!(line.enter().await.is_none(), "it would take 600 ms");
        drop(first);
        drop(second.await.unwrap());
        drop(third.await.unwrap());
        drop(line.enter().await.unwrap());
    }

    #[tokio::test]
    async fn a_line_that_moves_again_is_believed() {
        let line = line(Duration::from_secs(60));
        for _ in 0..120 {
            let place = line.enter().await.unwrap();
            // Whoever is first may always wait.
            let mut next = Box::pin(line.enter());
            assert!(poll!(&mut next).is_pending());
            drop(place);
            drop(next.await.unwrap());
        }
        assert!(line.wait(1) < ALLOWED, "{:?}", line.wait(1));
    }

    #[tokio::test]
    async fn where_nothing_moves_nobody_waits_for_ever() {
        let line = Line::new(1, 100, Duration::from_millis(5));
        let stuck = line.enter().await.unwrap();
        assert!(line.enter().await.is_none());
        assert_eq!(line.waiting.load(Ordering::Relaxed), 0);
        let mut first = Box::pin(line.enter());
        assert!(poll!(&mut first).is_pending());
        assert!(line.enter().await.is_none(), "who comes now is told at once");
        drop(stuck);
        drop(first.await.unwrap());
    }

    #[tokio::test]
    async fn a_line_is_bounded() {
        let line = Line::new(1, 8, ALLOWED);
        let place = line.enter().await.unwrap();
        let mut waiting: Vec<_> = (0..8).map(|_| Box::pin(line.enter())).collect();
        for one in &mut waiting {
            assert!(poll!(one).is_pending());
        }
        assert!(line.enter().await.is_none());
        drop(waiting.pop());
        let mut again = Box::pin(line.enter());
        assert!(poll!(&mut again).is_pending(), "who hung up waits no longer");
        drop(place);
    }
}
