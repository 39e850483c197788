//! Signed calls to services of AWS, by its own credentials: of the settings, the environment, or the role of where it runs.
use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use object_store::{
    StaticCredentialProvider,
    aws::{AmazonS3Builder, AmazonS3ConfigKey, AwsAuthorizer, AwsCredential, AwsCredentialProvider},
    client::HttpRequestBody,
};
use tokio::time::timeout;
use url::{Url, form_urlencoded};

use crate::{
    calls::{Calls, Limits},
    error::{Error, Result},
};

/// For a whole call, the credentials included.
const PATIENCE: Duration = Duration::from_secs(20);
/// Answers to what is asked here are small.
const LIMITS: Limits = Limits { connect: Duration::from_secs(5), whole: PATIENCE, bytes: 64 * 1024 };
/// Where no region is named.
const USUAL_REGION: &str = "us-east-1";
/// What older protocols post.
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
/// What newer ones do.
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// The builder of clients of S3 finds credentials in every place; it asks for a name and never uses this one.
const NO_BUCKET: &str = "none";

/// Who calls: in a region, with credentials.
pub struct Caller {
    region: String,
    credentials: AwsCredentialProvider,
    calls: Calls,
}

/// What a service answered.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// The name of the error, if it is one and has one.
    pub error: Option<String>,
}

impl Caller {
    /// Nobody is called yet. Without a region, that of the environment; without a key (id and secret), whatever credentials
    /// there are.
    pub fn open(region: Option<&str>, key: Option<(&str, &str)>) -> Result<Self> {
        let mut builder = AmazonS3Builder::from_env().with_bucket_name(NO_BUCKET);
        if let Some(region) = region {
            builder = builder.with_region(region);
        }
        let region = builder.get_config_value(&AmazonS3ConfigKey::Region);
        if let Some((id, secret)) = key {
            // Whole, so that nothing of the environment's is mixed with it.
            let (key_id, secret_key) = (id.to_owned(), secret.to_owned());
            let credential = AwsCredential { key_id, secret_key, token: None };
            builder = builder.with_credentials(Arc::new(StaticCredentialProvider::new(credential)));
        }
        let credentials = builder.build().map_err(Error::unexpected)?.credentials().clone();
        let region = region.unwrap_or_else(|| USUAL_REGION.to_owned());
        Ok(Self { region, credentials, calls: Calls::new(LIMITS) })
    }

    /// In which region it calls.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Posts a document in JSON to a service; a sentence without what was sent when there is no answer.
    pub async fn post(&self, service: &str, url: &Url, document: Vec<u8>) -> Result<Answer, String> {
        self.in_time(service, url, JSON, Bytes::from(document)).await
    }

    /// The same with a form, for services of the older protocol.
    pub async fn post_form(&self, service: &str, url: &Url, form: &[(&str, &str)]) -> Result<Answer, String> {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.in_time(service, url, FORM, Bytes::from(form)).await
    }

    async fn in_time(
        &self,
        service: &str,
        url: &Url,
        kind: HeaderValue,
        document: Bytes,
    ) -> Result<Answer, String> {
        let call = self.called(service, url, kind, document);
        timeout(PATIENCE, call).await.map_err(|_| "took too long".to_owned())?
    }

    async fn called(
        &self,
        service: &str,
        url: &Url,
        kind: HeaderValue,
        document: Bytes,
    ) -> Result<Answer, String> {
        let mut request = http::Request::builder()
            .method(Method::POST)
            .uri(url.as_str())
            .header(header::CONTENT_TYPE, kind)
            .body(HttpRequestBody::from(document.clone()))
            .map_err(|error| error.to_string())?;
        let credential = self.credentials.get_credential().await.map_err(|error| error.to_string())?;
        AwsAuthorizer::new(&credential, service, &self.region)
            .try_authorize(&mut request, None)
            .map_err(|error| error.to_string())?;
        let request = reqwest::Request::try_from(request.map(|_| document))
            .map_err(|error| error.without_url().to_string())?;
        let answer = self.calls.execute(request).await.map_err(|lack| lack.to_string())?;
        let (status, body) = (answer.status, answer.body);
        let named = answer.headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
        let named = named.map(ToOwned::to_owned);
        let error = named.or_else(|| typed(&body)).or_else(|| coded(&body)).as_deref().map(bare);
        Ok(Answer { status, error: error.filter(|_| !status.is_success()) })
    }
}

/// The name of an error as older services tell it in JSON.
fn typed(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    Some(body.get("__type")?.as_str()?.to_owned())
}

/// The name of an error as it is told in XML.
fn coded(body: &[u8]) -> Option<String> {
    let (_, after) = std::str::from_utf8(body).ok()?.split_once("<Code>")?;
    Some(after.split_once("</Code>")?.0.trim().to_owned())
}

/// The name without what may stand around it: `prefix#Name:address`.
fn bare(name: &str) -> String {
    let name = name.split(':').next().unwrap_or(name);
    name.rsplit('#').next().unwrap_or(name).to_owned()
}
