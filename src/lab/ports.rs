//! Loopback ports that nobody listens on.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// One free loopback address. It is free now; only a listener that is kept open keeps it.
pub fn free() -> io::Result<SocketAddr> {
    Ok(several::<1>()?[0])
}

/// Several free loopback addresses, all different.
pub fn several<const N: usize>() -> io::Result<[SocketAddr; N]> {
    // All are held at once, or the kernel may hand out the same one twice.
    let mut held = Vec::with_capacity(N);
    for _ in 0..N {
        held.push(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?);
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
