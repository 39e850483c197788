//! Lines of a stream, one at a time and bounded, so that a file of any length is read in the same memory.
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// Longest line, bytes.
pub(super) const LONGEST_LINE: usize = 1024 * 1024;

/// A line, or what became of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Its bytes without the line's end.
    Bytes(Vec<u8>),
    /// It had more than [`LONGEST_LINE`] bytes and was skipped to its end.
    TooLong,
}

/// The next line; none at the end of the stream.
pub(super) async fn next(input: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<Option<Line>> {
    let mut line = Vec::new();
    let mut length = 0_usize;
    loop {
        let buffer = input.fill_buf().await?;
        if buffer.is_empty() {
            return Ok((length > 0).then(|| whole(line, length)));
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
        length += part.len();
        if length <= LONGEST_LINE {
            line.extend_from_slice(part);
        }
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            return Ok(Some(whole(line, length)));
        }
    }
}

fn whole(mut line: Vec<u8>, length: usize) -> Line {
    if length > LONGEST_LINE {
        return Line::TooLong;
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Line::Bytes(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn all(text: &[u8]) -> Vec<Line> {
        let mut input = tokio::io::BufReader::with_capacity(7, text);
        let mut lines = Vec::new();
        while let Some(line) = next(&mut input).await.unwrap() {
            lines.push(line);
        }
        lines
    }

    #[tokio::test]
    async fn lines_end_with_lf_crlf_or_the_stream() {
        let bytes = |text: &str| Line::Bytes(text.as_bytes().to_vec());
        assert_eq!(
            all(b"one\ntwo longer\r\n\nlast").await,
            [bytes("one"), bytes("two longer"), bytes(""), bytes("last")]
        );
        assert_eq!(all(b"").await, []);
        assert_eq!(all(b"\n").await, [bytes("")]);
    }

    #[tokio::test]
    async fn a_line_over_the_bound_is_skipped_alone() {
        let text = [&b"a\n"[..], &vec![b'x'; LONGEST_LINE + 1], b"\nb\n", &vec![b'y'; LONGEST_LINE]].concat();
        let lines = all(&text).await;
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[1], Line::TooLong);
        assert_eq!(lines[2], Line::Bytes(b"b".to_vec()));
        assert!(matches!(&lines[3], Line::Bytes(line) if line.len() == LONGEST_LINE));
    }
}
