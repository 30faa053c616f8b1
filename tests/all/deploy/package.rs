//! The Debian package, built as `deploy/package` builds it for everybody but of the program of this test run, holds
//! what it should and nothing else.
//!
//! dpkg-deb builds it, not cargo-deb: every Debian has it, so a fresh machine need not compile a packager for minutes;
//! the manual page and the completions must be printed by the program in any case; and the tested package is made by
//! the very lines that make the shipped one.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::{command, ours, output, read};

/// The package, in a folder of its own.
struct Package {
    path: PathBuf,
    _folder: TempDir,
}

impl Package {
    fn build() -> Option<Self> {
        command("dpkg-deb")?;
        let folder = tempfile::tempdir().unwrap();
        let mut build = Command::new(ours("deploy/package"));
        build.arg("dev").env("MOZYD", env!("CARGO_BIN_EXE_mozyd")).env("CARGO_TARGET_DIR", folder.path());
        let said = output(&mut build);
        let path = PathBuf::from(said.lines().find(|line| line.ends_with(".deb")).unwrap());
        Some(Self { path, _folder: folder })
    }

    /// What `dpkg-deb VERB PACKAGE …` says.
    fn ask(&self, verb: &str, more: &[&str]) -> String {
        output(Command::new("dpkg-deb").arg(verb).arg(&self.path).args(more))
    }
}

#[test]
fn the_package_is_what_it_should_be() {
    let Some(package) = Package::build() else { return };
    it_holds_the_daemon_and_what_an_operator_needs(&package);
    it_says_what_it_is_and_what_it_needs(&package);
    its_configuration_is_kept_and_its_scripts_are_sound(&package);
    what_the_program_prints_into_it_is_whole(&package);
    what_it_refers_to_is_there(&package);
}

fn it_holds_the_daemon_and_what_an_operator_needs(package: &Package) {
    let listed = package.ask("--contents", &[]);
    let files: Vec<(&str, &str)> = listed
        .lines()
        .filter_map(|line| Some((line.split_once(' ')?.0, line.rsplit_once(" .")?.1)))
        .filter(|(_, path)| !path.ends_with('/'))
        .collect();
    let doc = |name: &str| format!("/usr/share/doc/mozyd/{name}");
    let mut expected = vec![
        ("-rwxr-xr-x", "/usr/bin/mozyd".to_owned()),
        ("-rw-r--r--", "/etc/mozyd/mozyd.toml".to_owned()),
        ("-rw-r--r--", "/usr/lib/systemd/system/mozyd.service".to_owned()),
        ("-rw-r--r--", "/usr/share/man/man1/mozyd.1.gz".to_owned()),
        ("-rw-r--r--", "/usr/share/bash-completion/completions/mozyd".to_owned()),
        ("-rw-r--r--", "/usr/share/zsh/vendor-completions/_mozyd".to_owned()),
        ("-rw-r--r--", "/usr/share/fish/vendor_completions.d/mozyd.fish".to_owned()),
    ];
    for name in ["README.md", "copyright", "changelog.gz", "pgbouncer.md", "runbook.md"] {
        expected.push(("-rw-r--r--", doc(name)));
    }
    for name in ["grafana/daemon.json", "grafana/overview.json", "prometheus/mozyd.rules.yml"] {
        expected.push(("-rw-r--r--", doc(name)));
    }
    let mut files: Vec<_> = files.into_iter().map(|(mode, path)| (mode, path.to_owned())).collect();
    files.sort();
    expected.sort();
    assert_eq!(files, expected);
    assert!(listed.lines().all(|line| line.contains(" root/root ")), "{listed}");
}

fn it_says_what_it_is_and_what_it_needs(package: &Package) {
    let field = |name: &str| package.ask("--field", &[name]).trim().to_owned();
    assert_eq!((field("Package"), field("Version")), ("mozyd".into(), env!("CARGO_PKG_VERSION").into()));
    let depends = field("Depends");
    assert!(depends.contains("ca-certificates") && depends.contains("libc6 (>= 2."), "{depends}");
    assert!(!depends.contains("libpq"), "{depends}");
    let newest = read("deploy/debian/changelog");
    assert!(newest.starts_with(&format!("mozyd ({}) ", env!("CARGO_PKG_VERSION"))), "{newest}");
}

fn its_configuration_is_kept_and_its_scripts_are_sound(package: &Package) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    package.ask("--control", &[&path("")]);
    let conffiles = std::fs::read_to_string(path("conffiles")).unwrap();
    assert_eq!(conffiles, "/etc/mozyd/mozyd.toml\n");
    for name in ["postinst", "prerm", "postrm"] {
        output(Command::new("sh").args(["-n", &path(name)]));
    }
    package.ask("--extract", &[&path("root")]);
    output(Command::new("md5sum").args(["--check", "--quiet", &path("md5sums")]).current_dir(path("root")));
}

fn what_the_program_prints_into_it_is_whole(package: &Package) {
    let folder = tempfile::tempdir().unwrap();
    package.ask("--extract", &[&folder.path().display().to_string()]);
    let share = folder.path().join("usr/share");
    let page = output(Command::new("zcat").arg(share.join("man/man1/mozyd.1.gz")));
    assert!(page.contains(".TH mozyd 1") && page.contains("MOZYD APPROVE"), "{page:.200}");
    for name in ["bash-completion/completions/mozyd", "zsh/vendor-completions/_mozyd"] {
        let completions = std::fs::read_to_string(share.join(name)).unwrap();
        assert!(completions.contains("check-config") && completions.contains("approve"), "{name}");
    }
    output(Command::new("bash").arg("-n").arg(share.join("bash-completion/completions/mozyd")));
}

/// The README alone speaks of the repository, to whoever has it.
fn what_it_refers_to_is_there(package: &Package) {
    let folder = tempfile::tempdir().unwrap();
    package.ask("--extract", &[&folder.path().display().to_string()]);
    let inside = |path: &str| folder.path().join(path.trim_start_matches('/'));
    let doc = "/usr/share/doc/mozyd/";
    let read = |path: &str| std::fs::read_to_string(inside(path)).unwrap();
    let mut named = 0;
    for path in
        ["etc/mozyd/mozyd.toml", "usr/lib/systemd/system/mozyd.service"].map(str::to_owned).into_iter().chain(
            [
                "runbook.md",
                "pgbouncer.md",
                "prometheus/mozyd.rules.yml",
                "grafana/overview.json",
                "grafana/daemon.json",
            ]
            .map(|name| format!("{doc}{name}")),
        )
    {
        let text = read(&path);
        assert!(!text.contains("deploy/"), "{path} names a file of the repository");
        for rest in text.split(doc).skip(1) {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || "/._-".contains(c))).unwrap_or(rest.len());
            let name = rest[..end].trim_end_matches('.');
            assert!(inside(&format!("{doc}{name}")).exists(), "{path} names {doc}{name}");
            named += 1;
        }
    }
    assert!(named > 15, "{named}");
}
