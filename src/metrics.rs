//! What Prometheus sees: every family and label set exists from the start, none carries an id.
