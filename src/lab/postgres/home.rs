//! Where a cluster lives and as whom it runs: a directory that nobody else may enter, and never root, which
//! PostgreSQL refuses to be.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::geteuid;

/// The kernel takes no longer path of a unix socket than 107 bytes; this much is ours: `/mozyd-pg-…/.s.PGSQL.65535`.
const LONGEST_BASE: usize = 107 - 64;

/// The user that PostgreSQL's programs run as when we are root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    uid: u32,
    gid: u32,
}

impl Owner {
    /// `None` when we are not root and so need nobody else.
    pub fn needed() -> Result<Option<Self>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd").context("reading /etc/passwd")?;
        let owner = Self::named(&users, "postgres").or_else(|| Self::named(&users, "nobody"));
        match owner {
            Some(owner) => Ok(Some(owner)),
            None => {
                bail!("PostgreSQL does not run as root, and there is no user postgres or nobody: add one")
            }
        }
    }

    fn named(passwd: &str, name: &str) -> Option<Self> {
        let mut fields = passwd.lines().map(|line| line.split(':')).find_map(|mut fields| {
            let found = fields.next() == Some(name);
            found.then_some(fields)
        })?;
        Some(Self { uid: fields.nth(1)?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    }

    /// Makes a command run as this user.
    pub fn runs(self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }

    /// Gives a file or directory to this user.
    pub fn owns(self, path: &Path) -> Result<()> {
        chown(path, Some(self.uid), Some(self.gid)).with_context(|| format!("giving away {}", path.display()))
    }
}

/// A directory for temporary files that is short enough for a socket and that PostgreSQL's user can reach.
pub fn temporary_base() -> Result<PathBuf> {
    let bases = [std::env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")];
    let good = bases.iter().find(|base| base.as_os_str().len() <= LONGEST_BASE && open_to_all(base));
    good.cloned().context("no directory for temporary files is short and open to all: set TMPDIR to one")
}

/// Makes a directory that only `owner`, or we, may enter; one that is there is taken over.
pub fn create(dir: &Path, owner: Option<Owner>) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .with_context(|| format!("creating {}", dir.display()))?;
    let Some(owner) = owner else { return Ok(()) };
    let parent = dir.parent().unwrap_or(dir);
    ensure!(open_to_all(parent), "{} is closed to PostgreSQL's user: choose /var/lib/…", parent.display());
    owner.owns(dir)
}

/// Whether any user may pass through the directory and all above it.
fn open_to_all(dir: &Path) -> bool {
    let passable = |dir: &Path| fs::metadata(dir).is_ok_and(|data| data.permissions().mode() & 0o001 != 0);
    dir.is_absolute() && dir.ancestors().all(passable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_whole_name() {
        let passwd =
            "postgresql:x:1:1::/:/bin/sh\npostgres:x:105:113:PostgreSQL,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(Owner::named(passwd, "postgres"), Some(Owner { uid: 105, gid: 113 }));
        assert_eq!(Owner::named(passwd, "nobody"), None);
        assert_eq!(Owner::named("nobody:x\n", "nobody"), None);
    }

    #[test]
    fn a_closed_directory_closes_those_below() {
        let base = tempfile::tempdir_in(temporary_base().unwrap()).unwrap();
        let inner = base.path().join("inner");
        fs::create_dir(&inner).unwrap();
        fs::set_permissions(base.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(!open_to_all(&inner));
        fs::set_permissions(base.path(), fs::Permissions::from_mode(0o711)).unwrap();
        assert!(open_to_all(&inner));
        assert!(!open_to_all(Path::new("relative")));
    }
}
