//! The verbs an operator types: thin, each one file.
