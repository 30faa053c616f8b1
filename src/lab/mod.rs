//! The outside world on one machine: a private PostgreSQL, both simulators, and mozyd run against them.
