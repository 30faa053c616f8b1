//! `[admin]`: metrics, health and the operator's API.

use std::net::{Ipv4Addr, SocketAddr};

use super::file::FileRef;
use super::problem::Problem;
use super::reader::Section;
use super::secret::Secret;

/// `[admin]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    /// Where it listens, in plain HTTP and so on a loopback address.
    pub listen: SocketAddr,
    pub(super) token_file: Option<FileRef>,
}

impl Admin {
    pub(super) fn read(section: &mut Section<'_>, osa: SocketAddr) -> Self {
        let listen = section.address("listen", SocketAddr::from((Ipv4Addr::LOCALHOST, 9464)));
        if !listen.ip().is_loopback() {
            section
                .refuse("listen", "has no TLS; allowed are loopback addresses, with a proxy in front of it");
        }
        if collide(listen, osa) {
            section.refuse("listen", format!("is {listen}, as osa.listen; allowed is another port"));
        }
        Admin { listen, token_file: section.file("token_file") }
    }

    /// The bearer token of `/api`, if there is one.
    pub fn token(&self) -> Result<Option<Secret>, Problem> {
        self.token_file.as_ref().map(FileRef::secret).transpose()
    }
}

/// Whether both cannot be listened at; port 0 means any free one.
fn collide(a: SocketAddr, b: SocketAddr) -> bool {
    let overlap = a.ip() == b.ip() || a.ip().is_unspecified() || b.ip().is_unspecified();
    a.port() != 0 && a.port() == b.port() && overlap
}
