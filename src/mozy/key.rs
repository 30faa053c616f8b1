//! An API key can be sent, and in no other way be got out: it has neither `Debug` nor `Display`.

use super::error::SetupError;

/// The secret that opens one partner and the tree below it (contract, section 1).
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
    /// Surrounding white space, such as a file's last newline, is not part of the key.
    ///
    /// # Errors
    /// [`SetupError::Key`] when it is empty, longer than 256 characters or not printable ASCII.
    pub fn new(key: &str) -> Result<Self, SetupError> {
        let key = key.trim();
        let usable = (1..=256).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        usable.then(|| ApiKey(key.to_owned())).ok_or(SetupError::Key)
    }

    /// Tells two keys apart without telling either.
    pub fn fingerprint(&self) -> [u8; 32] {
        let digest = ring::digest::digest(&ring::digest::SHA256, self.0.as_bytes());
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest.as_ref());
        fingerprint
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::ApiKey;

    #[test]
    fn keys_are_trimmed_and_checked() {
        assert_eq!(ApiKey::new(" abc\n").ok().unwrap().expose(), "abc");
        for bad in ["", " \n", "a b", "a\u{7f}", "schlüssel", &"x".repeat(257)] {
            assert!(ApiKey::new(bad).is_err(), "{bad:?}");
        }
        assert!(!ApiKey::new("hush hush").err().unwrap().to_string().contains("hush"));
    }
}
