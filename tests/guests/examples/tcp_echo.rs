//! Listens, prints its address, sends one client's bytes back and ends: `tcp_echo HOST:PORT`.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::ExitCode;

fn main() -> ExitCode {
    let address = std::env::args().nth(1).unwrap_or_default();
    let serve = || {
        let listener = TcpListener::bind(&address)?;
        println!("listening on {}", listener.local_addr()?);
        let (mut stream, _) = listener.accept()?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        stream.write_all(&bytes)?;
        std::io::Result::Ok(bytes.len())
    };
    match serve() {
        Ok(bytes) => {
            println!("echoed {bytes} bytes");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("refused: {:?}", error.kind());
            ExitCode::FAILURE
        }
    }
}
