//! Which PostgreSQL is run: the newest on this machine, installed first where there is none and we may.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// The oldest version mozyd works with.
const OLDEST: u32 = 15;
const INSTALL: &str = include_str!("install.sh");
/// Where Debian puts the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The programs of one PostgreSQL version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    bin: PathBuf,
    version: u32,
}

impl Server {
    /// Finds a server, or installs the distribution's package when there is none and we are root.
    pub fn find_or_install() -> Result<Self> {
        match Self::find()? {
            Some(server) => Ok(server),
            None => {
                install()?;
                Self::find()?
                    .context("the PostgreSQL server is still not found after its package was installed")
            }
        }
    }

    /// The server in `$PGBIN`, else the newest of Debian's, else the one in `$PATH`; an error when it is too old.
    pub fn find() -> Result<Option<Self>> {
        let named = std::env::var_os("PGBIN").filter(|dir| !dir.is_empty()).map(PathBuf::from);
        let path = std::env::var_os("PATH").unwrap_or_default();
        match named.or_else(|| newest_in(Path::new(DEBIAN))).or_else(|| in_path(&path)) {
            Some(bin) => Self::at(&bin).map(Some),
            None => Ok(None),
        }
    }

    fn at(bin: &Path) -> Result<Self> {
        ensure!(is_server(bin), "{} has no programs initdb and postgres: correct PGBIN", bin.display());
        let output = Command::new(bin.join("postgres")).arg("--version").output();
        let output = output.with_context(|| format!("running postgres in {}", bin.display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = major(&text).with_context(|| format!("postgres in {} says {text:?}", bin.display()))?;
        if version < OLDEST {
            bail!("PostgreSQL in {} has version {version}: install {OLDEST} or later", bin.display());
        }
        Ok(Self { bin: bin.into(), version })
    }

    /// The major version.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// A command that runs one of the server's programs, untouched by what the environment says about PostgreSQL.
    pub fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        for (key, _) in std::env::vars_os().filter(|(key, _)| key.to_string_lossy().starts_with("PG")) {
            command.env_remove(key);
        }
        command.env("LC_ALL", "C").stdin(Stdio::null());
        command
    }
}

fn install() -> Result<()> {
    let status = Command::new("sh").args(["-c", INSTALL]).stdout(std::io::stderr()).status();
    let status = status.context("running sh to install PostgreSQL")?;
    ensure!(status.success(), "installing PostgreSQL failed, the reason is printed above");
    Ok(())
}

fn is_server(bin: &Path) -> bool {
    bin.join("postgres").is_file() && bin.join("initdb").is_file()
}

fn newest_in(root: &Path) -> Option<PathBuf> {
    let versions = root.read_dir().ok()?.flatten();
    let numbered =
        versions.filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry)));
    let servers =
        numbered.map(|(version, entry)| (version, entry.path().join("bin"))).filter(|(_, b)| is_server(b));
    servers.max().map(|(_, bin)| bin)
}

/// Links are resolved, since initdb looks for its companions beside itself.
fn in_path(path: &OsStr) -> Option<PathBuf> {
    let programs = std::env::split_paths(path).filter_map(|dir| dir.join("postgres").canonicalize().ok());
    programs.filter_map(|program| Some(program.parent()?.to_path_buf())).find(|bin| is_server(bin))
}

/// The 15 in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`; also of `16beta1`.
fn major(text: &str) -> Option<u32> {
    let number = text.split_whitespace().nth(2)?;
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fake(root: &Path, version: &str) -> PathBuf {
        let bin = root.join(version).join("bin");
        std::fs::create_dir_all(&bin).unwrap();
        std::fs::write(bin.join("postgres"), "").unwrap();
        std::fs::write(bin.join("initdb"), "").unwrap();
        bin
    }

    #[test]
    fn the_newest_version_wins_by_number() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(newest_in(root.path()), None);
        fake(root.path(), "9");
        let seventeen = fake(root.path(), "17");
        fake(root.path(), "15");
        std::fs::create_dir_all(root.path().join("18/bin")).unwrap();
        fake(root.path(), "common");
        assert_eq!(newest_in(root.path()), Some(seventeen));
    }

    #[test]
    fn a_link_in_the_path_leads_to_the_real_directory() {
        let root = tempfile::tempdir().unwrap();
        let bin = fake(root.path(), "16");
        let links = root.path().join("links");
        std::fs::create_dir(&links).unwrap();
        std::os::unix::fs::symlink(bin.join("postgres"), links.join("postgres")).unwrap();
        assert_eq!(in_path(links.as_os_str()), Some(bin.canonicalize().unwrap()));
        assert_eq!(in_path(root.path().as_os_str()), None);
    }

    #[test]
    fn versions_are_read_as_the_server_prints_them() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major(""), None);
    }

    #[test]
    fn a_directory_without_a_server_is_refused() {
        let root = tempfile::tempdir().unwrap();
        assert!(Server::at(root.path()).unwrap_err().to_string().contains("PGBIN"));
    }
}
