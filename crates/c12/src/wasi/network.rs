//! Which addresses a guest may reach.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::sockets::SocketAddrUse;

/// One rule of what a guest may reach over the network. A guest without rules reaches nothing.
///
/// | rule | what it allows |
/// |---|---|
/// | `all` | every address, every name |
/// | `loopback` | this machine: 127.0.0.0/8, ::1, `localhost` |
/// | `10.0.0.0/8`, `::1/128` | a range of addresses |
/// | `192.0.2.1:443`, `[::1]:80` | one address, one port |
/// | `example.com`, `example.com:443` | a name: looking it up, HTTP requests to it, and sockets to the addresses that it resolves to |
/// | `listen:127.0.0.1:8080` | accepting connections and datagrams there; any of the above but a name may follow `listen:` |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkRule {
    /// Whether it is about being reached instead of reaching.
    listen: bool,
    peer: Peer,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Peer {
    All,
    Loopback,
    Range { address: IpAddr, prefix: u8 },
    Name(String),
}

/// A network rule that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{rule}` is not a network rule: {reason}")]
pub struct NetworkRuleError {
    rule: String,
    reason: &'static str,
}

impl FromStr for NetworkRule {
    type Err = NetworkRuleError;

    fn from_str(rule: &str) -> Result<Self, Self::Err> {
        let error = |reason| NetworkRuleError {
            rule: rule.to_owned(),
            reason,
        };
        let (listen, place) = match rule.strip_prefix("listen:") {
            Some(place) => (true, place),
            None => (false, rule),
        };
        let (host, port) =
            split_port(place).ok_or_else(|| error("the port is not a number from 1 to 65535"))?;
        let peer = peer(host).map_err(error)?;
        if listen && matches!(peer, Peer::Name(_)) {
            return Err(error("`listen:` takes an address, not a name"));
        }
        Ok(NetworkRule { listen, peer, port })
    }
}

fn peer(host: &str) -> Result<Peer, &'static str> {
    if let Some((address, prefix)) = host.split_once('/') {
        let address = IpAddr::from_str(address).map_err(|_| "the address before `/` is none")?;
        let prefix = prefix
            .parse()
            .map_err(|_| "the prefix length does not fit")?;
        if prefix > width(address) {
            return Err("the prefix length does not fit");
        }
        return Ok(Peer::Range { address, prefix });
    }
    match host {
        "" => Err("it names nobody"),
        "all" | "*" => Ok(Peer::All),
        "loopback" => Ok(Peer::Loopback),
        host => match IpAddr::from_str(host) {
            Ok(address) => Ok(Peer::Range {
                address,
                prefix: width(address),
            }),
            Err(_) if is_name(host) => {
                Ok(Peer::Name(host.trim_end_matches('.').to_ascii_lowercase()))
            }
            Err(_) => Err("it is neither an address, a range, a name, `loopback` nor `all`"),
        },
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

impl fmt::Display for NetworkRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.listen {
            f.write_str("listen:")?;
        }
        match &self.peer {
            Peer::All => f.write_str("all")?,
            Peer::Loopback => f.write_str("loopback")?,
            Peer::Range {
                address: IpAddr::V6(address),
                prefix,
            } if self.port.is_some() => write!(f, "[{address}/{prefix}]")?,
            Peer::Range { address, prefix } => write!(f, "{address}/{prefix}")?,
            Peer::Name(name) => f.write_str(name)?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// `host[:port]`, with brackets around IPv6 addresses that have a port; `None` for a bad port.
fn split_port(rule: &str) -> Option<(&str, Option<u16>)> {
    let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port != 0);
    if let Some(rest) = rule.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        return match rest.strip_prefix(':') {
            Some(text) => Some((host, Some(port(text)?))),
            None => rest.is_empty().then_some((host, None)),
        };
    }
    match rule.split_once(':') {
        // More than one colon: an IPv6 address without a port.
        Some((_, rest)) if rest.contains(':') => Some((rule, None)),
        Some((host, text)) => Some((host, Some(port(text)?))),
        None => Some((rule, None)),
    }
}

fn is_name(host: &str) -> bool {
    host.len() <= 253
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
}

impl NetworkRule {
    fn port_fits(&self, port: u16) -> bool {
        self.port.is_none_or(|own| own == port)
    }

    /// Whether it allows to reach an address that no name stands for.
    fn allows_address(&self, address: SocketAddr) -> bool {
        !self.listen && self.port_fits(address.port()) && self.peer.holds(address.ip())
    }

    /// Whether it allows to be reached at an address.
    fn allows_listening(&self, address: SocketAddr) -> bool {
        self.listen && self.port_fits(address.port()) && self.peer.holds(address.ip())
    }

    /// Whether it allows a request to a host given as a name or as an address.
    pub(crate) fn allows_host(&self, host: &str, port: u16) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = IpAddr::from_str(bare) {
            return self.allows_address(SocketAddr::new(address, port));
        }
        let name = bare.trim_end_matches('.').to_ascii_lowercase();
        !self.listen && self.port_fits(port) && self.names(&name)
    }

    /// Whether a guest may look a name up.
    pub(crate) fn allows_lookup(&self, name: &str) -> bool {
        !self.listen && self.names(&name.trim_end_matches('.').to_ascii_lowercase())
    }

    fn names(&self, name: &str) -> bool {
        match &self.peer {
            Peer::All => true,
            Peer::Loopback => name == "localhost",
            Peer::Range { .. } => false,
            Peer::Name(own) => own == name,
        }
    }
}

impl Peer {
    fn holds(&self, address: IpAddr) -> bool {
        // ::ffff:127.0.0.1 is 127.0.0.1 to the operating system, so it is to the rules.
        let address = address.to_canonical();
        match self {
            Peer::All => true,
            Peer::Loopback => address.is_loopback(),
            Peer::Range {
                address: own,
                prefix,
            } => match (own.to_canonical(), address) {
                (IpAddr::V4(own), IpAddr::V4(other)) => {
                    same_prefix(own.to_bits().into(), other.to_bits().into(), 32, *prefix)
                }
                (IpAddr::V6(own), IpAddr::V6(other)) => {
                    same_prefix(own.to_bits(), other.to_bits(), 128, *prefix)
                }
                _ => false,
            },
            Peer::Name(_) => false,
        }
    }
}

fn same_prefix(a: u128, b: u128, width: u32, prefix: u8) -> bool {
    let shift = width.saturating_sub(prefix.into());
    a.checked_shr(shift).unwrap_or(0) == b.checked_shr(shift).unwrap_or(0)
}

/// Tells WASI's sockets what the rules say.
pub(crate) fn grant(builder: &mut WasiCtxBuilder, rules: &Arc<Vec<NetworkRule>>) {
    let any = !rules.is_empty();
    builder.allow_tcp(any).allow_udp(any);
    // Each name is checked by itself, in `lookup`.
    builder.allow_ip_name_lookup(any);
    if !any {
        return;
    }
    let rules = Arc::clone(rules);
    builder.socket_addr_check(move |address, usage| {
        let rules = Arc::clone(&rules);
        Box::pin(async move {
            // Sockets bind to a port of the system's choice before they connect or send; where to is checked then.
            let before_use = address.port() == 0 && address.ip().is_unspecified();
            let allowed = match usage {
                SocketAddrUse::TcpBind | SocketAddrUse::UdpBind => {
                    before_use || listens(&rules, address)
                }
                SocketAddrUse::TcpListen => listens(&rules, address),
                // Who comes is not who is reached: being allowed to listen is enough.
                SocketAddrUse::TcpAccept => true,
                _ => reaches(&rules, address).await,
            };
            if !allowed {
                tracing::debug!(%address, ?usage, "refused: no network rule allows it");
            }
            allowed
        })
    });
}

fn listens(rules: &[NetworkRule], address: SocketAddr) -> bool {
    rules.iter().any(|rule| rule.allows_listening(address))
}

async fn reaches(rules: &[NetworkRule], address: SocketAddr) -> bool {
    if rules.iter().any(|rule| rule.allows_address(address)) {
        return true;
    }
    for rule in rules {
        let Peer::Name(name) = &rule.peer else {
            continue;
        };
        if !rule.port_fits(address.port()) {
            continue;
        }
        let name = name.clone();
        let resolved = tokio::task::spawn_blocking(move || {
            std::net::ToSocketAddrs::to_socket_addrs(&(name.as_str(), 0))
                .map(|found| found.map(|a| a.ip()).collect::<Vec<_>>())
        });
        let found = matches!(resolved.await, Ok(Ok(addresses)) if addresses.contains(&address.ip().to_canonical()));
        if found {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> NetworkRule {
        text.parse().unwrap()
    }

    fn reaches(text: &str, address: &str) -> bool {
        rule(text).allows_address(address.parse().unwrap())
    }

    #[test]
    fn ranges_and_ports_decide() {
        assert!(reaches("all", "198.51.100.1:80"));
        assert!(reaches("10.0.0.0/8", "10.200.3.4:80"));
        assert!(!reaches("10.0.0.0/8", "11.0.0.1:80"));
        assert!(reaches("192.0.2.1:443", "192.0.2.1:443"));
        assert!(!reaches("192.0.2.1:443", "192.0.2.1:80"));
        assert!(reaches("[::1]:80", "[::1]:80"));
        assert!(reaches("2001:db8::/32", "[2001:db8:1::1]:80"));
        assert!(!reaches("2001:db8::/32", "[2001:db9::1]:80"));
        assert!(reaches("0.0.0.0/0", "203.0.113.7:1"));
    }

    #[test]
    fn loopback_is_this_machine_in_every_spelling() {
        assert!(reaches("loopback", "127.8.8.8:1"));
        assert!(reaches("loopback", "[::1]:1"));
        assert!(reaches("loopback", "[::ffff:127.0.0.1]:1"));
        assert!(!reaches("loopback", "0.0.0.0:1"));
        assert!(rule("loopback:8080").allows_host("localhost", 8080));
        assert!(!rule("loopback").allows_host("localhost.example.com", 80));
    }

    #[test]
    fn names_match_whole_and_without_case() {
        assert!(rule("Example.com").allows_host("example.COM.", 443));
        assert!(!rule("example.com").allows_host("www.example.com", 443));
        assert!(!rule("example.com:443").allows_host("example.com", 80));
        assert!(!rule("example.com").allows_host("127.0.0.1", 80));
    }

    #[test]
    fn reaching_and_listening_are_granted_apart() {
        let address = "127.0.0.1:8080".parse().unwrap();
        assert!(!rule("loopback").allows_listening(address));
        assert!(!rule("all").allows_listening(address));
        assert!(rule("listen:127.0.0.1:8080").allows_listening(address));
        assert!(rule("listen:all").allows_listening(address));
        assert!(!rule("listen:loopback:8081").allows_listening(address));
        assert!(!rule("listen:all").allows_address(address));
        assert!(!rule("listen:all").allows_host("localhost", 80));
    }

    #[test]
    fn a_name_opens_no_other_name() {
        assert!(rule("example.com:443").allows_lookup("EXAMPLE.com."));
        assert!(!rule("example.com").allows_lookup("localhost"));
        assert!(rule("loopback").allows_lookup("localhost"));
        assert!(!rule("10.0.0.0/8").allows_lookup("example.com"));
        assert!(rule("all").allows_lookup("example.com"));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "a b",
            "10.0.0.0/33",
            "1.2.3.4:0",
            "1.2.3.4:99999",
            "host:port",
            "[::1",
            "x/8",
            "-..",
            "listen:",
            "listen:example.com",
            ":80",
        ] {
            assert!(text.parse::<NetworkRule>().is_err(), "{text:?} was taken");
        }
    }
}
