//! A small client for outgoing HTTP over `wasi:http`, with typed errors and several requests at once.
//!
//! Requests and responses are the `http` crate's types, with the whole body in memory. Nothing here needs an async
//! runtime: [`Client::send_all`] waits for all of its requests in one `wasi:io/poll` call.
//!
//! ```no_run
//! use std::time::Duration;
//! use c12_wasm::http::{Client, Request};
//!
//! let client = Client::new().timeout(Duration::from_secs(5));
//! let request = Request::get("https://example.com/").body(Vec::new())?;
//! let response = client.send(request)?;
//! println!("{} with {} bytes", response.status(), response.body().len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The guest needs the network only through its host: TLS, name lookup and what may be reached are the host's
//! business. Redirects are not followed; a status such as 404 is a response, not an error.

mod exchange;

use std::time::Duration;

pub use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use wasip2::clocks::monotonic_clock;
use wasip2::http::types::{ErrorCode, HeaderError};
use wasip2::io::poll;

use exchange::Exchange;

/// A request that got no response.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The URL lacks what `wasi:http` needs, or has a scheme other than `http` and `https`.
    #[error("invalid URL {url}: {reason}")]
    Url {
        /// The URL as it was given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The host refuses the request's method or URL as malformed.
    #[error("the host refuses the {0} as malformed")]
    Malformed(&'static str),
    /// The host refuses a header, for instance one it sets itself, such as `host`.
    #[error("the host refuses a header: {0}")]
    Header(HeaderError),
    /// The response, body included, did not arrive in time.
    #[error("no complete response within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// The body of the response is larger than [`Client::max_body`].
    #[error("the response is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// Name lookup, connection, TLS or protocol failed, or the host does not allow the request.
    #[error("{}", describe(.0))]
    Protocol(ErrorCode),
    /// The connection ended before the body was complete.
    #[error("the response's body broke off: {0}")]
    Body(String),
    /// The host answered in a way the interface does not allow.
    #[error("the host broke the rules of wasi:http: {0}")]
    Host(&'static str),
}

/// The error codes that users meet most, in words. The others have telling names.
fn describe(code: &ErrorCode) -> String {
    match code {
        ErrorCode::HttpRequestDenied => {
            "the host does not allow this request; is the network granted?".to_owned()
        }
        ErrorCode::ConnectionRefused => "connection refused".to_owned(),
        ErrorCode::ConnectionTimeout => "connecting took too long".to_owned(),
        ErrorCode::ConnectionReadTimeout | ErrorCode::HttpResponseTimeout => {
            "the server took too long to answer".to_owned()
        }
        ErrorCode::ConnectionTerminated => "the server closed the connection".to_owned(),
        ErrorCode::DnsTimeout => "name lookup took too long".to_owned(),
        ErrorCode::DestinationNotFound => "the server's name or address was not found".to_owned(),
        ErrorCode::DnsError(payload) => match &payload.rcode {
            Some(reason) => format!("name lookup failed: {reason}"),
            None => "name lookup failed".to_owned(),
        },
        ErrorCode::InternalError(Some(reason)) => format!("the host failed: {reason}"),
        code => {
            let name = format!("{code:?}");
            let name = name.strip_prefix("ErrorCode::").unwrap_or(&name);
            format!("the request failed: {name}")
        }
    }
}

/// Sends requests, with limits that hold for each of them.
///
/// ```no_run
/// use std::time::Duration;
/// use c12_wasm::http::Client;
///
/// let client = Client::new().timeout(Duration::from_millis(500)).max_body(1 << 20);
/// ```
#[derive(Debug, Clone)]
pub struct Client {
    timeout: Duration,
    max_body: usize,
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

impl Client {
    /// A client that waits up to 30 seconds for bodies of up to 16 MiB.
    pub fn new() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            max_body: 16 << 20,
        }
    }

    /// The longest time a request may take, from the first byte sent to the last byte received.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The largest response body to accept, in bytes.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Sends one request and waits for its response.
    ///
    /// # Errors
    ///
    /// Every variant of [`Error`]. A response with an error status is not an error.
    pub fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error> {
        self.send_all([request])
            .pop()
            .unwrap_or(Err(Error::Host("no response for the request")))
    }

    /// Sends all requests at once and returns what became of each, in the order of the requests.
    ///
    /// ```no_run
    /// use c12_wasm::http::{Client, Request};
    ///
    /// let urls = ["http://127.0.0.1:8080/a", "http://127.0.0.1:8080/b"];
    /// let requests = urls
    ///     .iter()
    ///     .map(|url| Request::get(*url).body(Vec::new()))
    ///     .collect::<Result<Vec<_>, _>>()?;
    /// for (url, result) in urls.iter().zip(Client::new().send_all(requests)) {
    ///     match result {
    ///         Ok(response) => println!("{url}: {}", response.status()),
    ///         Err(error) => eprintln!("{url}: {error}"),
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn send_all(
        &self,
        requests: impl IntoIterator<Item = Request<Vec<u8>>>,
    ) -> Vec<Result<Response<Vec<u8>>, Error>> {
        let started = monotonic_clock::now();
        let timeout = u64::try_from(self.timeout.as_nanos()).unwrap_or(u64::MAX);
        let deadline = started.saturating_add(timeout);

        let mut slots: Vec<Slot> = requests
            .into_iter()
            .map(|request| match Exchange::start(request, timeout) {
                Ok(exchange) => Slot::Open(Box::new(exchange)),
                Err(error) => Slot::Done(Err(error)),
            })
            .collect();

        loop {
            for slot in &mut slots {
                slot.advance(self.max_body);
            }
            let pollables: Vec<_> = slots.iter().filter_map(Slot::subscribe).collect();
            if pollables.is_empty() {
                break;
            }
            if monotonic_clock::now() >= deadline {
                break;
            }
            let clock = monotonic_clock::subscribe_instant(deadline);
            let all: Vec<_> = pollables.iter().chain([&clock]).collect();
            // Which of them is ready does not matter: asking an exchange that is not ready costs next to nothing.
            poll::poll(&all);
        }

        slots
            .into_iter()
            .map(|slot| match slot {
                Slot::Done(result) => result,
                Slot::Open(_) => Err(Error::Timeout(self.timeout)),
            })
            .collect()
    }
}

/// One request of several on its way.
enum Slot {
    Open(Box<Exchange>),
    Done(Result<Response<Vec<u8>>, Error>),
}

impl Slot {
    fn advance(&mut self, max_body: usize) {
        if let Self::Open(exchange) = self {
            if let Some(result) = exchange.advance(max_body) {
                *self = Self::Done(result);
            }
        }
    }

    fn subscribe(&self) -> Option<poll::Pollable> {
        match self {
            Self::Open(exchange) => exchange.subscribe(),
            Self::Done(_) => None,
        }
    }
}
