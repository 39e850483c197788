//! Access logs of what stands past the store: S3's server access logs, and CloudFront's standard logs.
//!
//! A line counts when it is a GET that sent bytes over a link that this store gave out, which names its grant.
use chrono::{DateTime, NaiveDateTime, Utc};
use uuid::Uuid;

/// The parameter of a link by which a log names the grant. S3 passes over what begins with `x-`, and logs it.
pub(super) const GRANT: &str = "x-grant";

/// Columns of S3's lines, from 0.
const S3_TIME: usize = 2;
const S3_REQUEST: usize = 5;
const S3_OPERATION: usize = 6;
const S3_URI: usize = 8;
const S3_STATUS: usize = 9;
const S3_BYTES: usize = 11;

/// What a line tells of a download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Logged {
    /// Of the log's writer, no two alike.
    pub(super) request: String,
    pub(super) grant: Uuid,
    pub(super) at: DateTime<Utc>,
    /// That were sent; CloudFront counts the headers too.
    pub(super) bytes: u64,
}

/// Reads the lines of one file, in order.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// Where CloudFront's columns are, once a header said so.
    columns: Option<Columns>,
}

#[derive(Clone, Copy, Debug)]
struct Columns {
    date: usize,
    time: usize,
    bytes: usize,
    method: usize,
    status: usize,
    query: usize,
    request: usize,
}

impl Reader {
    /// What a line tells, if it is of a download by a link of a store.
    pub(super) fn read(&mut self, line: &str) -> Option<Logged> {
        if let Some(names) = line.strip_prefix("#Fields:") {
            self.columns = Columns::find(names);
            return None;
        }
        if line.starts_with('#') {
            return None;
        }
        match &self.columns {
            Some(columns) => columns.read(line),
            None => s3(line),
        }
    }
}

impl Columns {
    fn find(names: &str) -> Option<Self> {
        let names: Vec<&str> = names.split_whitespace().collect();
        let at = |wanted: &str| names.iter().position(|name| *name == wanted);
        Some(Self {
            date: at("date")?,
            time: at("time")?,
            bytes: at("sc-bytes")?,
            method: at("cs-method")?,
            status: at("sc-status")?,
            query: at("cs-uri-query")?,
            request: at("x-edge-request-id")?,
        })
    }

    fn read(&self, line: &str) -> Option<Logged> {
        let fields: Vec<&str> = line.split('\t').collect();
        let field = |at: usize| fields.get(at).copied();
        if field(self.method)? != "GET" || !sent(field(self.status)?) {
            return None;
        }
        let at = format!("{} {}", field(self.date)?, field(self.time)?);
        Some(Logged {
            request: field(self.request)?.to_owned(),
            grant: grant(field(self.query)?)?,
            at: NaiveDateTime::parse_from_str(&at, "%Y-%m-%d %H:%M:%S").ok()?.and_utc(),
            bytes: field(self.bytes)?.parse().ok()?,
        })
    }
}

fn s3(line: &str) -> Option<Logged> {
    let fields = fields(line, S3_BYTES + 1);
    let field = |at: usize| fields.get(at).copied();
    if field(S3_OPERATION)? != "REST.GET.OBJECT" || !sent(field(S3_STATUS)?) {
        return None;
    }
    let address = field(S3_URI)?.split(' ').nth(1)?;
    let at = DateTime::parse_from_str(field(S3_TIME)?, "%d/%b/%Y:%H:%M:%S %z").ok()?;
    Some(Logged {
        request: field(S3_REQUEST)?.to_owned(),
        grant: grant(address.split_once('?')?.1)?,
        at: at.with_timezone(&Utc),
        bytes: field(S3_BYTES)?.parse().ok()?,
    })
}

/// The first fields of a line: words between spaces, or what stands in brackets or quotes.
fn fields(line: &str, most: usize) -> Vec<&str> {
    let mut fields = Vec::with_capacity(most);
    let mut rest = line.trim_start();
    while fields.len() < most && !rest.is_empty() {
        let (open, close) = match rest.chars().next() {
            Some('[') => (1, ']'),
            Some('"') => (1, '"'),
            _ => (0, ' '),
        };
        let inner = rest.get(open..).unwrap_or_default();
        let (field, after) = inner.split_once(close).unwrap_or((inner, ""));
        fields.push(field);
        rest = after.trim_start();
    }
    fields
}

/// Whether bytes of a file were sent.
fn sent(status: &str) -> bool {
    matches!(status, "200" | "206")
}

fn grant(query: &str) -> Option<Uuid> {
    let values = query.split('&').filter_map(|pair| pair.split_once('='));
    values.filter(|(name, _)| *name == GRANT).find_map(|(_, value)| value.parse().ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "0198c0de-0000-7000-8000-000000000001";

    /// After the samples of <https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html>, with our parameter.
    fn of_s3(operation: &str, status: &str) -> String {
        format!(
            "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be amzn-s3-demo-bucket1 \
             [06/Feb/2019:00:01:57 +0000] 192.0.2.3 \
             79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be DD6CC733AEXAMPLE {operation} \
             objects/ab/cd/abcd \"GET /amzn-s3-demo-bucket1/objects/ab/cd/abcd?x-grant={ID}&X-Amz-Expires=600 \
             HTTP/1.1\" {status} - 4406 6000 41 28 \"-\" \"S3Console/0.4 \\\"odd\\\"\" - \
             10S62Zv81kBW7BB6SX4XJ48o6kpcl6LPwEoizZQQxJd5qDSCTLX0TgS37kYUBKQW3+bPdrg1234= SigV4 \
             ECDHE-RSA-AES128-SHA AuthHeader amzn-s3-demo-bucket1.s3.us-west-1.amazonaws.com TLSV1.1 - -"
        )
    }

    #[test]
    fn lines_of_s3_are_read() {
        let logged = Reader::default().read(&of_s3("REST.GET.OBJECT", "206")).unwrap();
        let expected = Logged {
            request: "DD6CC733AEXAMPLE".to_owned(),
            grant: ID.parse().unwrap(),
            at: "2019-02-06T00:01:57Z".parse().unwrap(),
            bytes: 4406,
        };
        assert_eq!(logged, expected);
        for (operation, status) in
            [("REST.HEAD.OBJECT", "200"), ("REST.GET.OBJECT", "403"), ("REST.GET.OBJECT", "304")]
        {
            assert_eq!(Reader::default().read(&of_s3(operation, status)), None, "{operation} {status}");
        }
    }

    #[test]
    fn lines_of_cloudfront_are_read_by_the_names_of_their_columns() {
        let mut reader = Reader::default();
        assert_eq!(reader.read("#Version: 1.0"), None);
        let names = "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status \
                     cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id";
        assert_eq!(reader.read(names), None);
        let line = |method: &str, status: &str| {
            let host = "d111111abcdef8.cloudfront.net";
            let query = format!("response-content-type=application%252Fzip&x-grant={ID}&Expires=1");
            format!(
                "2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\t{method}\t{host}\t/objects/ab\t{status}\t-\t\
                 Mozilla/5.0%20(Windows)\t{query}\t-\tHit\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ=="
            )
        };
        let logged = reader.read(&line("GET", "200")).unwrap();
        assert_eq!((logged.grant, logged.bytes), (ID.parse().unwrap(), 392));
        assert_eq!(logged.at, "2019-12-04T21:02:31Z".parse::<DateTime<Utc>>().unwrap());
        assert_eq!(logged.request, "SOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==");
        assert_eq!(reader.read(&line("HEAD", "200")), None);
        assert_eq!(reader.read(&line("GET", "403")), None);
    }

    proptest! {
        #[test]
        fn no_line_is_too_odd(lines in prop::collection::vec("[ \\[\\]\"\ta-z0-9#é:=&?-]{0,80}", 0..4)) {
            let mut reader = Reader::default();
            for line in lines {
                prop_assert_eq!(reader.read(&line), None);
            }
        }
    }
}
