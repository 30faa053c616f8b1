//! Loopback ports that nobody listens on, and that no kernel gives to an outgoing connection by itself: a daemon that starts
//! later, or again after it was killed, finds its own still free.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;

/// Below those that Linux takes for outgoing connections (`net.ipv4.ip_local_port_range`).
const PORTS: Range<u16> = 10_240..32_768;

/// One free loopback address. It is free now; only a listener that is kept open keeps it.
pub fn free() -> io::Result<SocketAddr> {
    Ok(several::<1>()?[0])
}

/// Several free loopback addresses, all different.
pub fn several<const N: usize>() -> io::Result<[SocketAddr; N]> {
    // All are held at once, or the same one might be drawn twice.
    let mut held = Vec::with_capacity(N);
    while held.len() < N {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, rand::random_range(PORTS))) {
            Ok(listener) => held.push(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => return Err(error),
        }
    }
    let mut addresses = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)); N];
    for (address, listener) in addresses.iter_mut().zip(&held) {
        *address = listener.local_addr()?;
    }
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_differ_and_can_be_bound() {
        let [a, b, c] = several::<3>().unwrap();
        assert!(a != b && b != c && a != c);
        for address in [a, b, c] {
            assert!(address.ip().is_loopback());
            TcpListener::bind(address).unwrap();
        }
    }
}
