//! Connects, sends a line, prints what comes back: `tcp_connect HOST:PORT [TEXT]`.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_default();
    let text = arguments.next().unwrap_or_else(|| "ping".to_owned());
    let exchange = || {
        let mut stream = TcpStream::connect(&address)?;
        writeln!(stream, "{text}")?;
        stream.shutdown(Shutdown::Write)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    match exchange() {
        Ok(answer) => {
            print!("answer: {answer}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("refused: {:?}", error.kind());
            ExitCode::FAILURE
        }
    }
}
