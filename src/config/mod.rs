//! The configuration: plain data, read once, refused with the key and the line when senseless.
