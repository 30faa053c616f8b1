//! What every act works with: the lab, the screen, and asking OSA for something while a person watches.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use futures_util::TryStreamExt;
use futures_util::stream;

use super::cast::Customer;
use crate::cli::style::Tone;
use crate::lab::Lab;
use crate::lab::compare;
use crate::lab::screen::{Screen, Speaker, seconds};
use crate::sim::osa::{Refused, Task, TaskRecord};

/// So many customers do something at once.
const AT_ONCE: usize = 16;
/// What it may take until everything agrees again.
const AGREEMENT: Duration = Duration::from_secs(30);

/// A stage.
#[derive(Clone, Copy)]
pub struct Stage<'a> {
    /// The lab.
    pub lab: &'a Lab,
    /// The screen.
    pub screen: &'a Screen,
}

impl Stage<'_> {
    /// Asks OSA for something and waits for the task's end; what mozyd said of it meanwhile is shown.
    pub async fn ask(&self, what: &str, task: Result<Task, Refused>) -> Result<TaskRecord> {
        let begun = Instant::now();
        let done = self.lab.done(task).await;
        let (tone, how) = match &done {
            Ok(record) => (Tone::Plain, format!("done in {}{}", seconds(begun.elapsed()), said(record))),
            Err(error) => (Tone::Bad, format!("failed after {}: {error:#}", seconds(begun.elapsed()))),
        };
        self.screen.say(Speaker::OsaAsks, tone, &format!("{what}: {how}"));
        done
    }

    /// Something happens outside.
    pub fn meanwhile(&self, what: &str) {
        self.screen.say(Speaker::Outside, Tone::Plain, what);
    }

    /// Waits until both simulators agree, with fresh bills.
    pub async fn agreement(&self) -> Result<()> {
        let (osa, mozy) = (self.lab.osa(), self.lab.mozy());
        compare::agreement(osa, mozy, AGREEMENT, async || self.bill().await).await
    }

    /// OSA's usage task.
    pub async fn bill(&self) -> Result<()> {
        let collection = self.lab.osa().collect_usage(self.lab.instance()).await?;
        match collection.failed.first() {
            None => Ok(()),
            Some((tenant, why)) => bail!("collecting the usage of {tenant}: {why}"),
        }
    }
}

/// Everybody does the same at once; the first failure ends it.
pub async fn each(cast: &mut [Customer], play: impl AsyncFn(&mut Customer) -> Result<()>) -> Result<()> {
    let all = stream::iter(cast.iter_mut().map(Ok));
    all.try_for_each_concurrent(AT_ONCE, |customer| play(customer)).await
}

/// What mozyd had to say, each text once.
fn said(record: &TaskRecord) -> String {
    let mut texts = record.infos();
    texts.dedup();
    match texts.is_empty() {
        true => String::new(),
        false => format!(" (\"{}\")", texts.join("\", \"")),
    }
}
