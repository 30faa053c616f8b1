//! Whatever bytes come, reading ends in a value or an error; whatever value is written, the same is read.

use proptest::prelude::*;

use super::server::soap;
use crate::mozy::document::{Document, Limits};
use crate::mozy::element::Element;
use crate::mozy::reply::Answer;
use crate::mozy::value::{Part, Value};
use crate::mozy::{Operation, Request, envelope, licence, partner, resource, user};

const LIMITS: Limits = Limits { bytes: 1 << 16, depth: 16, nodes: 1000 };

fn read_as<R: Request>(bytes: &[u8]) {
    if let Ok(document) = Document::parse(bytes, &LIMITS)
        && let Ok(Answer::Reply(reply)) = Answer::of(&document)
    {
        let _ = R::read(&reply);
    }
}

fn read_as_everything(bytes: &[u8]) {
    read_as::<partner::Get<'_>>(bytes);
    read_as::<resource::GetResources>(bytes);
    read_as::<licence::GetLicenses<'_>>(bytes);
    read_as::<user::Create<'_>>(bytes);
    read_as::<user::Delete>(bytes);
}

/// Pieces of which almost-answers are made.
fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "<return>",
        "</return>",
        "<size>",
        "</size>",
        "1",
        "<results>",
        "</results>",
        "<i id='a'>",
        "</i>",
        "<id/>",
        "<i href='#a'/>",
        "<id>",
        "</id>",
        "<details href='#b'/>",
        "<m id='b'>",
        "</m>",
        "&amp;",
        "&x;",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<?p",
        "?>",
        " xsi:nil='true'",
        "\u{0}",
        "ä",
        "<",
        ">",
        "&#x",
        "<R>",
        "</R>",
        "<root_admin>",
        "</root_admin>",
        "<license_type>Desktop</license_type>",
        "<!DOCTYPE x>",
        "</s:Body>",
        "<s:Fault>",
        "'",
        "\"",
    ];
    prop_oneof![proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned), ".{0,4}"]
}

/// What an element holds, as it was meant.
#[derive(Debug, Clone, PartialEq)]
enum Meant {
    Nil,
    Text(String),
    Items(Vec<Meant>),
}

fn meant() -> impl Strategy<Value = Meant> {
    let text =
        proptest::string::string_regex("[ -~\t\n\r\u{a0}-\u{2ff}😀]{0,12}").unwrap().prop_map(Meant::Text);
    let leaf = prop_oneof![Just(Meant::Nil), text];
    leaf.prop_recursive(4, 40, 5, |inner| proptest::collection::vec(inner, 1..5).prop_map(Meant::Items))
}

fn value(meant: &Meant) -> Value<'_> {
    match meant {
        Meant::Nil => Value::Nil("xsd:string"),
        Meant::Text(text) => Value::Text(text),
        Meant::Items(items) => Value::Array("xsd:anyType", items.iter().map(value).collect()),
    }
}

fn seen(element: Element<'_>) -> Meant {
    if element.is_nil().unwrap() {
        return Meant::Nil;
    }
    match element.text() {
        Ok(text) => Meant::Text(text.unwrap()),
        Err(_) => Meant::Items(element.items(|item| Ok(seen(item))).unwrap()),
    }
}

/// Writes `meant` in multi-reference form: everything below stands beside, and is referred to.
fn scatter(meant: &Meant, beside: &mut String, count: &mut usize) -> String {
    *count += 1;
    let id = format!("r{count}");
    let content = match meant {
        Meant::Nil => format!("<m id='{id}' xsi:nil='true'/>"),
        Meant::Text(text) => format!("<m id='{id}'>{}</m>", quick_xml::escape::escape(text)),
        Meant::Items(items) => {
            let items: String = items.iter().map(|item| scatter(item, beside, count)).collect();
            format!("<m id='{id}'>{items}</m>")
        }
    };
    beside.push_str(&content);
    format!("<return href='#{id}'/>")
}

fn first_part(xml: &str) -> Meant {
    let document = Document::parse(xml.as_bytes(), &Limits::default()).unwrap();
    let body = document.root().children().unwrap().next().unwrap().unwrap();
    let method = body.children().unwrap().next().unwrap().unwrap();
    seen(method.children().unwrap().next().unwrap().unwrap())
}

proptest! {
    #[test]
    fn bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        read_as_everything(&bytes);
    }

    #[test]
    fn almost_answers_never_panic(pieces in proptest::collection::vec(piece(), 0..60)) {
        read_as_everything(soap(&format!("<R><return>{}</return></R>", pieces.concat())).as_bytes());
        read_as_everything(soap(&pieces.concat()).as_bytes());
        read_as_everything(pieces.concat().as_bytes());
    }

    #[test]
    fn an_answer_cut_anywhere_is_no_answer(at in 0.0..1.0) {
        let whole = soap("<R><return><size>2</size><results><i><id>1</id></i><i><id>2</id></i></results></return></R>");
        let cut = &whole.as_bytes()[..(whole.len() as f64 * at) as usize];
        let read = Document::parse(cut, &LIMITS);
        prop_assert!(read.is_err());
    }

    #[test]
    fn what_is_written_is_read(meant in meant()) {
        let part = Part { name: "part", value: value(&meant) };
        let xml = envelope::write(Operation::UserGet, "urn:x", &[part]).unwrap();
        prop_assert_eq!(first_part(&xml), meant);
    }

    #[test]
    fn multi_references_mean_the_same(meant in meant()) {
        let (mut beside, mut count) = (String::new(), 0);
        let reference = scatter(&meant, &mut beside, &mut count);
        prop_assert_eq!(first_part(&soap(&format!("<R>{reference}</R>{beside}"))), meant);
    }

    #[test]
    fn any_text_is_escaped_or_refused(text in any::<String>()) {
        let part = Part { name: "part", value: Value::Text(&text) };
        if let Ok(xml) = envelope::write(Operation::UserGet, "urn:x", &[part]) {
            prop_assert_eq!(first_part(&xml), Meant::Text(text));
        } else {
            let refused = text.chars().any(|c| (c < ' ' && !c.is_ascii_whitespace()) || matches!(c, '\u{c}' | '\u{fffe}' | '\u{ffff}'));
            prop_assert!(refused);
        }
    }
}
