//! The part of RQL that is served: `implementing`, `eq`, `and`, `select`, `limit`, joined by commas or `&`.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::names::implements;
use super::resource::Resource;

/// No query is read beyond this many characters, nor deeper than this.
const LONGEST: usize = 8192;
const DEEPEST: u32 = 8;

/// A query that was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    implementing: Vec<String>,
    equal: Vec<(String, String)>,
    select: Vec<String>,
    /// The first item, and how many.
    pub limit: Option<(usize, usize)>,
}

impl Query {
    /// Reads a raw query string; else says what is not understood.
    pub fn parse(raw: &str) -> Result<Self, String> {
        if raw.len() > LONGEST {
            return Err(format!("the query is longer than {LONGEST} characters"));
        }
        let mut query = Self::default();
        query.all(raw, 0)?;
        Ok(query)
    }

    /// Whether a resource is one that is asked for.
    pub fn matches(&self, resource: &Resource) -> bool {
        let view = resource.view();
        self.implementing.iter().all(|wanted| implements(resource.type_id, wanted))
            && self.equal.iter().all(|(path, wanted)| text_at(&view, path).is_some_and(|has| has == *wanted))
    }

    /// The selected part of a resource; `aps` is always there.
    pub fn project(&self, view: Value) -> Value {
        match view {
            Value::Object(mut all) if !self.select.is_empty() => {
                let chosen = std::iter::once("aps").chain(self.select.iter().map(String::as_str));
                Value::Object(chosen.filter_map(|name| all.remove_entry(name)).collect::<Map<_, _>>())
            }
            view => view,
        }
    }

    fn all(&mut self, text: &str, depth: u32) -> Result<(), String> {
        if depth > DEEPEST {
            return Err(format!("the query is nested deeper than {DEEPEST}"));
        }
        split(text)?.into_iter().try_for_each(|term| self.term(term, depth))
    }

    fn term(&mut self, term: &str, depth: u32) -> Result<(), String> {
        let (operator, arguments) = term
            .split_once('(')
            .and_then(|(operator, rest)| Some((operator, rest.strip_suffix(')')?)))
            .ok_or_else(|| format!("'{term}' is not of the form operator(arguments)"))?;
        if operator == "and" {
            return self.all(arguments, depth + 1);
        }
        let arguments = split(arguments)?.into_iter().map(decode).collect::<Result<Vec<_>, _>>()?;
        match (operator, &arguments[..]) {
            ("implementing", [wanted]) => self.implementing.push(wanted.clone()),
            ("eq", [path, value]) => self.equal.push((path.clone(), value.clone())),
            ("select", [_, ..]) => self.select.extend(arguments),
            ("limit", [start, count]) => self.limit = Some((number(start)?, number(count)?)),
            _ => return Err(format!("'{term}' is not understood")),
        }
        Ok(())
    }
}

/// Splits at commas and `&` outside parentheses; empty terms are none.
fn split(text: &str) -> Result<Vec<&str>, String> {
    let (mut terms, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' | '&' if depth == 0 => {
                terms.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        if depth < 0 {
            return Err(format!("'{text}' closes what was not opened"));
        }
    }
    if depth != 0 {
        return Err(format!("'{text}' does not close what it opens"));
    }
    terms.push(&text[start..]);
    Ok(terms.into_iter().filter(|term| !term.is_empty()).collect())
}

fn decode(text: &str) -> Result<String, String> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| format!("'{text}' is not UTF-8"))?;
    Ok(decoded.into_owned())
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("'{text}' is not a number"))
}

/// The scalar at a dotted path, as text.
fn text_at(view: &Value, path: &str) -> Option<String> {
    let value = path.split('.').try_fold(view, |value, name| value.get(name))?;
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::osa::names::ADMIN_USER;
    use crate::sim::osa::resource::Status;
    use serde_json::json;

    const ADMIN: &str = "implementing(http://aps-standard.org/types/core/admin-user/1.0)";

    fn staff(admin: bool) -> Resource {
        let properties = json!({"login": "a,b", "isAccountAdmin": admin});
        Resource::new(ADMIN_USER, Status::Ready, properties)
    }

    #[test]
    fn terms_are_joined_by_comma_ampersand_or_and() {
        for joined in [
            format!("and({ADMIN},eq(isAccountAdmin,true)),limit(2,5)"),
            format!("{ADMIN}&eq(isAccountAdmin,true)&limit(2,5)"),
            "implementing(http%3A%2F%2Faps-standard.org%2Ftypes%2Fcore%2Fadmin-user%2F1.0),\
             eq(isAccountAdmin,true),limit(2,5)"
                .to_owned(),
        ] {
            let query = Query::parse(&joined).unwrap();
            assert_eq!(query.limit, Some((2, 5)), "{joined}");
            assert!(query.matches(&staff(true)) && !query.matches(&staff(false)), "{joined}");
        }
    }

    #[test]
    fn values_are_decoded_after_splitting_and_paths_are_dotted() {
        assert!(Query::parse("eq(login,a%2Cb),eq(aps.status,aps%3Aready)").unwrap().matches(&staff(true)));
        assert!(!Query::parse("eq(nothing,x)").unwrap().matches(&staff(true)));
    }

    #[test]
    fn select_keeps_aps_and_what_is_named() {
        let view = Query::parse("select(login)").unwrap().project(staff(true).view());
        assert_eq!(view.as_object().unwrap().keys().collect::<Vec<_>>(), ["aps", "login"]);
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for (query, reason) in [
            ("like(login,*a*)", "'like(login,*a*)' is not understood"),
            ("eq(login", "'eq(login' does not close what it opens"),
            ("limit(0,x)", "'x' is not a number"),
            ("login=a", "'login=a' is not of the form operator(arguments)"),
        ] {
            assert_eq!(Query::parse(query).unwrap_err(), reason);
        }
        let deep = format!("{}{}", "and(".repeat(20), ")".repeat(20));
        assert_eq!(Query::parse(&deep).unwrap_err(), "the query is nested deeper than 8");
    }
}
