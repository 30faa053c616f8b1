//! What a reload takes at once and what needs a restart. Every section is taken apart here, so that a new key does not
//! compile until somebody has decided.

use super::{Admin, Config, Database, Log, Mozy, Osa, Reconcile};

/// Names the keys whose values differ.
macro_rules! differing {
    ($old:expr, $new:expr, $section:literal: $($key:ident),*) => {
        [$((concat!($section, ".", stringify!($key)), $old.$key != $new.$key)),*]
            .into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key)
    };
}

impl Config {
    /// The keys that differ in `new` and are taken by a restart only: what is listened at, opened or signed with is
    /// made once, and a file that is named is read once. Everything else may be taken at once.
    pub fn needing_restart(&self, new: &Config) -> Vec<&'static str> {
        // The sections without a restart: guard, maintenance and refresh are read anew each time.
        let Config {
            database,
            secrets,
            mozy,
            osa,
            admin,
            reconcile: _,
            maintenance: _,
            refresh: _,
            guard: _,
            log,
        } = self;
        let Database { url: _, pool_size: _, pooling: _ } = database;
        let Mozy {
            base_url: _,
            version: _,
            namespace: _,
            wsdl_suffix: _,
            endpoint_suffix: _,
            api_key_file: _,
            root_partner_id: _,
            root_role_id: _,
            ca_file: _,
            max_concurrency: _,
            requests_per_second: _,
            timeout: _,
            settle: _,
        } = mozy;
        let Admin { listen: _, token_file: _ } = admin;
        let Log { format: _, level: _ } = log;
        let Reconcile { mode: _, interval: _, workers: _, unmanaged: _ } = &self.reconcile;
        let secret = (secrets.key_file != new.secrets.key_file).then_some("secrets.key_file");
        differing!(database, new.database, "database": url, pool_size, pooling)
            .chain(secret)
            .chain(differing!(mozy, new.mozy, "mozy": api_key_file, ca_file))
            .chain(differing_osa(osa, &new.osa))
            .chain(differing!(admin, new.admin, "admin": listen, token_file))
            .chain(differing!(log, new.log, "log": format))
            .collect()
    }
}

fn differing_osa(old: &Osa, new: &Osa) -> Vec<&'static str> {
    differing!(old, new, "osa": listen, public_url, tls_cert_file, tls_key_file, controller_cert_file, auth,
        oauth_key, oauth_secret_file, task_patience, model)
    .collect()
}
