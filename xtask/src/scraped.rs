//! What a store tells Prometheus of itself.

use reqwest::Client;

use crate::process::Result;

/// What was measured at a moment.
pub struct Scraped(String);

impl Scraped {
    /// From the address of the metrics.
    pub async fn of(client: &Client, url: &str) -> Result<Self> {
        Ok(Self(client.get(url).send().await?.error_for_status()?.text().await?))
    }

    /// The series of a name, of whose labels each holds those texts, added up; 0 where there is none.
    pub fn sum(&self, name: &str, labels: &[&str]) -> f64 {
        let of_it = |line: &&str| {
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']))
                && labels.iter().all(|label| line.contains(label))
        };
        let values = self.0.lines().filter(of_it).filter_map(|line| line.rsplit(' ').next());
        values.filter_map(|value| value.parse::<f64>().ok()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Scraped;

    #[test]
    fn series_of_one_name_are_added_up() {
        let text = "# TYPE a counter\na{b=\"c\",le=\"0.01\"} 2\na{b=\"d\",le=\"0.01\"} 3\na_count 9\na{b=\"d\",le=\"1\"} 4\n";
        let scraped = Scraped(text.to_owned());
        assert!((scraped.sum("a", &["le=\"0.01\""]) - 5.0).abs() < f64::EPSILON);
        assert!((scraped.sum("a", &["b=\"d\"", "le=\"1\""]) - 4.0).abs() < f64::EPSILON);
        assert!((scraped.sum("a_count", &[]) - 9.0).abs() < f64::EPSILON);
        assert!(scraped.sum("none", &[]).abs() < f64::EPSILON);
    }
}
