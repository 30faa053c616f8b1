//! What customers were promised: every use case of the subscriber's guide, played with the real daemon.
//!
//! One scenario a file, each over a [`Scene`]: given, when, then at Mozy, in OSA's bill, and in `mozyd status`, with the
//! exact calls that change Mozy, and none when everything is looked at again. All of them share one lab.
//!
//! The normal run plays all rows under the default switches with mutual TLS, and a few, or all with `GUIDE_ROWS=all` in
//! the environment, under the other switch values together and over OAuth. All rows under every single switch value, the
//! two ways of authentication in turns, printed as a table (half an hour):
//!
//! ```text
//! cargo test --test all guide::settings::every_row_under_every_setting -- --ignored --nocapture
//! ```

mod books;
mod play;
mod promise;
pub(crate) mod scene;
mod settings;

use futures_util::FutureExt;
use play::Row;

/// The scenarios: number in the guide's table, file, and whether it disturbs others.
macro_rules! rows {
    ($($number:literal $file:ident $alone:literal;)*) => {
        $(mod $file;)*

        /// Every scenario.
        const ROWS: &[Row] = &[$(Row {
            number: $number,
            file: stringify!($file),
            alone: $alone,
            play: |scene| $file::play(scene).boxed_local(),
        }),*];
    };
}

rows! {
    "1" u01_account_creation true;
    "2" u02_admin_email_in_use false;
    "3" u03_user_creation false;
    "4" u04_licences false;
    "5" u05_quota_edition false;
    "6" u06_removing_a_licence false;
    "7" u07_suspending_a_user false;
    "8" u08_removing_a_user false;
    "9" u09_sync_of_a_subscription false;
    "10" u10_sync_of_a_user false;
    "11" u11_refresh_resources true;
    "12" u12_control_panel false;
    "13" u13_upgrading false;
    "14" u14_group_creation false;
    "15" u15_group_edition false;
    "16" u16_group_deletion false;
    "17" u17_groups_tab false;
    "18" u18_group_of_a_user true;
    "19" u19_reseller_and_customer false;
    "20" u20_reseller_view false;
    "21" u21_reseller_ends false;
    "22" u22_subscription_ends false;
    "further" habits true;
    "further" instances false;
}
