//! Seeded chance: the same seed throws the same numbers on every build.

/// A splitmix64 generator.
#[derive(Clone, Debug, Default)]
pub(super) struct Dice(u64);

impl Dice {
    /// Dice that always throw the same for the same seed.
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// True with that probability (0 never, 1 always).
    pub fn hit(&mut self, probability: f64) -> bool {
        let share = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        share < probability
    }
}

/// A bijection of 64 bits that leaves no pattern.
pub(super) fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
