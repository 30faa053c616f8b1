//! The only place that knows SOAP: Mozy's admin API, dialect 0.1.50.
