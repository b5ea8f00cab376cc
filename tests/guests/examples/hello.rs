//! Prints one line to each output and ends well.

fn main() {
    println!("hello from wasm");
    eprintln!("hello on stderr");
}
