//! Names and e-mail addresses that people gave: trimmed, not endless, and what is empty was not given.

use super::Patch;
use crate::osa::error::ApsError;

/// Longest name, in characters.
pub const LONGEST_NAME: usize = 255;
/// Longest e-mail address, in bytes (RFC 5321).
pub(super) const LONGEST_EMAIL: usize = 254;

impl Patch<String> {
    /// The name that was given, if one was; `property` is what it stands in.
    ///
    /// # Errors
    /// 400 naming the property if it is too long or has control characters.
    pub fn name(&self, property: &str) -> Result<Option<String>, ApsError> {
        let Some(text) = self.value().map(|text| text.trim()).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        if text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control) {
            let wanted = format!("must be one line of at most {LONGEST_NAME} characters");
            return Err(ApsError::bad_request(format!("{property}: {wanted}")));
        }
        Ok(Some(text.to_owned()))
    }

    /// The e-mail address that was given, if it is one: a login need not be.
    pub fn email(&self) -> Option<String> {
        self.value().map(|text| text.trim()).filter(|text| is_email(text)).map(str::to_owned)
    }
}

/// Whether `text` can be an e-mail address, which is what a user is called at Mozy.
pub fn is_email(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || c == '@';
    text.len() <= LONGEST_EMAIL
        && text.rsplit_once('@').is_some_and(|(user, host)| {
            ![user, host].iter().any(|part| part.is_empty() || part.contains(odd))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_two_sides_and_no_spaces() {
        for (text, is) in [
            ("a@b", true),
            ("jürgen+x@example.com", true),
            ("a", false),
            ("@b", false),
            ("a@", false),
            ("a@b@c", false),
            ("a b@c", false),
            ("a@b\r\nX: y", false),
        ] {
            assert_eq!(is_email(text), is, "{text:?}");
        }
        assert!(!is_email(&format!("a@{}", "b".repeat(LONGEST_EMAIL))));
    }

    #[test]
    fn what_is_empty_was_not_given_and_what_is_wrong_is_named() {
        assert_eq!(Patch::Set("  Sales ".to_owned()).name("name"), Ok(Some("Sales".to_owned())));
        assert_eq!(Patch::Set("  ".to_owned()).name("name"), Ok(None));
        assert_eq!(Patch::<String>::Clear.email(), None);
        for senseless in ["a\nb".to_owned(), "x".repeat(LONGEST_NAME + 1)] {
            let error = Patch::Set(senseless).name("displayName").unwrap_err();
            assert!(error.to_string().starts_with("displayName: "), "{error}");
        }
        assert_eq!(Patch::Set("jdoe".to_owned()).email(), None);
        assert_eq!(Patch::Set(" a@b ".to_owned()).email().as_deref(), Some("a@b"));
    }
}
