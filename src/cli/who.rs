//! Who types: what an operator decides by hand is kept with his name and his reason.

/// The name behind `sudo`, else that of the session, as this host knows it.
pub fn name() -> String {
    let known = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    known.filter(|name| !name.is_empty()).unwrap_or_else(|| "somebody".to_owned())
}

/// `by NAME: REASON`.
pub fn by(reason: &str) -> String {
    format!("by {}: {}", name(), reason.trim())
}
