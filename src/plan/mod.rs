//! Pure planning: (desired, observed, policy, now) to a plan, an ordered list of steps that prints itself.
