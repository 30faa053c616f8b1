//! What the floors above need of the outside, in domain words.
