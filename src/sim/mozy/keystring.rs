//! Keystrings and api keys: unique, and the same for the same seed.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use super::{
    dice::{Dice, mix},
    fault::Fault,
};

const LENGTH: usize = 20;
const FIGURES: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// The name of a licence: 20 upper-case letters and digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Keystring([u8; LENGTH]);

impl Keystring {
    /// The keystring of a number: 13 of its figures hold a bijection of it, so no two are the same.
    pub(super) fn of(number: u64, seed: u64) -> Keystring {
        let mut letters = [b'A'; LENGTH];
        spell(mix(number ^ seed), &mut letters[..13]);
        spell(mix(!number ^ seed), &mut letters[13..]);
        Keystring(letters)
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

fn spell(mut number: u64, letters: &mut [u8]) {
    for letter in letters {
        *letter = FIGURES[(number % 36) as usize];
        number /= 36;
    }
}

impl FromStr for Keystring {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Keystring, Fault> {
        let letters = text.as_bytes().try_into().map_err(|_| Fault::missing("license key"))?;
        let fits = text.bytes().all(|letter| letter.is_ascii_alphanumeric());
        fits.then_some(Keystring(letters)).ok_or_else(|| Fault::missing("license key"))
    }
}

impl fmt::Display for Keystring {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Debug for Keystring {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl Serialize for Keystring {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// An api key: 64 letters and digits.
pub(super) fn api_key(dice: &mut Dice) -> String {
    (0..64).map(|_| char::from(FIGURES[(dice.next() % 36) as usize])).collect()
}
