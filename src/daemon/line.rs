//! The line before Mozy's door in this daemon: corrective calls go first, then all calls of a person's change, the others
//! still move, and nobody goes faster than our part of the budget allows. No clock of its own.

use crate::domain::budget::{Share, Standing};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Of so many calls one goes that is patient, if one waits.
const TURN: u32 = 8;

/// What is not used is kept for one part in so many of a second: enough to look at somebody and to correct him at once.
const SAVED: f64 = 2.0;

/// In none of these are there more calls than the budget allows, whatever was saved.
const SPAN: Duration = Duration::from_secs(1);

/// Without a part of the budget we ask for one again after so long.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// Whose turn comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// What corrects: it is in the ledger already, and must not wait for long.
    Write,
    /// Somebody waits.
    Urgent,
    /// Nobody does.
    Patient,
}

/// Tickets of type `T` that wait, and what may be let in.
pub struct Line<T> {
    share: Share,
    /// Until when the share is ours; the past when we have none.
    until: Instant,
    asked: Option<Instant>,
    /// When we were last told which share is ours, if only of nothing.
    told: Option<Instant>,
    standing: Standing,
    heard: Instant,
    tokens: f64,
    filled: Instant,
    waiting: [VecDeque<T>; 3],
    inside: [u32; 3],
    turns: u32,
    used: Instant,
    /// When calls of the last [`SPAN`] were let in.
    went: VecDeque<Instant>,
}

/// What whoever waits waits for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Wait {
    /// Mozy asked us to wait for so long still.
    Paused(Duration),
    /// A part of the budget must be asked for.
    Share,
    /// Until then, or until a place is free.
    Until(Instant),
}

impl<T> Line<T> {
    /// Nobody waits, and no part of the budget is ours yet.
    pub fn new(now: Instant) -> Self {
        Self {
            share: Share::default(),
            until: now,
            asked: None,
            told: None,
            standing: Standing::default(),
            heard: now,
            tokens: 0.0,
            filled: now,
            waiting: Default::default(),
            inside: [0; 3],
            turns: 0,
            used: now,
            went: VecDeque::new(),
        }
    }

    /// Joins the line.
    pub fn join(&mut self, ticket: T, turn: Turn) {
        self.waiting[turn as usize].push_back(ticket);
    }

    /// Whoever is not there any more leaves the line.
    pub fn keep(&mut self, is_there: impl Fn(&T) -> bool) {
        self.waiting.iter_mut().for_each(|line| line.retain(&is_there));
    }

    /// A part of the budget is ours from `asked` for so long. Of a first part, what may be saved may be used at once.
    pub fn share(&mut self, share: Share, asked: Instant, lease: Duration, now: Instant) {
        self.fill(now);
        let first = now >= self.until;
        (self.share, self.until, self.told) = (share, asked + lease, Some(now));
        if first {
            self.tokens = self.most(now);
        }
    }

    /// Somebody asks for a part of the budget; false when somebody just did.
    pub fn asks(&mut self, now: Instant) -> bool {
        let may = self.asked.is_none_or(|asked| now >= asked + ASK_AGAIN);
        self.asked = if may { Some(now) } else { self.asked };
        may
    }

    /// How the credential stands, as just heard.
    pub fn stands(&mut self, standing: Standing, now: Instant) {
        self.fill(now);
        (self.standing, self.heard) = (standing, now);
    }

    /// How the credential stands now.
    pub fn standing(&self, now: Instant) -> Standing {
        self.standing.later(now.saturating_duration_since(self.heard))
    }

    /// Calls under way.
    pub fn busy(&self) -> u32 {
        self.inside.iter().sum()
    }

    /// Whether somebody used it within `span`, or wants to.
    pub fn is_used(&self, now: Instant, span: Duration) -> bool {
        self.busy() > 0 || self.waiting.iter().any(|line| !line.is_empty()) || now < self.used + span
    }

    /// Whether a part of the budget is ours.
    pub fn has_share(&self, now: Instant) -> bool {
        now < self.until
    }

    /// For how long nobody who waits since `begun` was told which part is ours.
    pub fn untold(&self, begun: Instant, now: Instant) -> Duration {
        now.saturating_duration_since(self.told.map_or(begun, |told| told.max(begun)))
    }

    /// The part of the budget was given back.
    pub fn leave(&mut self, now: Instant) {
        self.until = now;
    }

    /// Lets the next one in, if one may go now; says whose turn it was.
    pub fn next(&mut self, now: Instant) -> Option<(T, Turn)> {
        self.fill(now);
        let full = self.tokens < 1.0 || self.busy() >= self.places(now) || self.crowded(now).is_some();
        if full || self.closed(now).is_some() {
            return None;
        }
        let turn = self.turn(now)?;
        let ticket = self.waiting[turn as usize].pop_front()?;
        self.inside[turn as usize] += 1;
        self.tokens -= 1.0;
        self.turns = self.turns.wrapping_add(1);
        self.used = now;
        self.went.push_back(now);
        Some((ticket, turn))
    }

    /// A call is over.
    pub fn leaves(&mut self, turn: Turn) {
        let inside = &mut self.inside[turn as usize];
        *inside = inside.saturating_sub(1);
    }

    /// Whoever was let in had gone already.
    pub fn was_gone(&mut self, turn: Turn) {
        self.leaves(turn);
        self.tokens += 1.0;
        self.went.pop_back();
    }

    /// What the first in line waits for.
    pub fn wait(&self, now: Instant) -> Wait {
        match self.closed(now) {
            Some(Wait::Share) if self.asked.is_some_and(|asked| now < asked + ASK_AGAIN) => {
                Wait::Until(self.asked.unwrap_or(now) + ASK_AGAIN)
            }
            Some(wait) => wait,
            None => {
                let rate = self.rate(now).max(f64::MIN_POSITIVE);
                let missing = ((1.0 - self.tokens) / rate).clamp(0.0, 3600.0);
                let token = self.filled + Duration::from_secs_f64(missing);
                let token = self.crowded(now).map_or(token, |until| until.max(token));
                Wait::Until(if token > now { token.min(self.until) } else { self.until })
            }
        }
    }

    fn closed(&self, now: Instant) -> Option<Wait> {
        if let Some(left) = self.standing(now).paused() {
            return Some(Wait::Paused(left));
        }
        let none = !self.has_share(now) || self.share.places == 0 || self.share.rate <= 0.0;
        none.then_some(Wait::Share)
    }

    /// One place is not for patient calls, unless it is the only one.
    fn turn(&self, now: Instant) -> Option<Turn> {
        let waits = |turn: Turn| !self.waiting[turn as usize].is_empty();
        let places = self.places(now);
        let may = places - u32::from(places > 1);
        let patient = waits(Turn::Patient) && self.inside[Turn::Patient as usize] < may;
        let first = [Turn::Write, Turn::Urgent].into_iter().find(|turn| waits(*turn));
        match first {
            None => patient.then_some(Turn::Patient),
            Some(_) if patient && self.turns % TURN == TURN - 1 => Some(Turn::Patient),
            first => first,
        }
    }

    fn places(&self, now: Instant) -> u32 {
        (f64::from(self.share.places) * self.standing(now).pace_now()).ceil() as u32
    }

    fn rate(&self, now: Instant) -> f64 {
        self.share.rate * self.standing(now).pace_now()
    }

    /// What is kept of what was not used.
    fn most(&self, now: Instant) -> f64 {
        (self.rate(now) / SAVED).min(f64::from(self.places(now))).max(1.0)
    }

    /// Until when there were as many calls within a [`SPAN`] as the budget allows.
    fn crowded(&self, now: Instant) -> Option<Instant> {
        let allowed = self.rate(now).ceil().max(1.0) as usize;
        let first = *self.went.get(self.went.len().checked_sub(allowed)?)?;
        Some(first + SPAN).filter(|until| *until > now)
    }

    /// What was not used is kept for a moment; while calls are paused nothing grows.
    fn fill(&mut self, now: Instant) {
        while self.went.front().is_some_and(|at| *at + SPAN <= now) {
            self.went.pop_front();
        }
        let resumed = self.standing(now).resumed.max(0.0);
        let grown = now.saturating_duration_since(self.filled).as_secs_f64().min(resumed);
        self.tokens = (self.tokens + grown * self.rate(now)).min(self.most(now));
        self.filled = now;
    }
}

#[cfg(test)]
mod tests;
