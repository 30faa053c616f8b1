//! A table for 80 columns: the last column wraps on a terminal, and stays whole for grep.

use std::io::{self, IsTerminal};

use super::style::{Style, Tone, printable};

const WIDTH: usize = 80;
const GAP: &str = "  ";
/// A cell is not cut shorter than this.
const SHORTEST_CELL: usize = 8;

/// Rows below headings; every cell has a tone.
pub struct Table {
    headings: Vec<String>,
    rows: Vec<Vec<(Tone, String)>>,
}

impl Table {
    /// A table with these headings and no rows.
    pub fn new(headings: &[&str]) -> Self {
        Table { headings: headings.iter().map(|heading| heading.to_string()).collect(), rows: Vec::new() }
    }

    /// Adds a row; cells beyond the headings are left out.
    pub fn row(&mut self, cells: impl IntoIterator<Item = (Tone, String)>) {
        let cells = cells.into_iter().take(self.headings.len());
        self.rows.push(cells.map(|(tone, text)| (tone, printable(&text))).collect());
    }

    /// The text for stdout.
    pub fn render(&self) -> String {
        let width = if io::stdout().is_terminal() { WIDTH } else { usize::MAX };
        self.render_with(Style::of_stdout(), width)
    }

    /// The same in a style, the last column broken so that no line is longer than `width` where it can be helped.
    pub fn render_with(&self, style: Style, width: usize) -> String {
        let room = self.room(width);
        let rows = self.rows.iter().map(|row| cut(row, &room)).collect();
        Table { headings: self.headings.clone(), rows }.lay_out(style, width)
    }

    fn lay_out(&self, style: Style, width: usize) -> String {
        let widths = self.widths();
        let headings = self.headings.iter().map(|heading| (Tone::Bold, heading.clone())).collect();
        let lines = std::iter::once(&headings).chain(&self.rows);
        lines.map(|cells| line(cells, &widths, style, width)).collect()
    }

    /// So much each column may have, the widest giving first, so that the last has room; that one is broken, not cut.
    fn room(&self, width: usize) -> Vec<usize> {
        let mut room = self.widths();
        let Some(last) = room.pop() else { return room };
        let least = last.min(WIDTH / 4) + room.len() * GAP.len();
        while room.iter().sum::<usize>() + least > width {
            match room.iter_mut().max() {
                Some(widest) if *widest > SHORTEST_CELL => *widest -= 1,
                _ => break,
            }
        }
        room.push(usize::MAX);
        room
    }

    /// The widest of each column.
    fn widths(&self) -> Vec<usize> {
        let widest = |(column, heading): (usize, &String)| {
            let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|(_, text)| text);
            cells.chain([heading]).map(|text| text.chars().count()).max().unwrap_or_default()
        };
        self.headings.iter().enumerate().map(widest).collect()
    }
}

/// A cell that has more than its column has room for is cut.
fn cut(row: &[(Tone, String)], room: &[usize]) -> Vec<(Tone, String)> {
    let short = |text: &String, room: usize| match text.chars().count() > room {
        true => format!("{}…", text.chars().take(room.saturating_sub(1)).collect::<String>()),
        false => text.clone(),
    };
    row.iter().zip(room).map(|((tone, text), room)| (*tone, short(text, *room))).collect()
}

fn line(cells: &[(Tone, String)], widths: &[usize], style: Style, width: usize) -> String {
    let Some(((tone, last), before)) = cells.split_last() else { return "\n".to_owned() };
    let mut out = String::new();
    for ((tone, text), width) in before.iter().zip(widths) {
        let padding = " ".repeat(width.saturating_sub(text.chars().count()));
        out.push_str(&format!("{}{padding}{GAP}", style.paint(*tone, text)));
    }
    let indent: usize = widths.iter().take(before.len()).map(|width| width + GAP.len()).sum();
    let parts = wrap(last, width.saturating_sub(indent).max(WIDTH / 4));
    let parts: Vec<String> = parts.iter().map(|part| style.paint(*tone, part)).collect();
    out.push_str(&parts.join(&format!("\n{}", " ".repeat(indent))));
    format!("{}\n", out.trim_end())
}

/// A text behind its lead, of `width` columns, broken on a terminal so that it stands below itself.
pub fn indented(lead: &str, width: usize, text: &str, tone: Tone, style: Style) -> String {
    let room = if io::stdout().is_terminal() { WIDTH - width } else { usize::MAX };
    let parts = wrap(&printable(text), room);
    let parts: Vec<String> = parts.iter().map(|part| style.paint(tone, part)).collect();
    format!("{}\n", format!("{lead}{}", parts.join(&format!("\n{}", " ".repeat(width)))).trim_end())
}

/// The text in lines of at most `width` characters, broken at spaces where there are any.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        let length = line.chars().count() + word.chars().count() + 1;
        if line.is_empty() {
            line.push_str(word);
        } else if length <= width {
            line.push_str(&format!(" {word}"));
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["NUMBER", "STATE", "MESSAGE"]);
        let long = "the e-mail address of the administrator is in use at Mozy, choose another staff member";
        let cell = |text: &str| (Tone::Plain, text.to_owned());
        table.row([cell("1000001"), (Tone::Bad, "blocked".to_owned()), cell(long)]);
        table.row([cell("7"), cell("ready"), cell("")]);
        table
    }

    #[test]
    fn a_terminal_gets_80_columns() {
        let text = table().render_with(Style { colour: false }, WIDTH);
        insta::assert_snapshot!(text, @r"
        NUMBER   STATE    MESSAGE
        1000001  blocked  the e-mail address of the administrator is in use at Mozy,
                          choose another staff member
        7        ready
        ");
    }

    #[test]
    fn a_pipe_gets_one_line_a_row() {
        assert_eq!(table().render_with(Style { colour: false }, usize::MAX).lines().count(), 3);
    }

    #[test]
    fn a_long_name_is_cut_on_a_terminal_only() {
        let mut table = Table::new(&["COMPANY", "STATE"]);
        table.row([(Tone::Plain, "x".repeat(200)), (Tone::Plain, "ready".to_owned())]);
        let lines = |width| table.render_with(Style::plain(), width);
        assert!(lines(WIDTH).lines().all(|line| line.chars().count() <= WIDTH), "{}", lines(WIDTH));
        assert!(lines(WIDTH).contains("x…  ready") && lines(usize::MAX).contains(&"x".repeat(200)));
    }

    #[test]
    fn colour_does_not_move_the_columns() {
        let text = table().render_with(Style { colour: true }, WIDTH);
        assert!(text.contains("\x1b[31mblocked\x1b[0m  the e-mail"), "{text:?}");
    }

    #[test]
    fn names_cannot_steer_the_terminal() {
        let mut table = Table::new(&["NAME"]);
        table.row([(Tone::Plain, "Acme\x1b[2J\n".to_owned())]);
        assert_eq!(table.render_with(Style { colour: false }, WIDTH), "NAME\nAcme\u{fffd}[2J\u{fffd}\n");
    }
}
