//! The lowest price before a sale, which has to be told beside it (Directive 98/6/EC, article 6a).
use chrono::{DateTime, Utc};
use entity::{price_change, sale};

use super::price::reduced;

/// What changes a price at a moment.
enum Step {
    Own(Option<i64>),
    Everywhere(Option<i64>),
    Percent(i32),
}

/// The lowest amount that was to be paid from `from` until just before `to`; none when nothing was.
///
/// `changes` are those of one product in one currency, for one country and for everywhere else.
pub(super) fn lowest(
    changes: &[price_change::Model],
    sales: &[sale::Model],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Option<i64> {
    let changed = changes.iter().map(|change| {
        let everywhere = change.country.is_empty();
        let step = if everywhere { Step::Everywhere(change.amount) } else { Step::Own(change.amount) };
        (change.at, 1, step)
    });
    let sales = sales.iter().filter(|sale| sale.starts_at < sale.ends_at);
    // Where one ends as another begins, the end comes first.
    let reductions = sales.flat_map(|sale| {
        [(sale.starts_at, 1, Step::Percent(sale.percent)), (sale.ends_at, 0, Step::Percent(0))]
    });
    let mut steps: Vec<(DateTime<Utc>, u8, Step)> = changed.chain(reductions).collect();
    steps.sort_by_key(|(at, rank, _)| (*at, *rank));

    let (mut own, mut everywhere, mut percent) = (None, None, 0);
    let (mut since, mut least) = (from, None::<i64>);
    let mut note = |base: Option<i64>, percent| {
        let paid = base.map(|base| reduced(base, percent));
        least = least.into_iter().chain(paid).min();
    };
    for (at, _, step) in steps.into_iter().take_while(|(at, _, _)| *at < to) {
        if at > since {
            note(own.or(everywhere), percent);
            since = at;
        }
        match step {
            Step::Own(amount) => own = amount,
            Step::Everywhere(amount) => everywhere = amount,
            Step::Percent(taken) => percent = taken,
        }
    }
    if to > since {
        note(own.or(everywhere), percent);
    }
    least
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    /// Minutes of the history that is walked.
    const LENGTH: i64 = 300;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + Duration::minutes(minute)
    }

    fn change(minute: i64, own: bool, amount: Option<i64>) -> price_change::Model {
        let country = if own { "DE" } else { "" }.to_owned();
        price_change::Model {
            product_id: Uuid::nil(),
            currency: "EUR".to_owned(),
            country,
            at: at(minute),
            amount,
        }
    }

    fn sale(starts: i64, ends: i64, percent: i32) -> sale::Model {
        sale::Model {
            id: Uuid::nil(),
            product_id: Uuid::nil(),
            percent,
            starts_at: at(starts),
            ends_at: at(ends),
            created_at: at(0),
        }
    }

    /// What is to be paid in a minute, by looking at everything anew.
    fn paid(changes: &[price_change::Model], sales: &[sale::Model], minute: i64) -> Option<i64> {
        let of = |country: &str| {
            let there = changes.iter().filter(|it| it.country == country && it.at <= at(minute));
            there.max_by_key(|it| it.at).and_then(|it| it.amount)
        };
        let running = sales.iter().find(|it| it.starts_at <= at(minute) && at(minute) < it.ends_at);
        Some(reduced(of("DE").or(of(""))?, running.map_or(0, |it| it.percent)))
    }

    proptest! {
        #[test]
        fn it_is_what_a_walk_minute_by_minute_finds(
            set in prop::collection::btree_map((0..LENGTH, any::<bool>()), prop::option::of(0..10_000_i64), 0..12),
            bounds in prop::collection::btree_set(0..LENGTH, 0..9),
            percents in prop::collection::vec(1..=100_i32, 9),
            from in 0..LENGTH, length in 0..LENGTH,
        ) {
            let changes: Vec<_> =
                set.into_iter().map(|((minute, own), amount)| change(minute, own, amount)).collect();
            // Sales that touch, so that an end is a beginning.
            let bounds: Vec<i64> = bounds.into_iter().collect();
            let sales: Vec<_> =
                bounds.windows(2).zip(percents).map(|(pair, percent)| sale(pair[0], pair[1], percent)).collect();
            let walked = (from..from + length).filter_map(|minute| paid(&changes, &sales, minute)).min();
            prop_assert_eq!(lowest(&changes, &sales, at(from), at(from + length)), walked);
        }
    }
}
