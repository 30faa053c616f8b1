//! A lab's directory: private, gone with the lab, but for the logs where somebody is to read them.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

/// The directory.
pub struct Home {
    path: PathBuf,
    logs_stay: AtomicBool,
}

impl Home {
    /// A new directory for temporary files that nobody else may enter.
    pub fn new() -> Result<Self> {
        let name = format!("mozy-lab-{}", &uuid::Uuid::new_v4().simple().to_string()[..12]);
        let path = std::env::temp_dir().join(name);
        DirBuilder::new().mode(0o700).create(&path).with_context(|| format!("making {}", path.display()))?;
        Ok(Self { path, logs_stay: AtomicBool::new(false) })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file that only we may read, and says where it is.
    pub fn secret(&self, name: &str, content: &str) -> Result<PathBuf> {
        let path = self.path.join(name);
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(content.as_bytes()))
            .with_context(|| format!("writing {}", path.display()))?;
        Ok(path)
    }

    /// The log of a program.
    pub fn log(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.log"))
    }

    /// Lets the logs outlive the lab; all else, secrets above all, still goes.
    pub fn keep_logs(&self) {
        self.logs_stay.store(true, Ordering::Relaxed);
    }

    fn remove_all_but_logs(&self) -> std::io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "log") {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // A drop has nobody to report to.
        let _ = match self.logs_stay.load(Ordering::Relaxed) {
            true => self.remove_all_but_logs(),
            false => fs::remove_dir_all(&self.path),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn it_is_private_and_goes() {
        let home = Home::new().unwrap();
        let path = home.path().to_owned();
        let secret = home.secret("key", "s3cret").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&secret)), (0o700, 0o600));
        drop(home);
        assert!(!path.exists());
    }

    #[test]
    fn logs_may_stay_but_no_secret() {
        let home = Home::new().unwrap();
        let path = home.path().to_owned();
        home.secret("key", "s3cret").unwrap();
        fs::write(home.log("mozyd"), "ready").unwrap();
        home.keep_logs();
        drop(home);
        let left: Vec<_> = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["mozyd.log"]);
        fs::remove_dir_all(path).unwrap();
    }
}
