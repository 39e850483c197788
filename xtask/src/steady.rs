//! Whether something stays as it is: its last quarter beside its second, when whatever fills up has filled up.

use crate::bench::load::median;

/// The medians of the second and of the last quarter of what was sampled.
pub fn quarters(samples: &[f64]) -> (f64, f64) {
    let quarter = samples.len() / 4;
    let part = |from: usize, to: usize| median(samples.get(from..to).unwrap_or_default().to_vec());
    (part(quarter, 2 * quarter), part(samples.len() - quarter, samples.len()))
}

#[cfg(test)]
mod tests {
    use super::quarters;

    #[test]
    fn the_last_quarter_stands_beside_the_second() {
        let (second, last) = quarters(&[0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 5.0, 5.0, 5.0, 7.0, 8.0, 9.0]);
        assert!((second - 2.0).abs() < f64::EPSILON && (last - 8.0).abs() < f64::EPSILON);
        assert!(quarters(&[1.0]).0.is_nan(), "of too little nothing is said");
    }
}
