//! How each protocol spells structures, lists and maps.

use http::HeaderMap;
use serde_json::Value;

use super::node::Node;
use super::shape::{Member, Model, Operation, Shape, Type};
use crate::gateway::protocol::{Element, Protocol, Request, cbor};

/// What a structure was given: members by the model's names, and what it does not know.
#[derive(Debug, Default)]
pub struct Given {
    /// Members.
    pub known: Vec<(String, Node)>,
    /// Names on the wire that mean nothing.
    pub unknown: Vec<(String, Node)>,
}

/// A member's name on the wire.
fn name(protocol: Protocol, name: &str, member: &Member) -> String {
    // CBOR has the model's own names.
    if protocol == Protocol::Cbor {
        return name.to_owned();
    }
    if protocol != Protocol::Ec2 {
        return member.location_name.as_deref().unwrap_or(name).to_owned();
    }
    if let Some(name) = &member.query_name {
        return name.clone();
    }
    let spelt = member.location_name.as_deref().unwrap_or(name);
    // EC2 writes a capital where answers have none; a name that is the model's own stays.
    match (member.location_name.is_some(), spelt.chars().next()) {
        (true, Some(first)) => format!("{}{}", first.to_ascii_uppercase(), &spelt[first.len_utf8()..]),
        _ => spelt.to_owned(),
    }
}

/// The members of a structure in a body; `None` when it is none.
pub fn structure(protocol: Protocol, model: &Model, shape: &Shape, node: &Node) -> Option<Given> {
    let mut given = Given::default();
    for (wire, node) in node.fields()? {
        let in_body = shape.members.iter().filter(|(_, member)| member.location.is_none());
        let member = in_body.into_iter().find(|(key, member)| name(protocol, key, member) == *wire);
        match member {
            Some((key, member)) => add(&mut given, key, node, repeats(protocol, model, member)),
            None => given.unknown.push((wire.clone(), node.clone())),
        }
    }
    Some(given)
}

/// Does its name stand before every item?
fn repeats(protocol: Protocol, model: &Model, member: &Member) -> bool {
    protocol == Protocol::RestXml && model.shape(&member.shape).is_some_and(|shape| shape.flattened)
}

fn add(given: &mut Given, key: &str, node: &Node, repeats: bool) {
    let known = given.known.iter_mut().find(|(known, _)| known == key);
    match known {
        Some((_, Node::Items(items))) if repeats => items.push(node.clone()),
        _ if repeats => given.known.push((key.into(), Node::Items(vec![node.clone()]))),
        _ => given.known.push((key.into(), node.clone())),
    }
}

/// The items of a list; `None` when it is none.
pub fn items(protocol: Protocol, shape: &Shape, node: &Node) -> Option<Vec<Node>> {
    let item = shape.member.as_ref().and_then(|member| member.location_name.as_deref()).unwrap_or("member");
    match (node, protocol) {
        (Node::Items(items), _) => Some(items.clone()),
        (_, Protocol::Json | Protocol::RestJson | Protocol::Cbor) => None,
        (_, Protocol::RestXml) => {
            node.fields()?.iter().map(|(name, node)| (name == item).then(|| node.clone())).collect()
        }
        (_, Protocol::Query) if !shape.flattened => match node.fields()? {
            [] => Some(Vec::new()),
            [(name, inner)] if name == item => numbered(inner),
            _ => None,
        },
        _ => numbered(node),
    }
}

/// Values by number.
fn numbered(node: &Node) -> Option<Vec<Node>> {
    let mut items: Vec<(u32, Node)> = Vec::new();
    for (name, node) in node.fields()? {
        items.push((name.parse().ok()?, node.clone()));
    }
    items.sort_by_key(|(at, _)| *at);
    Some(items.into_iter().map(|(_, node)| node).collect())
}

/// The entries of a map; `None` when it is none.
pub fn entries(protocol: Protocol, shape: &Shape, node: &Node) -> Option<Vec<(String, Node)>> {
    if matches!(protocol, Protocol::Json | Protocol::RestJson | Protocol::Cbor) {
        return matches!(node, Node::Fields(_)).then(|| node.fields().map(<[_]>::to_vec))?;
    }
    let called = |member: &Option<Member>, default: &str| {
        member.as_ref().and_then(|member| member.location_name.clone()).unwrap_or_else(|| default.into())
    };
    let (key, value) = (called(&shape.key, "key"), called(&shape.value, "value"));
    let entries: Vec<Node> = match (node.fields()?, shape.flattened, protocol) {
        ([], _, _) => Vec::new(),
        (fields, false, Protocol::RestXml) => fields.iter().map(|(_, node)| node.clone()).collect(),
        ([(name, inner)], false, _) if name == "entry" => numbered(inner)?,
        _ => numbered(node)?,
    };
    let pair = |entry: Node| {
        let find = |name: &str| entry.fields()?.iter().find(|(field, _)| field == name).map(|(_, node)| node.clone());
        Some((find(&key)?.text(), find(&value)?))
    };
    entries.into_iter().map(pair).collect()
}

/// What a request gives to its operation.
pub fn input(model: &Model, operation: &Operation, shape: &Shape, request: &Request) -> Option<Given> {
    let protocol = request.protocol();
    let body = || serde_json::from_slice::<Value>(&request.body).ok().as_ref().and_then(Node::from_json);
    match protocol {
        Protocol::Ec2 | Protocol::Query | Protocol::Unknown => {
            structure(protocol, model, shape, &Node::from_form(&request.params))
        }
        Protocol::Json => structure(protocol, model, shape, &body()?),
        Protocol::Cbor => {
            structure(protocol, model, shape, &cbor::to_json(&request.body).as_ref().and_then(Node::from_json)?)
        }
        Protocol::RestJson | Protocol::RestXml => {
            let mut given = outside_the_body(operation, shape, request)?;
            let body = match protocol {
                _ if request.body.is_empty() => None,
                // A bucket's policy, which is no XML, is sent as it is.
                Protocol::RestXml if is_text(model, shape) => {
                    Some(Node::Text(String::from_utf8_lossy(&request.body).into_owned()))
                }
                Protocol::RestJson => body(),
                _ => Some(Node::from_xml(&Element::parse(&request.body).ok()?)),
            };
            let Some(body) = body else { return Some(given) };
            match &shape.payload {
                Some(payload) => given.known.push((payload.clone(), body)),
                None => {
                    let inside = structure(protocol, model, shape, &body)?;
                    given.known.extend(inside.known);
                    given.unknown.extend(inside.unknown);
                }
            }
            Some(given)
        }
    }
}

/// Is the body a text of its own kind?
fn is_text(model: &Model, shape: &Shape) -> bool {
    let payload = shape.payload.as_ref().and_then(|payload| shape.members.get(payload));
    payload.and_then(|member| model.shape(&member.shape)).is_some_and(|shape| shape.kind == Type::String)
}

/// Members in path, query and headers; `None` when the path is not the operation's.
fn outside_the_body(operation: &Operation, shape: &Shape, request: &Request) -> Option<Given> {
    let mut given = Given::default();
    let at = |place: &str, wire: &str| {
        let here = |(key, member): &(&String, &Member)| {
            member.location.as_deref() == Some(place)
                && member.location_name.as_deref().unwrap_or(key).eq_ignore_ascii_case(wire)
        };
        shape.members.iter().find(here).map(|(key, member)| (key.clone(), member))
    };
    let (pattern, fixed) = operation.http.uri.split_once('?').unwrap_or((&operation.http.uri, ""));
    let (path, query) = request.uri.split_once('?').unwrap_or((&request.uri, ""));
    let parts = |path: &str| path.trim_end_matches('/').split('/').map(str::to_owned).collect::<Vec<_>>();
    let (pattern, path) = (parts(pattern), parts(path));
    if pattern.len() != path.len() {
        return None;
    }
    for (pattern, part) in pattern.iter().zip(&path) {
        let text = percent_encoding::percent_decode_str(part).decode_utf8().ok()?.into_owned();
        match pattern.strip_prefix('{').and_then(|slot| slot.strip_suffix('}')) {
            Some(slot) => given.known.push((at("uri", slot)?.0, Node::Text(text))),
            None if *pattern == text => {}
            None => return None,
        }
    }
    let fixed: Vec<&str> = fixed.split('&').filter_map(|pair| pair.split('=').next()).collect();
    // SDKs name S3's operation in the query too.
    let given_in_query =
        form_urlencoded::parse(query.as_bytes()).filter(|(wire, _)| !fixed.contains(&wire.as_ref()) && wire != "x-id");
    for (wire, text) in given_in_query {
        let text = Node::Text(text.into_owned());
        match at("querystring", &wire) {
            Some((key, _)) if given.known.iter().any(|(known, _)| *known == key) => add(&mut given, &key, &text, true),
            Some((key, _)) => given.known.push((key, text)),
            None => given.unknown.push((wire.into_owned(), text)),
        }
    }
    given.known.extend(headers(shape, &request.headers));
    Some(given)
}

fn headers(shape: &Shape, headers: &HeaderMap) -> Vec<(String, Node)> {
    let in_header = shape.members.iter().filter(|(_, member)| member.location.as_deref() == Some("header"));
    let value = |(key, member): (&String, &Member)| {
        let value = headers.get(member.location_name.as_deref().unwrap_or(key))?;
        Some((key.clone(), Node::Text(String::from_utf8_lossy(value.as_bytes()).into_owned())))
    };
    in_header.filter_map(value).collect()
}

/// Is a value of this type written as it must be?
pub fn is_written_right(protocol: Protocol, kind: Type, node: &Node) -> bool {
    let json =
        matches!(protocol, Protocol::Json | Protocol::RestJson | Protocol::Cbor) && !matches!(node, Node::Text(_));
    let text = node.text();
    match kind {
        _ if matches!(node, Node::Fields(_) | Node::Items(_)) => false,
        Type::Structure | Type::List | Type::Map => false,
        Type::String | Type::Character | Type::Blob if json => matches!(node, Node::String(_)),
        Type::Boolean if json => matches!(node, Node::Bool(_)),
        Type::Timestamp if json => matches!(node, Node::Number(_)),
        Type::String | Type::Character | Type::Blob => true,
        Type::Boolean => ["true", "false"].contains(&text.as_str()),
        Type::Timestamp => text.parse::<jiff::Timestamp>().is_ok() || jiff::fmt::rfc2822::parse(&text).is_ok(),
        _ if json && !matches!(node, Node::Number(_)) => false,
        Type::Integer => text.parse::<i32>().is_ok(),
        Type::Long => text.parse::<i64>().is_ok(),
        Type::Float | Type::Double | Type::BigDecimal => text.parse::<f64>().is_ok(),
    }
}
