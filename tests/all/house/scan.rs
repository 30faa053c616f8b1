//! Which paths a Rust source mentions, by its tokens: comments and strings are passed over, groups in braces and
//! `super` are resolved. It need not understand more of the language.

mod lex;

use lex::{Token, tokens};

/// A path that a source mentions: `crate::domain::User`, `tokio::spawn`, but also a single word such as `async`.
pub struct Mention {
    pub line: usize,
    /// Whether only tests contain it.
    pub in_test: bool,
    path: Vec<String>,
}

impl Mention {
    /// The module of ours that it leads to, or `*`.
    pub fn ours(&self) -> Option<&str> {
        if self.path[0] == "crate" { self.path.get(1).map(String::as_str) } else { None }
    }

    /// Whether `a::b` stands anywhere in the path.
    pub fn contains(&self, what: &str) -> bool {
        let wanted: Vec<&str> = what.split("::").collect();
        self.path.windows(wanted.len()).any(|window| window == wanted)
    }
}

/// The floor of a file under `src`.
pub fn floor(path: &str) -> String {
    match module(path).first() {
        Some(name) => name.clone(),
        None => "lib".into(),
    }
}

/// Whether all of a file is test code, by its name: `tests`, or `testing` for what tests share.
pub fn is_test_file(path: &str) -> bool {
    let inner = path.strip_prefix("src/").unwrap_or(path);
    inner.trim_end_matches(".rs").split('/').any(|part| ["tests", "testing"].contains(&part))
}

/// `src/store/lease.rs` is `[store, lease]`, `src/lib.rs` is `[]`, programs are `[main]` and `[lab]`.
fn module(path: &str) -> Vec<String> {
    let inner = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs");
    let inner = match inner {
        "lib" => "",
        "bin/mozy-lab" => "lab",
        other => other.trim_end_matches("/mod"),
    };
    inner.split('/').filter(|part| !part.is_empty()).map(String::from).collect()
}

/// All that a file mentions.
pub fn mentions(path: &str, text: &str) -> Vec<Mention> {
    let mut scan = Scan { tokens: tokens(text), at: 0, found: Vec::new() };
    let whole = Place { module: module(path), in_test: is_test_file(path) };
    while scan.at < scan.tokens.len() {
        scan.items(&whole);
        scan.at += 1;
    }
    scan.found
}

#[derive(Clone)]
struct Place {
    module: Vec<String>,
    in_test: bool,
}

struct Scan {
    tokens: Vec<Token>,
    at: usize,
    found: Vec<Mention>,
}

impl Scan {
    /// Reads up to the brace that closes what is open, or to the end.
    fn items(&mut self, place: &Place) {
        // What the next item is: a test, if its attribute says so.
        let mut next = place.clone();
        while self.at < self.tokens.len() && !self.is("}") {
            if self.is("#") {
                next.in_test |= self.attribute(&next);
            } else if self.is("mod") && self.ahead(2) == "{" {
                next.module.push(self.ahead(1).into());
                self.at += 2;
            } else if self.is("{") {
                self.at += 1;
                self.items(&next);
                self.at += 1;
                next = place.clone();
            } else if self.is(";") {
                self.at += 1;
                next = place.clone();
            } else {
                self.word(&next);
            }
        }
    }

    /// Reads an attribute; whether it is `#[cfg(test)]` or one like it.
    fn attribute(&mut self, place: &Place) -> bool {
        let begin = self.at;
        let mut depth = 0;
        while self.at < self.tokens.len() {
            match self.ahead(0) {
                "[" => depth += 1,
                "]" if depth == 1 => break,
                "]" => depth -= 1,
                "#" | "!" => {}
                _ if depth > 0 => {
                    self.word(place);
                    continue;
                }
                _ => return false,
            }
            self.at += 1;
        }
        let has = |wanted: &str| self.tokens[begin..self.at].iter().any(|token| token.text == wanted);
        has("cfg") && has("test") && !has("not")
    }

    /// Reads a path and all that grows from it, or passes over what is none.
    fn word(&mut self, place: &Place) {
        let field = self.at > 0 && self.tokens[self.at - 1].text == ".";
        if self.tokens[self.at].is_word && !field {
            self.tree(&[], place);
        } else {
            self.at += 1;
        }
    }

    /// `a::b`, `a::*` or `a::{b, c::d}`.
    fn tree(&mut self, stem: &[String], place: &Place) {
        let (mut path, line) = (stem.to_vec(), self.tokens[self.at].line);
        loop {
            match self.ahead(0) {
                "{" if !path.is_empty() => return self.group(&path, place),
                word if word == "*" || self.tokens.get(self.at).is_some_and(|token| token.is_word) => {
                    path.push(word.into());
                    self.at += 1;
                }
                _ => break,
            }
            if self.ahead(0) != "::" {
                break;
            }
            self.at += 1;
        }
        self.found.push(Mention { line, in_test: place.in_test, path: resolve(&path, &place.module) });
    }

    fn group(&mut self, stem: &[String], place: &Place) {
        self.at += 1;
        while self.at < self.tokens.len() && !self.is("}") {
            let renamed = self.tokens[self.at - 1].text == "as";
            if (self.tokens[self.at].is_word || self.is("*")) && !self.is("as") && !renamed {
                self.tree(stem, place);
            } else {
                self.at += 1;
            }
        }
        self.at += 1;
    }

    fn is(&self, text: &str) -> bool {
        self.ahead(0) == text
    }

    fn ahead(&self, by: usize) -> &str {
        self.tokens.get(self.at + by).map_or("", |token| &token.text)
    }
}

/// Makes `super`, `self` and the crate's own name into `crate`.
fn resolve(path: &[String], module: &[String]) -> Vec<String> {
    let ups = path.iter().take_while(|part| *part == "super" || *part == "self").count();
    if path[0] == "mozyd" {
        return [&["crate".to_string()], &path[1..]].concat();
    }
    if ups == 0 || path.len() == ups && path[0] == "self" {
        return path.to_vec();
    }
    let levels = path[..ups].iter().filter(|part| *part == "super").count();
    let base = &module[..module.len().saturating_sub(levels)];
    [&["crate".to_string()], base, &path[ups..]].concat()
}
