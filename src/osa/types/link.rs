//! A link names another resource: `{"aps":{"id":"…"}}`, alone or as the only one of a list.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

use super::Patch;
use super::patch::{Wire, optional, or_default};
use crate::osa::error::ApsError;

/// The APS id of the resource that is linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Link(pub Uuid);

impl Patch<Link> {
    /// The id that is linked; `name` is the property's.
    ///
    /// # Errors
    /// 400 naming the property if it links to nothing.
    pub fn target(&self, name: &str) -> Result<Uuid, ApsError> {
        let missing = || {
            ApsError::bad_request(format!("{name}: is missing; link it like {{\"aps\":{{\"id\":\"…\"}}}}"))
        };
        self.value().map(|link| link.0).ok_or_else(missing)
    }
}

#[derive(Deserialize)]
struct Linked {
    #[serde(default, deserialize_with = "or_default")]
    aps: Target,
}

/// Without an id, as in `{"aps":{"href":"…"}}`, a link says that there is one, but not to what.
#[derive(Deserialize, Default)]
struct Target {
    #[serde(default, deserialize_with = "optional")]
    id: Option<Uuid>,
}

impl Wire for Link {
    fn wire<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        deserializer.deserialize_any(LinkVisitor)
    }
}

struct LinkVisitor;

impl<'de> Visitor<'de> for LinkVisitor {
    type Value = Option<Link>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a link like {\"aps\":{\"id\":\"…\"}}")
    }

    fn visit_unit<E>(self) -> Result<Option<Link>, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<Link>, A::Error> {
        let linked = Linked::deserialize(MapAccessDeserializer::new(map))?;
        Ok(linked.aps.id.map(Link))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut links: A) -> Result<Option<Link>, A::Error> {
        let Some(first) = links.next_element::<Linked>()? else { return Ok(None) };
        if links.next_element::<IgnoredAny>()?.is_some() {
            return Err(A::Error::custom("links to more than one resource; there can be one only"));
        }
        Ok(first.aps.id.map(Link))
    }
}
