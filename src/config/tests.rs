//! What a configuration may say, what it may not, and that the shipped file says it all.

use std::path::Path;
use std::time::Duration;

use super::*;

const SHIPPED: &str = include_str!("../../deploy/mozyd.toml");

const SMALLEST: &str = "\
[database]
url = \"postgres://mozyd:hunter2@localhost/mozyd\"
[secrets]
key_file = \"secrets-key\"
[osa]
public_url = \"https://mozyd.example.com:6308/\"
tls_cert_file = \"cert\"
tls_key_file = \"/etc/key\"
";

/// Keys that have no default; `log.format` depends on systemd.
const WITHOUT_DEFAULT: [&str; 15] = [
    "database.url",
    "database.url_file",
    "secrets.key_file",
    "mozy.api_key_file",
    "mozy.root_partner_id",
    "mozy.root_role_id",
    "mozy.ca_file",
    "osa.public_url",
    "osa.tls_cert_file",
    "osa.tls_key_file",
    "osa.controller_cert_file",
    "osa.oauth_key",
    "osa.oauth_secret_file",
    "admin.token_file",
    "log.format",
];

fn parse(text: &str) -> Result<Config> {
    Config::parse(Path::new("/conf/mozyd.toml"), text, &Environment::default())
}

fn with_environment(text: &str, variables: &[(&str, &str)]) -> Result<Config> {
    Config::parse(Path::new("/conf/mozyd.toml"), text, &variables.iter().copied().collect())
}

/// The problems of the smallest configuration with some lines more.
fn problems(more: &str) -> String {
    parse(&format!("{SMALLEST}{more}")).unwrap_err().to_string()
}

fn keys() -> Vec<String> {
    let source = Source::new(Path::new(""), "", &Environment::default(), &SECTIONS).unwrap();
    read(source).1
}

#[test]
fn defaults_are_those_of_the_interface() {
    let config = parse(SMALLEST).unwrap();
    assert_eq!(config.database.pool_size, 16);
    assert_eq!(config.mozy.base_url, "https://api.mozypro.com");
    assert_eq!(
        (config.mozy.version.as_str(), config.mozy.namespace.as_str()),
        ("0.1.50", "urn:ActionWebService")
    );
    assert_eq!((config.mozy.max_concurrency, config.mozy.requests_per_second), (8, 20));
    assert_eq!((config.mozy.timeout, config.mozy.settle), (Duration::from_secs(30), Duration::from_secs(60)));
    assert_eq!(config.osa.listen.to_string(), "127.0.0.1:6308");
    assert_eq!(config.osa.public_url, "https://mozyd.example.com:6308");
    assert_eq!((config.osa.auth, config.osa.model), (Auth::MutualTls, Model::Direct));
    assert_eq!(config.osa.task_patience, Duration::from_secs(600));
    assert_eq!(config.admin.listen.to_string(), "127.0.0.1:9464");
    assert_eq!((config.reconcile.mode, config.reconcile.unmanaged), (Mode::Enforce, Unmanaged::Report));
    assert_eq!((config.reconcile.interval, config.reconcile.workers), (Duration::from_secs(900), 16));
    assert!(!config.maintenance.is_open(chrono::Utc::now()));
    assert_eq!(config.refresh.schedule, "0 */15 * * * *");
    assert_eq!(config.guard.delete, Limit { percent: 5, min: 10 });
    assert_eq!(config.guard.suspend, Limit { percent: 10, min: 20 });
    assert_eq!(config.guard.downgrade, Limit { percent: 20, min: 50 });
    assert_eq!(config.guard.update, Limit { percent: 50, min: 200 });
    assert_eq!((config.log.format, config.log.level.as_str()), (None, "info"));
}

/// The line that documents a key, as `(line with the key put into force, was it commented out)`.
fn shipped_line(key: &str) -> Option<(usize, String, bool)> {
    let (section, name) = key.split_once('.')?;
    let lines: Vec<&str> = SHIPPED.lines().collect();
    let start = lines.iter().position(|line| *line == format!("[{section}]"))?;
    let length = lines.iter().skip(start + 1).take_while(|line| !line.starts_with('[')).count();
    (start + 1..=start + length).find_map(|number| {
        let line = lines.get(number)?;
        let live = line.strip_prefix('#').unwrap_or(line);
        live.starts_with(&format!("{name} = ")).then(|| (number, live.to_owned(), line.starts_with('#')))
    })
}

fn shipped_with(number: usize, line: &str) -> String {
    let replace = |(at, old)| if at == number { line } else { old };
    SHIPPED.lines().enumerate().map(replace).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_shipped_file_documents_every_key_with_its_default() {
    let plain = parse(SHIPPED).unwrap();
    for key in keys() {
        let (number, line, commented) =
            shipped_line(&key).unwrap_or_else(|| panic!("{key} is not documented"));
        if !WITHOUT_DEFAULT.contains(&key.as_str()) {
            assert!(commented, "{key} has a default and so is commented out");
            assert_eq!(parse(&shipped_with(number, &line)).as_ref(), Ok(&plain), "the default of {key}");
        }
    }
}

#[test]
fn the_shipped_file_documents_nothing_else() {
    let mut section = String::new();
    for line in SHIPPED.lines() {
        let live = line.strip_prefix('#').unwrap_or(line);
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
        } else if let Some((name, _)) = live.split_once(" = ").filter(|_| !live.starts_with(' ')) {
            assert!(keys().contains(&format!("{section}.{name}")), "{line}");
        }
    }
}

#[test]
fn every_problem_is_named_with_its_line() {
    let text =
        "[database]\npool_size = 0\nsize = 3\n[mozy]\ntimeout = 30\nsettle = \"soon\"\n[moxy]\na = 1\n";
    let found = parse(text).unwrap_err().to_string();
    for expected in [
        "/conf/mozyd.toml:2: database.pool_size: is \"0\"; allowed are 1 to 500",
        "/conf/mozyd.toml:3: database.size: there is no such key; allowed in [database] are url, url_file, pool_size, pooling",
        "/conf/mozyd.toml:5: mozy.timeout: is 30 without a unit; write for example \"30s\"",
        "/conf/mozyd.toml:6: mozy.settle: is \"soon\"; allowed are 1ms to 1h",
        "/conf/mozyd.toml:7: moxy: there is no such section; allowed are database, secrets,",
        "/conf/mozyd.toml: database.url: is missing",
        "/conf/mozyd.toml: secrets.key_file: is missing",
        "/conf/mozyd.toml: osa.tls_cert_file: is missing; osa.auth = mutual-tls needs it",
    ] {
        assert!(found.contains(expected), "no `{expected}` in:\n{found}");
    }
    assert!(found.starts_with("/conf/mozyd.toml:2:"), "in the order of the file:\n{found}");
}

#[test]
fn text_that_is_no_toml_is_refused_with_its_line_and_without_its_content() {
    let found = parse("[database]\nurl = \"postgres://mozyd:hunter2@db/mozyd\npool_size = 3\n").unwrap_err();
    assert!(found.to_string().starts_with("/conf/mozyd.toml:2: "), "{found}");
    assert!(!found.to_string().contains("hunter2"), "{found}");
}

#[test]
fn a_key_outside_of_a_section_is_refused() {
    let found = parse(&format!("pool_size = 3\n{SMALLEST}")).unwrap_err().to_string();
    assert!(found.contains(":1: pool_size: stands in no section"), "{found}");
}

#[test]
fn senseless_values_are_refused() {
    for (more, expected) in [
        ("auth = \"none\"", "osa.auth: is \"none\"; allowed are mutual-tls, oauth"),
        ("auth = \"oauth\"", "osa.oauth_key: is missing; osa.auth = oauth needs it"),
        ("listen = \"localhost\"", "osa.listen: is \"localhost\"; allowed is an address and a port"),
        ("listen = \"127.0.0.1:9464\"", "admin.listen: is 127.0.0.1:9464, as osa.listen"),
        ("oauth_key = 5", "osa.oauth_key: is a number; allowed is a text in quotes"),
        ("oauth_key = \"\"", "osa.oauth_key: is empty"),
        ("task_patience = \"0s\"", "osa.task_patience: is \"0s\"; allowed are 1s to 1day"),
        ("[admin]\nlisten = \"0.0.0.0:9464\"", "admin.listen: has no TLS; allowed are loopback addresses"),
        ("[mozy]\nbase_url = \"http://api.mozypro.com\"", "mozy.base_url: is plain http; allowed is https"),
        ("[mozy]\nbase_url = \"https://u:hunter2@host\"", "mozy.base_url: carries a user or a password"),
        ("[mozy]\nbase_url = \"ftp://host\"", "mozy.base_url: is neither https nor http"),
        ("[mozy]\nversion = \"0 1\"", "mozy.version: is too long or holds spaces"),
        ("[mozy]\nendpoint_suffix = \"api\"", "mozy.endpoint_suffix: is \"api\"; allowed is a path"),
        ("[mozy]\nroot_partner_id = 0", "mozy.root_partner_id: is \"0\"; allowed are 1 to"),
        ("[mozy]\nmax_concurrency = 2.5", "mozy.max_concurrency: is no whole number; allowed are 1 to 1024"),
        ("[reconcile]\nworkers = -1", "reconcile.workers: is \"-1\"; allowed are 1 to 1024"),
        ("[guard]\ndelete_percent = 101", "guard.delete_percent: is \"101\"; allowed are 0 to 100"),
        (
            "[refresh]\nschedule = \"*/5 * * * *\"",
            "has 5 fields; put `0 ` before it for the seconds: \"0 */5 * * * *\"",
        ),
        ("[refresh]\nschedule = \"@daily\"", "refresh.schedule: has 1 fields; allowed are 6"),
        ("[refresh]\nschedule = \"0 99 * * * *\"", "refresh.schedule: is no schedule"),
        ("[refresh]\nschedule = \"0 0 0 30 2 *\"", "refresh.schedule: is never due"),
        (
            "[maintenance]\nwindows = 3",
            "maintenance.windows: is a number; allowed is a list such as [{ schedule",
        ),
        ("[maintenance]\nwindows = [3]", "maintenance.windows: holds a number; allowed is a list"),
        (
            "[maintenance]\nwindows = [{ schedule = \"0 2 * * *\", duration = \"2h\" }]",
            "maintenance.windows: holds a window whose schedule has 5 fields",
        ),
        (
            "[maintenance]\nwindows = [{ schedule = \"0 0 2 * * *\", duration = \"8days\" }]",
            "maintenance.windows: holds a window whose duration is \"8days\"; allowed are 1s to 7days",
        ),
        (
            "[maintenance]\nwindows = [{ schedule = \"0 0 2 * * *\" }]",
            "maintenance.windows: holds a window without duration",
        ),
        (
            "[maintenance]\nwindows = [{ schedule = \"0 0 2 * * *\", duration = \"1h\", zone = \"CET\" }]",
            "maintenance.windows: holds a window with zone",
        ),
        ("[log]\nlevel = \"inof\"", "log.level: is \"inof\"; allowed are off, error"),
    ] {
        let found = problems(more);
        assert!(found.contains(expected), "no `{expected}` in:\n{found}");
        assert!(!found.contains("hunter2"), "{found}");
    }
}

#[test]
fn what_looks_like_a_secret_is_not_repeated() {
    let key = "aB3".repeat(21) + "x";
    let found = problems(&format!("[mozy]\napi_key_file = \"{key}\""));
    assert!(found.contains("mozy.api_key_file: looks like a secret") && !found.contains(&key), "{found}");
    let found = parse("[database]\nurl = \"mysql://mozyd:hunter2@db/mozyd\"").unwrap_err().to_string();
    assert!(found.contains("database.url: is no database address") && !found.contains("hunter2"), "{found}");
    assert!(!format!("{:?}", parse(SMALLEST).unwrap()).contains("hunter2"));
}

#[test]
fn without_tls_only_loopback_is_listened_at() {
    let plain = SMALLEST.replace("tls_cert_file = \"cert\"\ntls_key_file = \"/etc/key\"\n", "");
    let oauth = format!("{plain}auth = \"oauth\"\noauth_key = \"us\"\noauth_secret_file = \"oauth\"\n");
    assert!(parse(&oauth).is_ok());
    assert!(parse(&format!("{oauth}listen = \"[::1]:6308\"")).is_ok());
    let found = parse(&format!("{oauth}listen = \"0.0.0.0:6308\"")).unwrap_err().to_string();
    assert!(found.contains("osa.tls_cert_file: is missing; listening without TLS"), "{found}");
    let found = parse(&format!("{oauth}tls_cert_file = \"cert\"")).unwrap_err().to_string();
    assert!(found.contains("osa.tls_key_file: is missing"), "{found}");
}

#[test]
fn plain_http_is_allowed_on_this_machine() {
    for host in ["localhost:8080", "127.0.0.1", "127.8.9.10:1", "[::1]:80"] {
        assert!(parse(&format!("{SMALLEST}[mozy]\nbase_url = \"http://{host}\"")).is_ok(), "{host}");
    }
}

#[test]
fn the_environment_outdoes_the_file() {
    let config = with_environment(
        &format!("{SMALLEST}[mozy]\ntimeout = \"never\""),
        &[
            ("MOZYD_MOZY__TIMEOUT", "45s"),
            ("MOZYD_MOZY__MAX_CONCURRENCY", "3"),
            ("MOZYD_DATABASE__URL_FILE", "elsewhere"),
            ("MOZYD_CONFIG", "not.ours"),
        ],
    );
    let config = config.unwrap();
    assert_eq!((config.mozy.timeout, config.mozy.max_concurrency), (Duration::from_secs(45), 3));
    assert!(
        config
            .database
            .url()
            .unwrap_err()
            .to_string()
            .starts_with("MOZYD_DATABASE__URL_FILE in the environment")
    );
}

#[test]
fn windows_may_come_from_the_environment() {
    let text = "[{ schedule = \"* * * * * *\", duration = \"1h\" }]";
    let config = with_environment(SMALLEST, &[("MOZYD_MAINTENANCE__WINDOWS", text)]).unwrap();
    assert!(config.maintenance.is_open(chrono::Utc::now()));
    let found = with_environment(SMALLEST, &[("MOZYD_MAINTENANCE__WINDOWS", "sundays")]).unwrap_err();
    assert!(found.to_string().contains("maintenance.windows: is no list; allowed is a list"), "{found}");
}

#[test]
fn what_only_a_restart_takes_is_named() {
    let old = parse(SMALLEST).unwrap();
    let reload = |text: &str| old.needing_restart(&parse(text).unwrap());
    let live = "[reconcile]\nmode = \"observe\"\ninterval = \"1m\"\nworkers = 3\n[guard]\ndelete_min = 1\n\
        [maintenance]\nwindows = []\n[refresh]\nschedule = \"0 0 * * * *\"\n[log]\nlevel = \"debug\"\n\
        [mozy]\nbase_url = \"https://mozy.test\"\nmax_concurrency = 1\nrequests_per_second = 1\ntimeout = \"1s\"\nsettle = \"1s\"\n";
    assert_eq!(reload(&format!("# A line more.\n{SMALLEST}{live}")), Vec::<&str>::new());
    let fixed = "listen = \"127.0.0.1:7\"\n[admin]\nlisten = \"127.0.0.1:8\"\ntoken_file = \"token\"\n[log]\n\
        format = \"json\"\n[mozy]\napi_key_file = \"api-key\"\n";
    let moved = format!("{SMALLEST}{fixed}")
        .replace("secrets-key", "key")
        .replace("/mozyd\"", "/other\"\npool_size = 3\npooling = \"transaction\"");
    assert_eq!(
        reload(&moved),
        [
            "database.url",
            "database.pool_size",
            "database.pooling",
            "secrets.key_file",
            "mozy.api_key_file",
            "osa.listen",
            "admin.listen",
            "admin.token_file",
            "log.format"
        ]
    );
}

#[test]
fn a_bad_variable_is_named() {
    let variables = [
        ("MOZYD_DATABASE__POOL_SIZE", "many"),
        ("MOZYD_DATABASE__SIZE", "1"),
        ("MOZYD_NOTHING__AT_ALL", "1"),
        ("MOZYD_LOG_LEVEL", "debug"),
    ];
    let found = with_environment(SMALLEST, &variables).unwrap_err().to_string();
    for expected in [
        "MOZYD_DATABASE__POOL_SIZE in the environment: database.pool_size: is \"many\"; allowed are 1 to 500",
        "MOZYD_DATABASE__SIZE in the environment: database.size: there is no such key; allowed in [database] are",
        "MOZYD_NOTHING__AT_ALL in the environment: nothing.at_all: there is no such key; nor is there a section",
        "MOZYD_LOG_LEVEL in the environment: log_level: is no key; between section and key stand two underscores",
    ] {
        assert!(found.contains(expected), "no `{expected}` in:\n{found}");
    }
}

#[test]
fn the_database_has_one_address() {
    let found = parse(&SMALLEST.replace("[secrets]", "url_file = \"x\"\n[secrets]")).unwrap_err().to_string();
    assert!(found.contains(":3: database.url_file: is given beside database.url"), "{found}");
}

#[test]
fn the_database_may_be_asked_for_verified_tls() {
    let with = |words| parse(&SMALLEST.replace("localhost/mozyd", &format!("db/mozyd?{words}")));
    for words in ["sslmode=verify-full", "sslmode=verify-ca&sslrootcert=/x.pem", "sslrootcert=/x.pem"] {
        let url = with(words).unwrap().database.url().unwrap();
        assert!(url.expose().ends_with(words), "{words}");
    }
    let found = with("sslmode=verify").unwrap_err().to_string();
    assert!(found.contains("database.url: is no database address"), "{found}");
}

#[test]
fn what_is_said_twice_is_named() {
    let twice = problems("[log]\nlevel = \"info\"\nlevel = \"debug\"\n");
    assert_eq!(twice, "/conf/mozyd.toml:11: level is given twice");
    assert!(problems("[log]\n[log]\n").contains("log is given twice"), "{}", problems("[log]\n[log]\n"));
    assert_eq!(problems("[[log]]\n"), "/conf/mozyd.toml:9: log: is a section and no list; write [log], once");
}
