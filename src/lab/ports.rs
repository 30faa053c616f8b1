//! Loopback ports that nobody listens on, that no kernel gives to an outgoing connection by itself, and that no other lab
//! draws meanwhile: a daemon that starts later, or again after it was killed, finds its own still free.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{self, UnixListener};

/// Below those that Linux takes for outgoing connections (`net.ipv4.ip_local_port_range`).
const PORTS: Range<u16> = 10_240..32_768;

/// A loopback port that was free when it was drawn; nobody else draws it until this is dropped.
pub struct Port {
    address: SocketAddr,
    /// An abstract name is one process's at a time, and leaves nothing behind.
    _drawn: UnixListener,
}

impl Port {
    /// Draws one.
    pub fn free() -> io::Result<Self> {
        loop {
            let port = rand::random_range(PORTS);
            let name = net::SocketAddr::from_abstract_name(format!("mozy-lab-port-{port}"))?;
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let drawn = UnixListener::bind_addr(&name).and_then(|drawn| {
                TcpListener::bind(address)?;
                Ok(Self { address, _drawn: drawn })
            });
            match drawn {
                Err(error) if error.kind() == ErrorKind::AddrInUse => {}
                drawn => return drawn,
            }
        }
    }

    /// Where to listen.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn it_can_be_bound() {
        let port = Port::free().unwrap();
        assert!(port.address().ip().is_loopback());
        TcpListener::bind(port.address()).unwrap();
    }

    #[test]
    fn nobody_draws_one_twice() {
        // Of so many out of 22,528, two would be the same by chance.
        let drawn: Vec<Port> = (0..400).map(|_| Port::free().unwrap()).collect();
        let different: BTreeSet<_> = drawn.iter().map(Port::address).collect();
        assert_eq!(different.len(), drawn.len());
    }
}
