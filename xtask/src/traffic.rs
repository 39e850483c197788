//! Visitors of a store: they look around, sign in, buy, fetch and give back, as many at once or as often as is asked for.

mod arrivals;
mod kind;
mod shop;
mod tally;
mod visits;

pub use arrivals::{arrive, take_turns};
pub use kind::{Kind, Mix};
pub use shop::Shop;
pub use tally::{Answer, Answers, Fate, Tally};
