//! Local files that a web server in front sends: Mist judges the link, counts, and names the file.
use http::{HeaderMap, HeaderName, HeaderValue, header};
use objects::Key;

use crate::{
    app::App,
    config::Accelerate,
    error::{Error, Result},
};

/// Names a path below an internal location of nginx.
const ACCEL_REDIRECT: HeaderName = HeaderName::from_static("x-accel-redirect");
/// Names a file.
const SENDFILE: HeaderName = HeaderName::from_static("x-sendfile");

/// What tells the server in front to send an object; none where Mist sends it.
///
/// A client that came past that server is sent the bytes, for nobody else would. So is one whose conditions the server
/// would judge once more, by a tag and a date of its own.
pub(super) fn header(
    app: &App,
    key: &Key,
    proxied: bool,
    asked: &HeaderMap,
) -> Result<Option<(HeaderName, HeaderValue)>> {
    let judged_again =
        asked.contains_key(header::IF_MATCH) || asked.contains_key(header::IF_UNMODIFIED_SINCE);
    if !proxied || judged_again {
        return Ok(None);
    }
    let settings = &app.config.delivery;
    Ok(match settings.accelerate {
        Accelerate::Off => None,
        Accelerate::Nginx => {
            let path = format!("{}/{}", settings.accelerate_prefix, key.place());
            Some((ACCEL_REDIRECT, HeaderValue::try_from(path).map_err(Error::unexpected)?))
        }
        Accelerate::Sendfile => match app.objects.file(key) {
            Some(file) => {
                use std::os::unix::ffi::OsStrExt;
                let path = HeaderValue::from_bytes(file.as_os_str().as_bytes());
                Some((SENDFILE, path.map_err(Error::unexpected)?))
            }
            None => None,
        },
    })
}
