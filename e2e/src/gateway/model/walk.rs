//! One request against the model of its operation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::node::Node;
use super::shape::{Member, Model, Shape, Type};
use super::violation::{Class, Violation};
use super::wire::{self, Given};
use super::{limits, own};
use crate::gateway::protocol::{Protocol, Request};

/// Everything in a request that AWS would not take.
pub fn check(model: &Model, request: &Request) -> Vec<Violation> {
    let mut walk = Walk { model, request, protocol: request.protocol(), found: Vec::new() };
    walk.input();
    walk.found
}

struct Walk<'a> {
    model: &'a Model,
    request: &'a Request,
    protocol: Protocol,
    found: Vec<Violation>,
}

fn under(path: &str, part: &str) -> String {
    if path.is_empty() { part.to_owned() } else { format!("{path}.{part}") }
}

impl Walk<'_> {
    fn note(&mut self, class: Class, path: &str, value: &str, rule: impl Into<String>) {
        self.found.push(Violation::new(self.request, class, path, value, rule));
    }

    fn input(&mut self) {
        let Some(operation) = self.model.operation(&self.request.action) else {
            return self.note(Class::Unknown, "", "", "the service has no such operation");
        };
        let Some(input) = &operation.input else {
            for (name, value) in self.request.params.iter() {
                self.note(Class::Unknown, name, value, "the operation takes nothing");
            }
            return;
        };
        let Some(shape) = self.model.shape(&input.shape) else { return };
        let Some(given) = wire::input(self.model, operation, shape, self.request) else {
            return self.note(Class::Type, "", &self.request.uri, "neither path nor body are the operation's");
        };
        self.tokens(shape, &given);
        self.structure("", shape, given);
    }

    /// A create's token must be ours: with one made up per call, the repetition after a crash makes a second thing.
    fn tokens(&mut self, shape: &Shape, given: &Given) {
        for (key, _) in shape.members.iter().filter(|(_, member)| member.idempotency_token) {
            match given.known.iter().find(|(known, _)| known == key) {
                Some((_, value)) => self.token(key, &value.text()),
                None if own::goes_without(self.request) => {}
                None => self.note(Class::Token, key, "", "the call has no token"),
            }
        }
        if let Some((key, value)) = own::reference(self.request) {
            self.token(key, &value);
        }
    }

    fn token(&mut self, key: &str, value: &str) {
        if !own::is_token(value) && !own::goes_without(self.request) {
            self.note(Class::Token, key, value, "a token of ours has 32 hexadecimal digits");
        }
    }

    fn structure(&mut self, path: &str, shape: &Shape, given: Given) {
        for (name, value) in &given.unknown {
            self.note(Class::Unknown, &under(path, name), &value.text(), "there is no such member");
        }
        for name in shape.required.iter().filter(|name| given.known.iter().all(|(known, _)| known != *name)) {
            self.note(Class::Required, &under(path, name), "", "it must be there");
        }
        if shape.union && given.known.len() != 1 {
            self.note(Class::Required, path, &format!("{} members", given.known.len()), "it takes exactly one member");
        }
        self.quantity(path, shape, &given);
        for (name, node) in given.known {
            self.member(&under(path, &name), &shape.members[&name], &node);
        }
    }

    /// CloudFront counts its lists itself.
    fn quantity(&mut self, path: &str, shape: &Shape, given: &Given) {
        let find = |name: &str| given.known.iter().find(|(known, _)| known == name).map(|(_, node)| node);
        let (Some(said), Some(list)) = (find("Quantity"), shape.members.get("Items")) else { return };
        let list = self.model.shape(&list.shape);
        let items = find("Items").and_then(|items| wire::items(self.protocol, list?, items));
        let there = items.map_or(0, |items| items.len());
        if said.text() != there.to_string() {
            self.note(Class::Size, &under(path, "Quantity"), &said.text(), format!("there are {there} items"));
        }
    }

    fn member(&mut self, path: &str, member: &Member, node: &Node) {
        let Some(shape) = self.model.shape(&member.shape) else { return };
        match shape.kind {
            Type::Structure => match wire::structure(self.protocol, self.model, shape, node) {
                Some(given) => self.structure(path, shape, given),
                None => self.note(Class::Type, path, &node.text(), "it is a structure"),
            },
            Type::List => {
                let (Some(items), Some(member)) = (wire::items(self.protocol, shape, node), &shape.member) else {
                    return self.note(Class::Type, path, &node.text(), "it is a list");
                };
                self.within(Class::Size, path, shape, &format!("{} items", items.len()), items.len());
                for (item, at) in items.iter().zip(1..) {
                    self.member(&under(path, &at.to_string()), member, item);
                }
            }
            Type::Map => {
                let entries = wire::entries(self.protocol, shape, node);
                let (Some(entries), Some(key), Some(value)) = (entries, &shape.key, &shape.value) else {
                    return self.note(Class::Type, path, &node.text(), "it is a map");
                };
                self.within(Class::Size, path, shape, &format!("{} entries", entries.len()), entries.len());
                for (name, node) in entries {
                    self.member(&under(path, "key"), key, &Node::String(name.clone()));
                    self.member(&under(path, &name), value, &node);
                }
            }
            _ => self.scalar(path, shape, node),
        }
    }

    fn scalar(&mut self, path: &str, shape: &Shape, node: &Node) {
        let text = node.text();
        let shown = if shape.sensitive { own::MASK } else { text.as_str() };
        if !wire::is_written_right(self.protocol, shape.kind, node) {
            return self.note(Class::Type, path, shown, format!("it is of type {:?}", shape.kind).to_lowercase());
        }
        match shape.kind {
            Type::String | Type::Character => {
                self.within(Class::Length, path, shape, shown, text.chars().count());
                if !shape.values.is_empty() && !shape.values.contains(&text) {
                    self.note(Class::Enum, path, shown, format!("it is one of {}", shape.values.join(", ")));
                }
                if let Some(Ok(regex)) = shape.regex()
                    && !regex.is_match(&text)
                {
                    self.note(Class::Pattern, path, shown, shape.pattern.clone().unwrap_or_default());
                }
                for (class, rule) in limits::broken(self.request, path, &text) {
                    self.note(class, path, shown, rule);
                }
            }
            Type::Blob => match STANDARD.decode(&text) {
                Ok(bytes) => self.within(Class::Length, path, shape, shown, bytes.len()),
                Err(_) => self.note(Class::Type, path, shown, "it is Base64"),
            },
            Type::Integer | Type::Long | Type::Float | Type::Double | Type::BigDecimal => {
                self.within(Class::Range, path, shape, shown, text.parse::<f64>().unwrap_or_default());
            }
            _ => {}
        }
    }

    fn within(&mut self, class: Class, path: &str, shape: &Shape, shown: &str, have: impl Measure) {
        let have = have.measure();
        if shape.min.is_some_and(|min| have < min) || shape.max.is_some_and(|max| have > max) {
            let limit = |limit: Option<f64>| limit.map_or("any".to_owned(), |limit| limit.to_string());
            self.note(class, path, shown, format!("{have}, from {} to {}", limit(shape.min), limit(shape.max)));
        }
    }
}

/// A length or a number, as a model's limits compare it.
trait Measure {
    fn measure(self) -> f64;
}

impl Measure for f64 {
    fn measure(self) -> f64 {
        self
    }
}

impl Measure for usize {
    fn measure(self) -> f64 {
        u32::try_from(self).map_or(f64::INFINITY, f64::from)
    }
}
