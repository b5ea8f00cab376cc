use std::future::Future;
use std::sync::Arc;

use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

use super::NetworkRule;

/// Sends HTTP requests where the network rules allow it.
pub(crate) struct HttpPolicy {
    rules: Arc<Vec<NetworkRule>>,
}

impl HttpPolicy {
    pub(crate) fn new(rules: Arc<Vec<NetworkRule>>) -> Self {
        HttpPolicy { rules }
    }

    /// The rules of the network, for sockets and requests alike.
    pub(crate) fn rules(&self) -> Arc<Vec<NetworkRule>> {
        Arc::clone(&self.rules)
    }

    fn allows(&self, uri: &http::Uri) -> bool {
        let Some(host) = uri.host() else { return false };
        let secure = uri.scheme() != Some(&http::uri::Scheme::HTTP);
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        self.rules.iter().any(|rule| rule.allows_host(host, port))
    }
}

type Exchange = (
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<(), Error>> + Send>,
);

impl WasiHttpHooks for HttpPolicy {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        body_sent: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = wasmtime_wasi_http::Result<Exchange>> + Send> {
        // The body is driven by the connection; its own completion carries no news for us.
        drop(body_sent);
        let allowed = self.allows(request.uri());
        Box::new(async move {
            if !allowed {
                tracing::debug!(uri = %request.uri(), "request refused: no network rule allows it");
                return Err(Error::HttpRequestDenied);
            }
            let (response, connection) = default_send_request(request, options).await?;
            let response = response.map(http_body_util::BodyExt::boxed_unsync);
            Ok((
                response,
                Box::new(connection) as Box<dyn Future<Output = Result<(), Error>> + Send>,
            ))
        })
    }
}
