//! Looks a name up and prints its addresses, sorted: `dns_lookup NAME`.

use std::net::ToSocketAddrs as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    match (name.as_str(), 0).to_socket_addrs() {
        Ok(addresses) => {
            let mut addresses: Vec<_> = addresses.map(|address| address.ip()).collect();
            addresses.sort();
            addresses.dedup();
            for address in addresses {
                println!("{name}: {address}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{name}: refused ({error})");
            ExitCode::FAILURE
        }
    }
}
