//! People and companies, and how much they want: different for each seed, the same for the same one.

use std::ops::RangeInclusive;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const FIRST: [&str; 24] = [
    "Ann", "Ben", "Carla", "Dmitri", "Elena", "Farid", "Grace", "Hugo", "Irene", "Jamal", "Karin", "Luca",
    "Mei", "Nils", "Olga", "Pedro", "Quinn", "Rosa", "Sven", "Tariq", "Uma", "Viktor", "Wanda", "Yusuf",
];
const FAMILY: [&str; 24] = [
    "Abel", "Brandt", "Costa", "Dubois", "Ekström", "Fischer", "Garcia", "Hansen", "Ivanov", "Jensen",
    "Kowalski", "Lindgren", "Moreau", "Novak", "Okafor", "Petrov", "Quist", "Rossi", "Sato", "Tanaka",
    "Ueda", "Varga", "Weber", "Young",
];
const TRADE: [&str; 12] = [
    "Bakery", "Boats", "Bricks", "Clocks", "Gardens", "Law", "Maps", "Optics", "Print", "Roofs", "Tools",
    "Wine",
];
const TEAM: [&str; 8] =
    ["Sales", "Workshop", "Accounts", "Design", "Field", "Front desk", "Research", "Night shift"];

/// The source of names and numbers.
pub struct Names {
    dice: StdRng,
    companies: usize,
    people: usize,
}

impl Names {
    /// Those of a seed.
    pub fn new(seed: u64) -> Self {
        Self { dice: StdRng::seed_from_u64(seed), companies: 0, people: 0 }
    }

    /// A company and its domain; no two are the same.
    pub fn company(&mut self) -> (String, String) {
        let (family, trade) = (self.one_of(&FAMILY), self.one_of(&TRADE));
        self.companies += 1;
        let domain = format!("{}{}.example", trade.to_lowercase(), self.companies);
        (format!("{family} {trade}"), domain)
    }

    /// A person's name and e-mail address; no two addresses are the same.
    pub fn person(&mut self, domain: &str) -> (String, String) {
        let (first, family) = (self.one_of(&FIRST), self.one_of(&FAMILY));
        self.people += 1;
        (format!("{first} {family}"), format!("{}.{}@{domain}", first.to_lowercase(), self.people))
    }

    /// Two different teams.
    pub fn teams(&mut self) -> [String; 2] {
        let first = self.number(0..=TEAM.len() as i64 - 1) as usize;
        let step = self.number(1..=TEAM.len() as i64 - 1) as usize;
        [TEAM[first].to_owned(), TEAM[(first + step) % TEAM.len()].to_owned()]
    }

    /// A number in a range.
    pub fn number(&mut self, range: RangeInclusive<i64>) -> i64 {
        self.dice.random_range(range)
    }

    fn one_of(&mut self, list: &[&'static str]) -> &'static str {
        list[self.dice.random_range(0..list.len())]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn some(seed: u64) -> Vec<String> {
        let mut names = Names::new(seed);
        (0..50).map(|_| names.person("acme.example").1).chain((0..50).map(|n| n.to_string())).collect()
    }

    #[test]
    fn a_seed_repeats_itself_and_differs_from_others() {
        assert_eq!(some(7), some(7));
        assert_ne!(some(7), some(8));
    }

    #[test]
    fn no_address_comes_twice() {
        let mut names = Names::new(1);
        let domains: BTreeSet<String> = (0..500).map(|_| names.company().1).collect();
        let people: BTreeSet<String> = (0..500).map(|_| names.person("acme.example").1).collect();
        assert_eq!((domains.len(), people.len()), (500, 500));
        let [one, other] = names.teams();
        assert_ne!(one, other);
    }
}
