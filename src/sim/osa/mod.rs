//! OSA as the contract describes it, written from contracts/osa-aps2.md.
