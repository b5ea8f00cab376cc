//! Listens, prints its address, sends one client's bytes back and ends: `tcp_echo HOST:PORT`.

use std::io;
use std::net::TcpListener;
use std::process::ExitCode;

fn main() -> ExitCode {
    let address = std::env::args().nth(1).unwrap_or_default();
    let serve = || {
        let listener = TcpListener::bind(&address)?;
        println!("listening on {}", listener.local_addr()?);
        let (mut stream, _) = listener.accept()?;
        let mut copy = stream
            .try_clone()
            .or_else(|_| Err(io::Error::from(io::ErrorKind::Unsupported)));
        match &mut copy {
            Ok(writer) => io::copy(&mut stream, writer),
            // Where a socket cannot be cloned, the bytes are collected first.
            Err(_) => {
                let mut bytes = Vec::new();
                io::Read::read_to_end(&mut stream, &mut bytes)?;
                io::Write::write_all(&mut stream, &bytes).map(|()| bytes.len() as u64)
            }
        }
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
