//! `[secrets]`: the key that seals what is secret in PostgreSQL.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use super::file::FileRef;
use super::problem::Problem;
use super::reader::Section;
use super::secret::Secret;

const WANTED: &str =
    "holds no key; allowed are 32 bytes in hex or base64, as `openssl rand -hex 32` makes them";

/// `[secrets]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secrets {
    pub(super) key_file: FileRef,
}

impl Secrets {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let hint = "name a file with 32 bytes, as `openssl rand -hex 32` makes them";
        Secrets { key_file: section.required_file("key_file", hint) }
    }

    /// The sealing key.
    pub fn key(&self) -> Result<Secret<[u8; 32]>, Problem> {
        let bytes = decode(&self.key_file.text()?).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Secret::new).ok_or_else(|| self.key_file.problem(WANTED))
    }
}

fn decode(written: &str) -> Option<Vec<u8>> {
    if written.len() == 64 {
        let pairs = written.as_bytes().chunks_exact(2);
        return pairs.map(hex_byte).collect();
    }
    let engines = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD];
    engines.iter().find_map(|engine| engine.decode(written).ok())
}

fn hex_byte(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    pair.iter().try_fold(0, |value, byte| Some(value * 16 + digit(*byte)? as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_and_base64_give_the_same_key() {
        let key: Vec<u8> = (200..232).collect();
        let hex: String = key.iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(decode(&hex).as_ref(), Some(&key));
        assert_eq!(decode(&STANDARD.encode(&key)).as_ref(), Some(&key));
        assert_eq!(decode(&URL_SAFE_NO_PAD.encode(&key)).as_ref(), Some(&key));
        assert_eq!(decode(&"zz".repeat(32)), None);
    }
}
