//! Multipart uploads that were begun and came to no end, which S3 keeps, and counts, until somebody aborts them.

use std::io;
use std::time::Duration;

use chrono::{DateTime, Utc};
use object_store::MultipartId;
use object_store::client::{HttpConnector, HttpRequest, HttpRequestBody, ReqwestConnector};
use object_store::multipart::MultipartStore;
use object_store::path::Path;
use object_store::signer::{Method, SignedUrlOptions, Signer};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::{Bucket, told};
use crate::Error;

/// How long the signed request for a list is good.
const ASKED_WITHIN: Duration = Duration::from_secs(60);

/// An upload that is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Upload {
    key: String,
    id: MultipartId,
    initiated: String,
}

/// A part of the list, and where the next one begins.
#[derive(Debug, Default, PartialEq, Eq)]
struct Listed {
    uploads: Vec<Upload>,
    truncated: bool,
    next_key: String,
    next_id: String,
}

/// Aborts the uploads that were begun before that and says how many; none when the server can't list them.
pub(crate) async fn abort_older(bucket: &Bucket, than: DateTime<Utc>) -> Result<Option<u64>, Error> {
    let (mut aborted, mut from) = (0, None);
    loop {
        let Some(listed) = list(bucket, from.as_ref()).await? else { return Ok(None) };
        for upload in &listed.uploads {
            let initiated: DateTime<Utc> = match upload.initiated.parse() {
                Ok(initiated) => initiated,
                Err(_) => continue,
            };
            if initiated >= than || !upload.key.starts_with("objects/") {
                continue;
            }
            let path = Path::parse(&upload.key).map_err(io::Error::other)?;
            match bucket.store.abort_multipart(&path, &upload.id).await.map_err(told) {
                // Somebody ended it meanwhile.
                Err(Error::NotFound) => {}
                outcome => {
                    outcome?;
                    aborted += 1;
                }
            }
        }
        if !listed.truncated {
            return Ok(Some(aborted));
        }
        from = Some((listed.next_key, listed.next_id));
    }
}

async fn list(bucket: &Bucket, from: Option<&(String, String)>) -> Result<Option<Listed>, Error> {
    let mut query = vec![("uploads".to_owned(), String::new())];
    if let Some((key, id)) = from {
        query.extend([("key-marker".to_owned(), key.clone()), ("upload-id-marker".to_owned(), id.clone())]);
    }
    let options = SignedUrlOptions::default().with_query(query);
    let root = Path::default();
    let url = bucket.store.signed_url_opts(Method::GET, &root, ASKED_WITHIN, &options).await.map_err(told)?;
    let client = ReqwestConnector::default().connect(&bucket.options).map_err(told)?;
    let mut request = HttpRequest::new(HttpRequestBody::empty());
    *request.uri_mut() = url.as_str().parse().map_err(io::Error::other)?;
    let response = client.execute(request).await.map_err(io::Error::other)?;
    let status = response.status().as_u16();
    let body = response.into_body().bytes().await.map_err(io::Error::other)?;
    match status {
        200 => Ok(Some(read(&String::from_utf8_lossy(&body))?)),
        501 => Ok(None),
        _ => Err(Error::Unavailable(io::Error::other(format!("S3 answered {status} to a list of uploads")))),
    }
}

/// Reads `ListMultipartUploadsResult`.
fn read(xml: &str) -> Result<Listed, Error> {
    let mut reader = Reader::from_str(xml);
    let (mut listed, mut upload, mut element) = (Listed::default(), None::<Upload>, String::new());
    loop {
        match reader.read_event().map_err(io::Error::other)? {
            Event::Start(start) => {
                element = start.local_name().as_ref().to_owned();
                if element == "Upload" {
                    upload = Some(Upload::default());
                }
            }
            Event::Text(text) => {
                let text = text.as_ref();
                match (element.as_str(), &mut upload) {
                    ("Key", Some(upload)) => upload.key.push_str(text),
                    ("UploadId", Some(upload)) => upload.id.push_str(text),
                    ("Initiated", Some(upload)) => upload.initiated.push_str(text),
                    ("IsTruncated", None) => listed.truncated = text == "true",
                    ("NextKeyMarker", None) => listed.next_key.push_str(text),
                    ("NextUploadIdMarker", None) => listed.next_id.push_str(text),
                    _ => {}
                }
            }
            Event::End(end) => {
                element.clear();
                if end.local_name().as_ref() == "Upload" {
                    listed.uploads.extend(upload.take());
                }
            }
            Event::Eof => return Ok(listed),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_uploads_is_read() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
            <ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
              <Bucket>bucket</Bucket><KeyMarker></KeyMarker><UploadIdMarker></UploadIdMarker>
              <NextKeyMarker>objects/b</NextKeyMarker><NextUploadIdMarker>YW55</NextUploadIdMarker>
              <MaxUploads>1</MaxUploads><IsTruncated>true</IsTruncated>
              <Upload><Key>objects/a</Key><UploadId>XMgbG</UploadId>
                <Initiator><ID>arn</ID><DisplayName>user</DisplayName></Initiator>
                <StorageClass>STANDARD</StorageClass><Initiated>2010-11-10T20:48:33.000Z</Initiated></Upload>
            </ListMultipartUploadsResult>"#;
        let upload = Upload {
            key: "objects/a".to_owned(),
            id: "XMgbG".to_owned(),
            initiated: "2010-11-10T20:48:33.000Z".to_owned(),
        };
        let next_key = "objects/b".to_owned();
        let expected =
            Listed { uploads: vec![upload], truncated: true, next_key, next_id: "YW55".to_owned() };
        assert_eq!(read(xml).unwrap(), expected);
    }

    #[test]
    fn what_is_no_list_is_an_error_and_nothing_worse() {
        assert!(read("<a><b></a>").is_err());
    }
}
