//! Posts a body of zeros and prints the answer: `http_post URL BYTES`.

#[cfg(all(target_os = "wasi", target_env = "p2"))]
fn main() -> std::process::ExitCode {
    use c12_wasm::cli::{Failure, finish};
    use c12_wasm::http::{Client, Request};

    let run = || {
        let mut arguments = std::env::args().skip(1);
        let url = arguments.next().ok_or_else(|| Failure::usage("no URL"))?;
        let bytes = arguments
            .next()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| Failure::usage("no number of bytes"))?;
        let request = Request::post(&url)
            .body(vec![0; bytes])
            .map_err(|error| Failure::usage(error.to_string()))?;
        let response = Client::new()
            .send(request)
            .map_err(|error| Failure::failed(error.to_string()))?;
        println!(
            "{} {}",
            response.status(),
            String::from_utf8_lossy(response.body())
        );
        Ok(())
    };
    finish("http_post", run())
}

#[cfg(not(all(target_os = "wasi", target_env = "p2")))]
fn main() {}
