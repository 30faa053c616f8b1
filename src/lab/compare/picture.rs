//! A subscription as a value that can be drawn from either side, and how two of them differ, in words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// Whether there is an account at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// There is none.
    #[default]
    Gone,
    /// There is one, and it works.
    Active,
    /// There is one, and it is suspended.
    Suspended,
}

impl Standing {
    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Gone => "gone",
            Standing::Active => "active",
            Standing::Suspended => "suspended",
        }
    }
}

/// Keys and GB of one kind; `None` is unlimited, which nothing differs from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// Keys.
    pub keys: Option<i64>,
    /// GB.
    pub gb: Option<i64>,
}

impl Pool {
    /// So many keys, so many GB.
    pub fn of(keys: i64, gb: i64) -> Self {
        Self { keys: Some(keys), gb: Some(gb) }
    }
}

/// A key as both sides know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// `Desktop` or `Server`.
    pub kind: String,
    /// GB.
    pub gb: i64,
}

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// The name shown.
    pub name: String,
    /// His group; none is the default group.
    pub group: Option<String>,
    /// Whether he is suspended.
    pub suspended: bool,
    /// GB of sync, where he has it.
    pub sync: Option<i64>,
    /// His keys by keystring.
    pub keys: BTreeMap<String, Key>,
}

/// A subscription as one side has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// Whether it is there and works.
    pub standing: Standing,
    /// Desktop.
    pub desktop: Pool,
    /// Server.
    pub server: Pool,
    /// Whether sync is on.
    pub sync: bool,
    /// The groups that the customer made.
    pub groups: BTreeSet<String>,
    /// By login, in lower case.
    pub users: BTreeMap<String, User>,
    /// Keys that belong to no user.
    pub strays: BTreeSet<String>,
}

impl Picture {
    /// How many keys the users have.
    pub fn keys(&self) -> usize {
        self.users.values().map(|user| user.keys.len()).sum()
    }

    /// How `actual` differs from this, which is what is wanted.
    pub fn differences(&self, actual: &Picture) -> Vec<String> {
        let Picture { standing, desktop, server, sync, groups, users, strays } = self;
        let mut found = Differences::default();
        found.note("state", &standing.as_str(), &actual.standing.as_str());
        if *standing == Standing::Gone || actual.standing == Standing::Gone {
            return found.0;
        }
        found.pool("desktop", *desktop, actual.desktop);
        found.pool("server", *server, actual.server);
        found.note("sync", sync, &actual.sync);
        found.names("group", groups, &actual.groups);
        found.names("key of nobody", strays, &actual.strays);
        let names = |users: &BTreeMap<String, User>| users.keys().cloned().collect();
        found.names("user", &names(users), &names(&actual.users));
        for (login, user) in users {
            if let Some(actual) = actual.users.get(login) {
                found.user(login, user, actual);
            }
        }
        found.0
    }
}

#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn note<T: PartialEq + Display>(&mut self, what: &str, wanted: &T, actual: &T) {
        if wanted != actual {
            self.0.push(format!("{what}: wanted {wanted}, Mozy has {actual}"));
        }
    }

    fn limit(&mut self, what: &str, wanted: Option<i64>, actual: Option<i64>) {
        if let Some(wanted) = wanted {
            self.note(what, &wanted, &actual.unwrap_or_default());
        }
    }

    fn pool(&mut self, kind: &str, wanted: Pool, actual: Pool) {
        self.limit(&format!("{kind} keys"), wanted.keys, actual.keys);
        self.limit(&format!("{kind} GB"), wanted.gb, actual.gb);
    }

    fn names(&mut self, what: &str, wanted: &BTreeSet<String>, actual: &BTreeSet<String>) {
        let missing = wanted.difference(actual).map(|name| format!("{what} {name}: wanted, and not at Mozy"));
        let surplus = actual.difference(wanted).map(|name| format!("{what} {name}: at Mozy, and not wanted"));
        self.0.extend(missing.chain(surplus));
    }

    fn user(&mut self, login: &str, wanted: &User, actual: &User) {
        let User { name, group, suspended, sync, keys } = wanted;
        let in_group = |group: &Option<String>| group.clone().unwrap_or_else(|| "the default group".into());
        let gb = |sync: Option<i64>| sync.map_or_else(|| "off".into(), |gb| format!("{gb} GB"));
        self.note(&format!("name of {login}"), name, &actual.name);
        self.note(&format!("group of {login}"), &in_group(group), &in_group(&actual.group));
        self.note(&format!("{login} suspended"), suspended, &actual.suspended);
        self.note(&format!("sync of {login}"), &gb(*sync), &gb(actual.sync));
        let names = |keys: &BTreeMap<String, Key>| keys.keys().cloned().collect();
        self.names(&format!("key of {login}"), &names(keys), &names(&actual.keys));
        for (keystring, key) in keys {
            if let Some(actual) = actual.keys.get(keystring) {
                self.note(&format!("kind of key {keystring}"), &key.kind, &actual.kind);
                self.note(&format!("GB of key {keystring}"), &key.gb, &actual.gb);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Picture {
        let key = Key { kind: "Desktop".into(), gb: 20 };
        let ann = User { name: "Ann".into(), keys: [("K1".into(), key)].into(), ..User::default() };
        Picture {
            standing: Standing::Active,
            desktop: Pool::of(5, 100),
            users: [("ann@acme.test".into(), ann)].into(),
            ..Picture::default()
        }
    }

    #[test]
    fn the_same_does_not_differ_and_unlimited_never_does() {
        assert_eq!(picture().differences(&picture()), Vec::<String>::new());
        let unlimited = Picture { desktop: Pool::default(), ..picture() };
        assert_eq!(unlimited.differences(&picture()), Vec::<String>::new());
    }

    #[test]
    fn every_field_is_looked_at() {
        type Change = (&'static str, fn(&mut Picture));
        let changes: [Change; 12] = [
            ("state", |p| p.standing = Standing::Suspended),
            ("desktop keys", |p| p.desktop.keys = Some(4)),
            ("desktop GB", |p| p.desktop.gb = None),
            ("sync", |p| p.sync = true),
            ("group Sales", |p| p.groups = ["Sales".into()].into()),
            ("key of nobody", |p| p.strays = ["K9".into()].into()),
            ("user ann", |p| p.users.clear()),
            ("name of ann", |p| ann(p).name = "Anne".into()),
            ("group of ann", |p| ann(p).group = Some("Sales".into())),
            ("suspended", |p| ann(p).suspended = true),
            ("sync of ann", |p| ann(p).sync = Some(2)),
            ("GB of key K1", |p| ann(p).keys.values_mut().for_each(|key| key.gb = 21)),
        ];
        for (what, change) in changes {
            let mut actual = picture();
            change(&mut actual);
            let found = picture().differences(&actual);
            assert!(found.len() == 1 && found[0].contains(what), "{what}: {found:?}");
        }
    }

    fn ann(picture: &mut Picture) -> &mut User {
        picture.users.get_mut("ann@acme.test").unwrap()
    }

    #[test]
    fn what_is_gone_differs_in_one_thing_only() {
        let found = Picture::default().differences(&picture());
        assert_eq!(found, ["state: wanted gone, Mozy has active"]);
    }
}
