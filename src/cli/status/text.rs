//! One subscription as people read it: what it is, what is wrong, what was bought, and who has what.

use crate::cli::style::{Style, Tone, printable};
use crate::cli::table::indented;
use crate::domain::status::{LicenceStatus, PoolStatus, Status, SyncStatus, UserStatus};
use std::fmt::Write as _;

/// The column in which values begin.
const LEAD: usize = 13;

/// The whole answer.
pub fn text(status: &Status) -> String {
    let style = Style::of_stdout();
    let mut page = Page { style, text: String::new() };
    page.title(status);
    page.account(status);
    page.conditions(status);
    page.line("desktop", &pool(&status.resources.desktop));
    page.line("server", &pool(&status.resources.server));
    page.line("sync", &sync(&status.resources.sync));
    for group in &status.groups {
        page.line("group", &format!("{} ({})", printable(&group.name), id(group.mozy_group_id)));
    }
    for user in &status.users {
        page.line("user", &self::user(user));
        for licence in &user.licenses {
            page.line("", &self::licence(licence));
        }
    }
    page.text
}

struct Page {
    style: Style,
    text: String,
}

impl Page {
    fn title(&mut self, status: &Status) {
        let title = format!("{} {}", status.subscription_id, printable(&status.account.company));
        let (word, tone) = super::word(status);
        let (title, word) = (self.style.paint(Tone::Bold, &title), self.style.paint(tone, word));
        let _ = writeln!(self.text, "{title}  {word}  ({})", status.model);
    }

    fn account(&mut self, status: &Status) {
        let account = &status.account;
        self.line("aps id", &status.aps_id.to_string());
        self.line("admin", &account.admin_email);
        self.line("partner", &format!("{}, group {}", id(account.partner_id), id(account.user_group_id)));
        let (wish, seen) = (status.generation, status.observed_generation);
        let wish = match status.gone {
            Some(_) => wish.to_string(),
            None if wish == seen => format!("{wish}, seen in agreement"),
            None => format!("{wish}, agreed was {seen}"),
        };
        self.line("wish", &wish);
        let time = |time: Option<chrono::DateTime<chrono::Utc>>| {
            time.map_or_else(|| "never".to_owned(), |time| format!("{} UTC", time.format("%F %T")))
        };
        match status.gone {
            Some(gone) => {
                self.line("gone", &format!("since {}; nothing more is done", time(Some(gone))));
            }
            None => {
                self.line("looked", &format!("{}, next {}", time(status.last_success), time(status.next_due)))
            }
        }
    }

    fn conditions(&mut self, status: &Status) {
        let said = status.conditions.iter().filter(|condition| !condition.message.is_empty());
        for condition in said.clone() {
            let sentence = format!("{} {}: {}", condition.kind, condition.reason, condition.message);
            self.toned("", &sentence, Tone::Warn);
        }
        if said.count() > 0 {
            self.toned("", &format!("What to do: mozyd explain {}", status.subscription_id), Tone::Faint);
        }
    }

    fn line(&mut self, name: &str, value: &str) {
        self.toned(name, value, Tone::Plain);
    }

    fn toned(&mut self, name: &str, value: &str, tone: Tone) {
        let lead = format!("  {name:<width$}", width = LEAD - 2);
        self.text.push_str(&indented(&lead, LEAD, value, tone, self.style));
    }
}

fn id(id: Option<i64>) -> String {
    id.map_or_else(|| "none yet".to_owned(), |id| id.to_string())
}

fn pool(pool: &PoolStatus) -> String {
    let bought = |bought: Option<i64>| bought.map_or("unlimited".to_owned(), |limit| limit.to_string());
    let (licences, quota) = (&pool.licenses, &pool.quota_gb);
    format!(
        "{} of {} licences assigned, {} activated; {} of {} GB assigned, {} used",
        licences.assigned,
        bought(licences.bought),
        licences.activated,
        quota.assigned,
        bought(quota.bought),
        quota.used
    )
}

fn sync(sync: &SyncStatus) -> String {
    let on = match (sync.available, sync.enabled) {
        (false, _) => "not bought",
        (true, true) => "on",
        (true, false) => "off",
    };
    let default = sync.default_quota_gb.map_or_else(|| "Mozy's".to_owned(), |quota| format!("{quota} GB"));
    format!("{on}, default {default}")
}

fn user(user: &UserStatus) -> String {
    let sync = if user.sync { ", sync" } else { "" };
    format!("{} {}{sync}", user.login, user.status)
}

fn licence(licence: &LicenceStatus) -> String {
    let key = licence.keystring.as_deref().unwrap_or("no key yet");
    let used = if licence.activated { ", activated" } else { "" };
    format!("  {:<8} {} GB  {key}{used}", licence.kind.as_str(), licence.quota_gb)
}
