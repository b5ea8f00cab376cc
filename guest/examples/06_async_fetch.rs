//! Fetches several URLs at once over `wasi:http`.
//!
//! ```text
//! c12 run --net loopback 06_async_fetch.wasm -- --timeout 2000 http://127.0.0.1:8080/a http://127.0.0.1:8080/b
//! ```
//!
//! A component cannot open a connection itself here: it asks the host, which decides what may be reached. All
//! requests are on their way before the first answer is awaited, so the slowest one alone decides how long it takes.

#[cfg(not(all(target_os = "wasi", target_env = "p2")))]
fn main() -> std::process::ExitCode {
    use c12_wasm::cli::{Failure, finish};
    finish(
        "06_async_fetch",
        Err(Failure::failed(
            "this example needs wasi:http; build it for wasm32-wasip2",
        )),
    )
}

#[cfg(all(target_os = "wasi", target_env = "p2"))]
fn main() -> std::process::ExitCode {
    c12_wasm::cli::finish("06_async_fetch", fetch::run())
}

#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod fetch {
    use std::fmt::Write as _;
    use std::io::Write as _;
    use std::time::Duration;

    use c12_wasm::cli::Failure;
    use c12_wasm::http::{Client, Error, Request, Response};

    const HELP: &str = "\
Fetches URLs, all at once, and prints a line for each.

Usage: 06_async_fetch [--timeout MS] URL…

Options:
  --timeout MS   how long each request may take, in milliseconds [default: 5000]
  --help

Exit codes: 0 every URL answered with a status below 400, 1 one of them did not, 2 wrong usage.
";

    /// How much of a body is shown.
    const PREVIEW: usize = 32;

    pub(super) fn run() -> Result<(), Failure> {
        let mut timeout = Duration::from_secs(5);
        let mut urls = Vec::new();
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--help" | "-h" => return print(HELP),
                "--timeout" => timeout = milliseconds(arguments.next())?,
                option if option.starts_with('-') => {
                    return Err(Failure::usage(format!("unknown option {option}")));
                }
                _ => urls.push(argument),
            }
        }
        if urls.is_empty() {
            return Err(Failure::usage("expected at least one URL"));
        }

        // Every URL is checked before anything is sent: a typo in the last one must not leave half the work done.
        let requests = urls
            .iter()
            .map(|url| {
                Request::get(url)
                    .header(
                        "user-agent",
                        concat!("c12-example/", env!("CARGO_PKG_VERSION")),
                    )
                    .body(Vec::new())
                    .map_err(|error| Failure::usage(format!("invalid URL {url}: {error}")))
            })
            .collect::<Result<Vec<_>, _>>()?;

        let results = Client::new().timeout(timeout).send_all(requests);

        let mut text = String::new();
        let mut failed = 0;
        for (url, result) in urls.iter().zip(&results) {
            if !matches!(result, Ok(response) if response.status().as_u16() < 400) {
                failed += 1;
            }
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{url}: {}", describe(result));
        }
        print(&text)?;
        if failed > 0 {
            return Err(Failure::failed(format!(
                "{failed} of {} requests failed",
                urls.len()
            )));
        }
        Ok(())
    }

    fn describe(result: &Result<Response<Vec<u8>>, Error>) -> String {
        let response = match result {
            Ok(response) => response,
            Err(error) => return format!("failed: {error}"),
        };
        let body = response.body();
        let start = body.get(..PREVIEW).unwrap_or(body);
        // A server may send anything, terminal control sequences included: `escape_ascii` makes it harmless.
        format!(
            "{} {} bytes \"{}\"",
            response.status().as_u16(),
            body.len(),
            start.escape_ascii()
        )
    }

    fn milliseconds(argument: Option<String>) -> Result<Duration, Failure> {
        let text = argument.ok_or_else(|| Failure::usage("--timeout needs a value"))?;
        match text.parse() {
            Ok(milliseconds) if milliseconds > 0 => Ok(Duration::from_millis(milliseconds)),
            _ => Err(Failure::usage(format!(
                "--timeout needs a positive number of milliseconds, not `{text}`"
            ))),
        }
    }

    fn print(text: &str) -> Result<(), Failure> {
        let mut stdout = std::io::stdout().lock();
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
            .map_err(|cause| Failure::output(&cause))
    }
}
