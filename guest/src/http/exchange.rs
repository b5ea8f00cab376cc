//! One request and its response as a state machine that never blocks.

use ::http::header::CONTENT_LENGTH;
use ::http::{HeaderName, HeaderValue, Method, Request, Response, Uri};
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    Fields, FutureIncomingResponse, IncomingBody, IncomingResponse, Method as WasiMethod,
    OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};
use wasip2::io::poll::Pollable;
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

use super::Error;

/// How much of a body is asked for at once.
const CHUNK: u64 = 64 * 1024;

pub(super) struct Exchange {
    state: State,
}

/// A request's body on its way out.
///
/// The host traps when a resource goes before its child. Fields are dropped in the order they stand in, so a stream
/// stands before the body it belongs to; and the two stay together, because variables would be dropped in reverse.
struct Upload {
    stream: OutputStream,
    body: OutgoingBody,
}

/// A response's body on its way in; the order of the fields matters as in [`Upload`].
struct Download {
    stream: InputStream,
    _body: IncomingBody,
    _response: IncomingResponse,
}

enum State {
    Sending {
        upload: Upload,
        rest: Vec<u8>,
        flushing: bool,
        response: FutureIncomingResponse,
    },
    Waiting {
        response: FutureIncomingResponse,
    },
    Receiving {
        download: Download,
        received: Response<Vec<u8>>,
    },
    Finished,
}

/// What a state makes of the news it gets.
enum Step {
    /// Nothing more can be done without waiting.
    Pending(State),
    Next(State),
    Done(Result<Response<Vec<u8>>, Error>),
}

impl Exchange {
    /// Hands the request to the host. `timeout` is in nanoseconds.
    pub(super) fn start(request: Request<Vec<u8>>, timeout: u64) -> Result<Self, Error> {
        let (parts, content) = request.into_parts();

        let mut headers: Vec<(String, Vec<u8>)> = parts
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect();
        // Without a length the host would have to send a body in chunks, which some servers refuse; and where a body
        // is expected, an empty one is announced too (RFC 9110, section 8.6).
        let expects_body = matches!(parts.method, Method::POST | Method::PUT | Method::PATCH);
        let has_body = expects_body || !content.is_empty();
        if has_body && !parts.headers.contains_key(CONTENT_LENGTH) {
            let length = content.len().to_string().into_bytes();
            headers.push((CONTENT_LENGTH.as_str().to_owned(), length));
        }
        let headers = Fields::from_list(&headers).map_err(Error::Header)?;

        let outgoing = OutgoingRequest::new(headers);
        set_target(&outgoing, &parts.uri)?;
        outgoing
            .set_method(&wasi_method(&parts.method))
            .map_err(|()| Error::Malformed("method"))?;

        let body = outgoing
            .body()
            .map_err(|()| Error::Host("a new request has no body"))?;
        let options = RequestOptions::new();
        // The deadline of the whole exchange is kept by the client; these let the host give up early. A host that
        // does not support them says so, and nothing is lost.
        let _ = options.set_connect_timeout(Some(timeout));
        let _ = options.set_first_byte_timeout(Some(timeout));
        let _ = options.set_between_bytes_timeout(Some(timeout));

        let response =
            outgoing_handler::handle(outgoing, Some(options)).map_err(Error::Protocol)?;
        if content.is_empty() {
            OutgoingBody::finish(body, None).map_err(Error::Protocol)?;
            return Ok(Self {
                state: State::Waiting { response },
            });
        }
        let stream = body
            .write()
            .map_err(|()| Error::Host("a new body has no stream"))?;
        Ok(Self {
            state: State::Sending {
                upload: Upload { stream, body },
                rest: content,
                flushing: false,
                response,
            },
        })
    }

    /// Goes on as far as possible without waiting. `Some` is the end.
    pub(super) fn advance(&mut self, max_body: usize) -> Option<Result<Response<Vec<u8>>, Error>> {
        loop {
            let state = std::mem::replace(&mut self.state, State::Finished);
            match state.step(max_body) {
                Step::Next(state) => self.state = state,
                Step::Pending(state) => {
                    self.state = state;
                    return None;
                }
                Step::Done(result) => return Some(result),
            }
        }
    }

    /// What to wait for before [`Exchange::advance`] can do more.
    pub(super) fn subscribe(&self) -> Option<Pollable> {
        match &self.state {
            State::Sending { upload, .. } => Some(upload.stream.subscribe()),
            State::Waiting { response } => Some(response.subscribe()),
            State::Receiving { download, .. } => Some(download.stream.subscribe()),
            State::Finished => None,
        }
    }
}

impl State {
    fn step(self, max_body: usize) -> Step {
        match self {
            Self::Sending {
                upload,
                rest,
                flushing,
                response,
            } => send(upload, rest, flushing, response),
            Self::Waiting { response } => match response.get() {
                None => Step::Pending(Self::Waiting { response }),
                Some(Ok(Ok(incoming))) => match receive_head(incoming) {
                    Ok(state) => Step::Next(state),
                    Err(error) => Step::Done(Err(error)),
                },
                Some(Ok(Err(code))) => Step::Done(Err(Error::Protocol(code))),
                Some(Err(())) => Step::Done(Err(Error::Host("a response was given twice"))),
            },
            Self::Receiving { download, received } => receive(download, received, max_body),
            Self::Finished => Step::Done(Err(Error::Host("the exchange is over"))),
        }
    }
}

/// Writes what the host has room for.
fn send(
    upload: Upload,
    mut rest: Vec<u8>,
    mut flushing: bool,
    response: FutureIncomingResponse,
) -> Step {
    let room = match upload.stream.check_write() {
        Ok(room) => usize::try_from(room).unwrap_or(usize::MAX),
        // The server answered or went away before it had the whole body. Its response, or the reason why there is
        // none, comes from the future.
        Err(_) => return Step::Next(State::Waiting { response }),
    };
    if room > 0 && rest.is_empty() && flushing {
        let Upload { stream, body } = upload;
        drop(stream);
        return match OutgoingBody::finish(body, None) {
            Ok(()) => Step::Next(State::Waiting { response }),
            Err(code) => Step::Done(Err(Error::Protocol(code))),
        };
    }
    let mut wrote = Ok(());
    if room > 0 && rest.is_empty() {
        wrote = upload.stream.flush();
        flushing = true;
    } else if room > 0 {
        let later = rest.split_off(room.min(rest.len()));
        wrote = upload.stream.write(&rest);
        rest = later;
    }
    if wrote.is_err() {
        return Step::Next(State::Waiting { response });
    }
    let state = State::Sending {
        upload,
        rest,
        flushing,
        response,
    };
    if room > 0 {
        Step::Next(state)
    } else {
        Step::Pending(state)
    }
}

fn receive_head(incoming: IncomingResponse) -> Result<State, Error> {
    let mut received = Response::builder()
        .status(incoming.status())
        .body(Vec::new())
        .map_err(|_| Error::Host("the status is no HTTP status"))?;
    for (name, value) in incoming.headers().entries() {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Error::Host("a header's name is malformed"))?;
        let value = HeaderValue::from_bytes(&value)
            .map_err(|_| Error::Host("a header's value is malformed"))?;
        received.headers_mut().append(name, value);
    }
    let body = incoming
        .consume()
        .map_err(|()| Error::Host("a new response has no body"))?;
    let stream = body
        .stream()
        .map_err(|()| Error::Host("a new body has no stream"))?;
    Ok(State::Receiving {
        download: Download {
            stream,
            _body: body,
            _response: incoming,
        },
        received,
    })
}

/// Takes what has arrived.
fn receive(download: Download, mut received: Response<Vec<u8>>, max_body: usize) -> Step {
    match download.stream.read(CHUNK) {
        Ok(bytes) if bytes.is_empty() => Step::Pending(State::Receiving { download, received }),
        Ok(bytes) if received.body().len() + bytes.len() > max_body => {
            Step::Done(Err(Error::TooLarge { limit: max_body }))
        }
        Ok(bytes) => {
            received.body_mut().extend_from_slice(&bytes);
            Step::Next(State::Receiving { download, received })
        }
        Err(StreamError::Closed) => Step::Done(Ok(received)),
        Err(StreamError::LastOperationFailed(error)) => {
            Step::Done(Err(Error::Body(error.to_debug_string())))
        }
    }
}

fn set_target(request: &OutgoingRequest, uri: &Uri) -> Result<(), Error> {
    let wrong = |reason| Error::Url {
        url: uri.to_string(),
        reason,
    };
    let scheme = match uri.scheme_str() {
        Some("http") => Scheme::Http,
        Some("https") => Scheme::Https,
        Some(_) => return Err(wrong("the scheme is neither http nor https")),
        None => return Err(wrong("it must start with http:// or https://")),
    };
    let authority = uri
        .authority()
        .ok_or_else(|| wrong("it names no server"))?
        .as_str();
    if authority.contains('@') {
        // Sent on, they would end up in logs; servers expect an `authorization` header.
        return Err(wrong("user names and passwords do not belong in a URL"));
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    request
        .set_scheme(Some(&scheme))
        .and_then(|()| request.set_authority(Some(authority)))
        .and_then(|()| request.set_path_with_query(Some(path)))
        .map_err(|()| Error::Malformed("URL"))
}

fn wasi_method(method: &Method) -> WasiMethod {
    match *method {
        Method::GET => WasiMethod::Get,
        Method::HEAD => WasiMethod::Head,
        Method::POST => WasiMethod::Post,
        Method::PUT => WasiMethod::Put,
        Method::DELETE => WasiMethod::Delete,
        Method::CONNECT => WasiMethod::Connect,
        Method::OPTIONS => WasiMethod::Options,
        Method::TRACE => WasiMethod::Trace,
        Method::PATCH => WasiMethod::Patch,
        ref other => WasiMethod::Other(other.as_str().to_owned()),
    }
}
