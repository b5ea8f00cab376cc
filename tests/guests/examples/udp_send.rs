//! Sends a datagram and waits for one back: `udp_send HOST:PORT [TEXT]`.

use std::net::UdpSocket;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_default();
    let text = arguments.next().unwrap_or_else(|| "ping".to_owned());
    let exchange = || {
        let socket = UdpSocket::bind("0.0.0.0:0")?;
        socket.connect(&address)?;
        socket.send(text.as_bytes())?;
        let mut buffer = [0; 2048];
        let length = socket.recv(&mut buffer)?;
        let answer = buffer.get(..length).unwrap_or_default();
        std::io::Result::Ok(String::from_utf8_lossy(answer).into_owned())
    };
    match exchange() {
        Ok(answer) => {
            println!("answer: {answer}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("refused: {:?}", error.kind());
            ExitCode::FAILURE
        }
    }
}
