//! The only place that knows diesel: desired, observed, conditions, ledger, events, queue and usage in PostgreSQL.
