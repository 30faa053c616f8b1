//! A cell of the matrix: one story, one kind of step in it, one trouble.

use super::super::base::Lapse;
use super::super::killer::Point;
use super::super::world::World;
use super::{end, line, stories};
use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str::FromStr;
use std::sync::{Mutex, OnceLock};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    /// The process dies at this point around the step.
    Killed(Point),
    /// A fault of the line strikes the call.
    Line(String),
    /// The ledger lapses when the step is written or settled.
    Ledger(&'static str, Lapse),
}

impl Trouble {
    pub fn lost(at: &'static str) -> Self {
        Self::Ledger(at, Lapse::AnswerLost)
    }

    pub fn down(at: &'static str) -> Self {
        Self::Ledger(at, Lapse::Down)
    }

    pub fn lease(at: &'static str) -> Self {
        Self::Ledger(at, Lapse::LeaseLost)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Killed(point) => write!(out, "killed:{point:?}"),
            Self::Line(fault) => write!(out, "line:{fault}"),
            Self::Ledger(at, lapse) => write!(out, "{at}:{lapse:?}"),
        }
    }
}

/// One cell.
#[derive(Debug, Clone)]
pub struct Cell {
    pub story: &'static str,
    pub kind: String,
    /// Which step of that kind.
    pub nth: usize,
    pub trouble: Trouble,
    pub seed: u64,
}

impl Cell {
    /// The command that repeats it alone.
    pub fn command(&self) -> String {
        let Self { story, kind, nth, seed, trouble } = self;
        format!(
            "MOZYD_CELL={story}/{kind}/{nth}/{trouble}/{seed} cargo test --lib engine::tests::faults::one -- --ignored"
        )
    }

    /// Tells the story with this trouble in it; the end must be that of the story without.
    pub fn run(&self) -> Result<(), String> {
        let told = catch_unwind(AssertUnwindSafe(|| self.tell()));
        let why = match told {
            Ok(end) => difference(&reference(self.story, self.seed), &end),
            Err(panic) => {
                Some(panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "it panicked".to_owned()))
            }
        };
        why.map_or(Ok(()), |why| Err(format!("{}\n{why}", self.command())))
    }

    fn tell(&self) -> Vec<String> {
        let story = stories::find(self.story);
        let (world, ids) = story.begin(self.seed);
        self.trouble(&world);
        story.go_on(&world, &ids);
        world.run();
        let left = (
            world.sim.faults().iter().all(|rule| rule.remaining == Some(0)),
            world.base.lock().lapse.clone(),
        );
        let missed = world.base.killer.is_pending() || world.door.is_pending() || left != (true, None);
        assert!(!missed, "the trouble never came");
        world.assert_agreement();
        world.assert_still();
        end::of(&world)
    }

    fn trouble(&self, world: &World) {
        match &self.trouble {
            Trouble::Killed(point) => world.base.killer.aim(self.kind.clone(), self.nth, *point),
            Trouble::Line(name) => {
                world.door.strike(self.kind.clone(), self.nth, line::rule(name));
            }
            Trouble::Ledger(at, lapse) => {
                world.base.lock().lapse = Some((at, self.kind.clone(), self.nth, *lapse));
            }
        }
    }
}

/// The end without trouble, told once.
fn reference(story: &'static str, seed: u64) -> Vec<String> {
    type Ends = HashMap<(&'static str, u64), Vec<String>>;
    static TOLD: OnceLock<Mutex<Ends>> = OnceLock::new();
    let told = TOLD.get_or_init(Mutex::default);
    if let Some(end) = told.lock().unwrap().get(&(story, seed)) {
        return end.clone();
    }
    let (world, ids) = stories::find(story).begin(seed);
    stories::find(story).go_on(&world, &ids);
    world.run();
    world.assert_agreement();
    world.assert_still();
    let end = end::of(&world);
    told.lock().unwrap().insert((story, seed), end.clone());
    end
}

fn difference(reference: &[String], end: &[String]) -> Option<String> {
    let mut lines = Vec::new();
    let mut missing = reference.to_vec();
    for line in end {
        match missing.iter().position(|other| other == line) {
            Some(at) => drop(missing.remove(at)),
            None => lines.push(format!("  + {line}")),
        }
    }
    lines.extend(missing.into_iter().map(|line| format!("  - {line}")));
    (!lines.is_empty()).then(|| lines.join("\n"))
}

impl FromStr for Cell {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let [story, kind, nth, trouble, seed] = text.split('/').collect::<Vec<_>>()[..] else {
            return Err(format!("{text} is not story/kind/nth/trouble/seed"));
        };
        let trouble = match trouble.split_once(':') {
            Some(("killed", point)) => Trouble::Killed(named(&Point::ALL, point)?),
            Some(("line", fault)) => Trouble::Line(fault.to_owned()),
            Some((at @ ("intend" | "settle"), lapse)) => {
                let at = if at == "intend" { "intend" } else { "settle" };
                Trouble::Ledger(at, named(&[Lapse::LeaseLost, Lapse::AnswerLost, Lapse::Down], lapse)?)
            }
            _ => return Err(format!("{trouble} is no trouble")),
        };
        let number = |text: &str| text.parse().map_err(|_| format!("{text} is no number"));
        Ok(Self {
            story: stories::find(story).name,
            kind: kind.to_owned(),
            nth: number(nth)? as usize,
            trouble,
            seed: number(seed)?,
        })
    }
}

fn named<T: fmt::Debug + Copy>(all: &[T], name: &str) -> Result<T, String> {
    all.iter().find(|one| format!("{one:?}") == name).copied().ok_or_else(|| format!("{name} is not known"))
}
