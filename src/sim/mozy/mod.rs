//! Mozy as the contract describes it, written from contracts/mozy-soap.md.
