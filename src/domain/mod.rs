//! The words: what is wanted, what was seen, and how both are counted. No async, no HTTP, no SQL, no clock.
