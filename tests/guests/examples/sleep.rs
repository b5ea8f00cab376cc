//! Sleeps: `sleep [MILLISECONDS]`, by default for ever.

use std::time::Duration;

fn main() {
    let milliseconds = std::env::args().nth(1).and_then(|text| text.parse().ok());
    println!("sleeping");
    match milliseconds {
        Some(milliseconds) => std::thread::sleep(Duration::from_millis(milliseconds)),
        None => loop {
            std::thread::sleep(Duration::from_secs(3600));
        },
    }
    println!("awake");
}
