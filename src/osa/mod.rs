//! The only place that knows APS: the endpoint OSA calls, and the client that calls OSA back.
