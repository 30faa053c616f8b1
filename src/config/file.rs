//! A file that a key names: found among systemd's credentials or beside the configuration, bounded, trimmed.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::problem::{Origin, Problem};
use super::secret::Secret;

const LARGEST: u64 = 1024 * 1024;

/// A file named by a key; it is read when asked for, not before.
#[derive(Clone, Debug)]
pub(super) struct FileRef {
    key: String,
    origin: Origin,
    candidates: Vec<PathBuf>,
}

/// Two are the same if they lead to the same place, on whichever line they stand.
impl PartialEq for FileRef {
    fn eq(&self, other: &Self) -> bool {
        (&self.key, &self.candidates) == (&other.key, &other.candidates)
    }
}

impl Eq for FileRef {}

impl FileRef {
    pub(super) fn new(key: String, origin: Origin, candidates: Vec<PathBuf>) -> Self {
        FileRef { key, origin, candidates }
    }

    /// The file: the first place where it exists, else the last that was looked at.
    pub(super) fn path(&self) -> &Path {
        let found = self.candidates.iter().find(|path| path.exists());
        found.or(self.candidates.last()).map_or(Path::new(""), PathBuf::as_path)
    }

    /// The content without the white space around it; a file that is empty, not text or above 1 MiB is a problem.
    pub(super) fn text(&self) -> Result<String, Problem> {
        let mut text = String::new();
        let read = File::open(self.path()).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text));
        match read {
            Err(error) => Err(self.problem(format!("cannot be read: {error}{}", self.looked_at()))),
            Ok(size) if size as u64 > LARGEST => Err(self.problem("is larger than 1 MiB")),
            Ok(_) if text.trim().is_empty() => Err(self.problem("is empty")),
            Ok(_) => Ok(text.trim().to_owned()),
        }
    }

    /// The content as a secret.
    pub(super) fn secret(&self) -> Result<Secret, Problem> {
        self.text().map(Secret::new)
    }

    /// A problem with the content; the message must not repeat it.
    pub(super) fn problem(&self, message: impl AsRef<str>) -> Problem {
        let message = format!("the file {} {}", self.path().display(), message.as_ref());
        Problem::new(self.key.clone(), self.origin.clone(), message)
    }

    fn looked_at(&self) -> String {
        match self.candidates.split_last() {
            Some((_, before)) if !before.is_empty() => {
                let places: Vec<String> = before.iter().map(|path| path.display().to_string()).collect();
                format!(" (nor is there {})", places.join(" or "))
            }
            _ => String::new(),
        }
    }
}
