//! Requests to the bucket as parts of the trace in which they are made.
use object_store::{
    ClientOptions, Result,
    client::{
        HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
    },
};

/// The status from which on a request has failed. A bucket says by 404 and 412 what it was asked.
const FAILED: u16 = 500;

/// Connects as usual.
#[derive(Debug, Default)]
pub(super) struct Traced(ReqwestConnector);

impl HttpConnector for Traced {
    fn connect(&self, options: &ClientOptions) -> Result<HttpClient> {
        self.0.connect(options).map(|client| HttpClient::new(Tracing(client)))
    }
}

#[derive(Debug)]
struct Tracing(HttpClient);

#[async_trait::async_trait]
impl HttpService for Tracing {
    async fn call(&self, mut request: HttpRequest) -> std::result::Result<HttpResponse, HttpError> {
        let (method, host) = (request.method().clone(), request.uri().host().map(str::to_owned));
        let traced = traces::Span::call(&method, host.as_deref(), request.headers_mut());
        let answered = self.0.execute(request).await;
        match &answered {
            Ok(response) => traced.answered(response.status().as_u16(), FAILED),
            Err(_) => traced.failed(),
        }
        answered
    }
}
