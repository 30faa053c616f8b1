//! `man`: one manual page with every verb on it.

use anyhow::Result;
use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::args::Arguments;
use super::exit::Exit;
use super::style::print;

/// Prints the page.
pub fn man() -> Result<Exit> {
    print(&page()?)?;
    Ok(Exit::Done)
}

fn page() -> Result<String> {
    let mut command = Arguments::command();
    command.build();
    let man = Man::new(command.clone());
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_options_section(&mut text)?;
    man.render_extra_section(&mut text)?;
    let mut page = String::from_utf8(text)?.replace(".SH EXTRA", ".SH NOTES");
    for verb in verbs(&command) {
        page.push_str(&section(verb)?);
    }
    Ok(page)
}

/// Every verb, and of `usage` those below it.
fn verbs(command: &Command) -> Vec<&Command> {
    let own = command.get_subcommands().filter(|verb| verb.get_name() != "help");
    own.flat_map(|verb| if verb.has_subcommands() { verbs(verb) } else { vec![verb] }).collect()
}

/// The heading of a verb's section.
fn heading(verb: &Command) -> String {
    format!(".SH \"{}\"\n", verb.get_bin_name().unwrap_or(verb.get_name()).to_uppercase())
}

/// A verb as a section of ours, without the options that every verb has.
fn section(verb: &Command) -> Result<String> {
    let own = verb.clone().mut_args(|arg| {
        let general = ["config", "output", "help", "version"].contains(&arg.get_id().as_str());
        arg.hide(general)
    });
    let man = Man::new(own);
    let mut text = Vec::new();
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    let text = String::from_utf8(text)?.replace(".SH ", ".SS ");
    Ok(heading(verb) + &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_has_a_section() {
        let page = page().unwrap();
        let mut command = Arguments::command();
        command.build();
        assert_eq!(verbs(&command).len(), 20);
        for verb in verbs(&command) {
            assert!(page.contains(&heading(verb)), "{verb}");
        }
        assert!(page.contains(".SH \"MOZYD USAGE AUDIT\""));
    }
}
