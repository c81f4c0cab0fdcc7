//! One view of XML and JSON documents: paths, so that the table of kinds speaks of both alike.
//!
//! A path is names joined by `/`, the root's own name left out; a last `*` means every child of a list.

use serde_json::Value;

use super::xml::Element;

/// A parsed document, or one item of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// From an XML protocol.
    Xml(Element),
    /// From a JSON protocol.
    Json(Value),
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

impl Tree {
    /// The text at a path; numbers and booleans of JSON in their usual form.
    pub fn text(&self, path: &str) -> Option<String> {
        match self {
            Tree::Xml(root) => {
                let element = segments(path).try_fold(root, |at, name| at.child(name))?;
                element.children.is_empty().then(|| element.text.clone())
            }
            Tree::Json(root) => match segments(path).try_fold(root, |at, name| at.get(name))? {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                Value::Bool(flag) => Some(flag.to_string()),
                Value::Null | Value::Array(_) | Value::Object(_) => None,
            },
        }
    }

    /// The entries of an object of JSON.
    pub fn object(&self) -> Option<&serde_json::Map<String, Value>> {
        match self {
            Tree::Json(value) => value.as_object(),
            Tree::Xml(_) => None,
        }
    }

    /// Writes text at a path, making what is missing on the way.
    pub fn set(&mut self, path: &str, text: &str) {
        match self {
            Tree::Xml(root) => {
                let element = segments(path).fold(root, |at, name| at.child_or_new(name));
                element.children.clear();
                text.clone_into(&mut element.text);
            }
            Tree::Json(root) => {
                let slot = segments(path).fold(root, |at, name| {
                    if !at.is_object() {
                        *at = Value::Object(serde_json::Map::new());
                    }
                    &mut at[name]
                });
                *slot = Value::String(text.into());
            }
        }
    }

    /// Removes whatever is at a path; a `*` on the way means every child.
    pub fn remove(&mut self, path: &str) {
        match path.rsplit_once('/') {
            Some((parent, name)) => self.visit(parent, &mut |item| {
                item.remove_child(name);
                true
            }),
            None => self.remove_child(path),
        }
    }

    fn remove_child(&mut self, name: &str) {
        match self {
            Tree::Xml(element) => element.children.retain(|child| child.name != name),
            Tree::Json(Value::Object(map)) => {
                map.shift_remove(name);
            }
            Tree::Json(_) => {}
        }
    }

    /// Shows every item at a path to `keep`, which may change it; items it returns `false` for are dropped.
    pub fn visit(&mut self, path: &str, keep: &mut dyn FnMut(&mut Tree) -> bool) {
        let (head, rest) = path.split_once('/').unwrap_or((path, ""));
        match (self, head) {
            (tree, "") => {
                keep(tree);
            }
            (Tree::Xml(element), "*") => {
                element.children = std::mem::take(&mut element.children)
                    .into_iter()
                    .filter_map(|child| match Self::visit_one(Tree::Xml(child), rest, keep)? {
                        Tree::Xml(child) => Some(child),
                        Tree::Json(_) => None,
                    })
                    .collect();
            }
            (Tree::Xml(element), name) => {
                if let Some(at) = element.children.iter().position(|child| child.name == name) {
                    let child = std::mem::take(&mut element.children[at]);
                    match Self::visit_one(Tree::Xml(child), rest, keep) {
                        Some(Tree::Xml(child)) => element.children[at] = child,
                        _ => {
                            element.children.remove(at);
                        }
                    }
                }
            }
            (Tree::Json(Value::Array(list)), "*") => {
                *list = std::mem::take(list)
                    .into_iter()
                    .filter_map(|child| match Self::visit_one(Tree::Json(child), rest, keep)? {
                        Tree::Json(child) => Some(child),
                        Tree::Xml(_) => None,
                    })
                    .collect();
            }
            (Tree::Json(Value::Object(map)), name) => {
                if let Some(child) = map.get_mut(name).map(Value::take) {
                    match Self::visit_one(Tree::Json(child), rest, keep) {
                        Some(Tree::Json(child)) => map[name] = child,
                        _ => {
                            map.shift_remove(name);
                        }
                    }
                }
            }
            (Tree::Json(_), _) => {}
        }
    }

    /// The last step decides whether the item stays; on the way down everything stays.
    fn visit_one(mut child: Tree, rest: &str, keep: &mut dyn FnMut(&mut Tree) -> bool) -> Option<Tree> {
        if rest.is_empty() {
            return keep(&mut child).then_some(child);
        }
        child.visit(rest, keep);
        Some(child)
    }

    /// Copies of the items at a path.
    pub fn items(&self, path: &str) -> Vec<Tree> {
        let mut items = Vec::new();
        self.clone().visit(path, &mut |item| {
            items.push(item.clone());
            true
        });
        items
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn both() -> [Tree; 2] {
        let xml = "<R><List><m><Id>a</Id><State><Code>x</Code></State></m><m><Id>b</Id></m></List></R>";
        let json = json!({"List": [{"Id": "a", "State": {"Code": "x"}}, {"Id": "b"}]});
        [Tree::Xml(Element::parse(xml.as_bytes()).unwrap()), Tree::Json(json)]
    }

    #[test]
    fn a_path_means_the_same_in_both_forms() {
        for mut tree in both() {
            let ids: Vec<_> = tree.items("List/*").iter().filter_map(|item| item.text("Id")).collect();
            assert_eq!(ids, ["a", "b"]);
            tree.visit("List/*", &mut |item| {
                item.set("State/Code", "y");
                item.text("Id").as_deref() == Some("b")
            });
            let left = tree.items("List/*");
            assert_eq!(left.len(), 1);
            assert_eq!(left[0].text("State/Code").as_deref(), Some("y"));
        }
    }

    #[test]
    fn removal_reaches_through_lists() {
        for mut tree in both() {
            tree.remove("List/*/State");
            assert_eq!(tree.items("List/*/State").len(), 0);
            assert_eq!(tree.items("List/*").len(), 2);
            tree.remove("List");
            assert_eq!(tree.items("List/*").len(), 0);
        }
    }

    #[test]
    fn missing_paths_are_no_items() {
        for tree in both() {
            assert!(tree.items("Nope/*").is_empty());
            assert_eq!(tree.text("Nope/Id"), None);
            assert_eq!(tree.text("List"), None, "a list is no text");
        }
    }
}
