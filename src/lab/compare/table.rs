//! The last word of a lab: every subscription on four lines, what differs marked, and below it in words.

use super::picture::{Picture, Pool, Standing};
use super::{Row, Usage};
use crate::cli::style::{Style, Tone};
use crate::cli::table::Table;
use crate::sim::osa::Counter;

const HEADINGS: [&str; 9] =
    ["SUBSCRIPTION", "", "STATE", "DESKTOP/GB", "SERVER/GB", "SYNC", "GROUPS", "USERS", "KEYS"];
const WIDTH: usize = 100;
/// The longest name that leaves room for the numbers.
const NAME: usize = 20;
/// Of what is gone there is nothing to say.
const NOTHING: &str = "-";

/// The table, and under it every difference.
pub fn table(rows: &[Row], style: Style) -> String {
    let mut table = Table::new(&HEADINGS);
    for row in rows {
        lines(row).into_iter().for_each(|cells| table.row(cells));
    }
    let mut text = table.render_with(style, WIDTH);
    for row in rows {
        for difference in &row.differences {
            let line = format!("differs: {} {}: {difference}", row.number, row.company);
            text.push_str(&format!("{}\n", style.paint(Tone::Bad, &line)));
        }
    }
    text
}

type Cells = Vec<(Tone, String)>;

fn lines(row: &Row) -> Vec<Cells> {
    let (wanted, actual) = (of_picture(&row.wanted), of_picture(&row.actual));
    let company: String = row.company.chars().take(NAME).collect();
    let mut lines = vec![
        line(&row.number.to_string(), "wanted", plain(&wanted)),
        line(&company, "actual", beside(&wanted, &actual)),
    ];
    if row.wanted.standing != Standing::Gone {
        let (billed, in_use) = (of_usage(&row.billed), of_usage(&row.in_use));
        lines.push(line("", "billed", beside(&in_use, &billed)));
        lines.push(line("", "in use", plain(&in_use)));
    }
    if !row.differences.is_empty() {
        lines.iter_mut().for_each(|line| line[0].0 = Tone::Bad);
    }
    lines
}

fn line(title: &str, side: &str, cells: Cells) -> Cells {
    let title = [(Tone::Bold, title.to_owned()), (Tone::Faint, side.to_owned())];
    title.into_iter().chain(cells).collect()
}

fn plain(texts: &[String]) -> Cells {
    texts.iter().map(|text| (Tone::Plain, text.clone())).collect()
}

/// The second, marked where it differs from the first.
fn beside(wanted: &[String], actual: &[String]) -> Cells {
    let cell = |(wanted, actual): (&String, &String)| match actual.as_str() {
        NOTHING => (Tone::Plain, actual.clone()),
        same if wanted == same || wanted.contains('∞') => (Tone::Good, actual.clone()),
        "" => (Tone::Bad, "none !".to_owned()),
        _ => (Tone::Bad, format!("{actual} !")),
    };
    wanted.iter().zip(actual).map(cell).collect()
}

fn of_picture(picture: &Picture) -> Vec<String> {
    let Picture { standing, desktop, server, sync, groups, users, .. } = picture;
    if *standing == Standing::Gone {
        return std::iter::once(standing.as_str()).chain([NOTHING; 6]).map(str::to_owned).collect();
    }
    vec![
        standing.as_str().to_owned(),
        of_pool(*desktop),
        of_pool(*server),
        if *sync { "on" } else { "off" }.to_owned(),
        groups.len().to_string(),
        users.len().to_string(),
        picture.keys().to_string(),
    ]
}

fn of_pool(Pool { keys, gb }: Pool) -> String {
    let said = |number: Option<i64>| number.map_or_else(|| "∞".to_owned(), |number| number.to_string());
    format!("{}/{}", said(keys), said(gb))
}

fn of_usage(usage: &Usage) -> Vec<String> {
    let said = |counter: Counter| usage.get(counter.name()).map(i64::to_string);
    let pool = |keys, gb| match (said(keys), said(gb)) {
        (None, None) => String::new(),
        (keys, gb) => format!("{}/{}", keys.unwrap_or_default(), gb.unwrap_or_default()),
    };
    let sync = usage.get(Counter::SyncAvailable.name()).map(|on| if *on == 0 { "off" } else { "on" });
    vec![
        String::new(),
        pool(Counter::DesktopLicenseNum, Counter::DesktopQuota),
        pool(Counter::ServerLicenseNum, Counter::ServerQuota),
        sync.unwrap_or_default().to_owned(),
        String::new(),
        String::new(),
        String::new(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(actual: Picture) -> Row {
        let wanted = Picture {
            standing: Standing::Active,
            desktop: Pool::of(7, 175),
            server: Pool { keys: Some(2), gb: None },
            ..Picture::default()
        };
        let differences = wanted.differences(&actual);
        let in_use = Usage::from([("desktopLicenseNum", 3), ("desktopQuota", 60)]);
        let billed = if actual.standing == Standing::Gone { Usage::new() } else { in_use.clone() };
        let company = "Acme & Daughters".to_owned();
        Row { number: 1_000_002, company, wanted, actual, billed, in_use, differences }
    }

    #[test]
    fn a_difference_is_marked_and_named() {
        let actual = Picture {
            standing: Standing::Active,
            desktop: Pool::of(7, 100),
            server: Pool::of(2, 90),
            ..Picture::default()
        };
        insta::assert_snapshot!(table(&[row(actual), row(Picture::default())], Style::plain()), @r"
        SUBSCRIPTION              STATE   DESKTOP/GB  SERVER/GB  SYNC  GROUPS  USERS  KEYS
        1000002           wanted  active  7/175       2/∞        off   0       0      0
        Acme & Daughters  actual  active  7/100 !     2/90       off   0       0      0
                          billed          3/60
                          in use          3/60
        1000002           wanted  active  7/175       2/∞        off   0       0      0
        Acme & Daughters  actual  gone !  -           -          -     -       -      -
                          billed          none !
                          in use          3/60
        differs: 1000002 Acme & Daughters: desktop GB: wanted 175, Mozy has 100
        differs: 1000002 Acme & Daughters: state: wanted active, Mozy has gone
        ");
    }
}
