//! What a request carries, as a tree, whatever its protocol.

use serde_json::Value;

use crate::gateway::protocol::{Element, Params};

/// One value. Forms and XML know names and text only; JSON also knows lists and what a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Text that may stand for anything.
    Text(String),
    /// A string of JSON.
    String(String),
    /// A number of JSON.
    Number(String),
    /// A boolean of JSON.
    Bool(bool),
    /// Named values, in order; XML repeats names.
    Fields(Vec<(String, Node)>),
    /// A list of JSON.
    Items(Vec<Node>),
}

impl Node {
    /// From a form's `Dotted.1.Names`.
    pub fn from_form(params: &Params) -> Self {
        let mut root = Vec::new();
        for (name, value) in params.iter() {
            insert(&mut root, name, value);
        }
        Self::Fields(root)
    }

    /// From JSON; a null is not there.
    pub fn from_json(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::String(text.clone()),
            Value::Array(list) => Self::Items(list.iter().filter_map(Self::from_json).collect()),
            Value::Object(map) => Self::Fields(
                map.iter().filter_map(|(key, value)| Some((key.clone(), Self::from_json(value)?))).collect(),
            ),
        })
    }

    /// From XML, without attributes.
    pub fn from_xml(element: &Element) -> Self {
        if element.children.is_empty() {
            return Self::Text(element.text.clone());
        }
        Self::Fields(element.children.iter().map(|child| (child.name.clone(), Self::from_xml(child))).collect())
    }

    /// Its fields; empty text is none of them.
    pub fn fields(&self) -> Option<&[(String, Node)]> {
        match self {
            Self::Fields(fields) => Some(fields),
            Self::Text(text) if text.is_empty() => Some(&[]),
            _ => None,
        }
    }

    /// Its text, for messages and for what was not written as anything else.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) | Self::String(text) | Self::Number(text) => text.clone(),
            Self::Bool(flag) => flag.to_string(),
            Self::Fields(fields) => format!("{} fields", fields.len()),
            Self::Items(items) => format!("{} items", items.len()),
        }
    }
}

fn insert(fields: &mut Vec<(String, Node)>, name: &str, value: &str) {
    let Some((head, rest)) = name.split_once('.') else {
        fields.push((name.into(), Node::Text(value.into())));
        return;
    };
    let at = fields.iter().position(|(name, node)| name == head && matches!(node, Node::Fields(_)));
    let at = at.unwrap_or_else(|| {
        fields.push((head.into(), Node::Fields(Vec::new())));
        fields.len() - 1
    });
    if let Node::Fields(inner) = &mut fields[at].1 {
        insert(inner, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn dotted_names_are_a_tree() {
        let form = Node::from_form(&Params::from_form("A.1.B=x&A.1.C=y&A.2.B=z&D="));
        let field = |name: &str, node| (name.to_owned(), node);
        let text = |text: &str| Node::Text(text.into());
        let first = Node::Fields(vec![field("B", text("x")), field("C", text("y"))]);
        let second = Node::Fields(vec![field("B", text("z"))]);
        let list = Node::Fields(vec![field("1", first), field("2", second)]);
        assert_eq!(form, Node::Fields(vec![field("A", list), field("D", text(""))]));
    }

    #[test]
    fn json_keeps_its_types() {
        let node = Node::from_json(&json!({"a": null, "b": [1, true, "1"]})).unwrap();
        let items = vec![Node::Number("1".into()), Node::Bool(true), Node::String("1".into())];
        assert_eq!(node, Node::Fields(vec![("b".into(), Node::Items(items))]));
    }
}
