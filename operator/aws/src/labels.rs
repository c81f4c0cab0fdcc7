//! Whose a resource is, by its tags.

use std::collections::BTreeMap;

use wpc_blueprint::{Stack, TAG_COMPONENT, TAG_OPERATOR, TAG_STACK};
use wpc_engine::{Changes, Delta, Disruption, Found, Key, Kind, Owner, Standing};

/// The tags that a stack's resources carry, and how found tags are judged by them.
#[derive(Debug, Clone)]
pub struct Labels {
    /// The stack.
    pub stack: Stack,
    /// Who manages it: the cluster's kube-system uid, or `cli`.
    pub operator: String,
    /// The user's own tags.
    pub user: BTreeMap<String, String>,
    /// Take over what another operator manages, or what carries our name and no tag.
    pub adopt: bool,
}

impl Labels {
    /// All tags of a resource.
    pub(crate) fn of(&self, key: &Key) -> BTreeMap<String, String> {
        let mut tags = self.user.clone();
        tags.extend(self.stack.tags(key));
        tags.insert(TAG_OPERATOR.into(), self.operator.clone());
        tags
    }

    /// A listed thing, if its tags say that it is this stack's.
    pub(crate) fn listed<K: Kind>(&self, tags: &BTreeMap<String, String>, have: K::Observed) -> Option<Found<K>> {
        if tags.get(TAG_STACK)? != &self.stack.to_string() {
            return None;
        }
        let Ok(key) = tags.get(TAG_COMPONENT)?.parse::<Key>();
        let standing = self.standing(&key, tags);
        Some(Found { key, have, standing })
    }

    /// A thing that was found by its key's name or id; its tags say whether it is ours.
    pub(crate) fn at<K: Kind>(&self, key: &Key, tags: &BTreeMap<String, String>, have: K::Observed) -> Found<K> {
        Found { key: key.clone(), have, standing: self.standing(key, tags) }
    }

    fn standing(&self, key: &Key, tags: &BTreeMap<String, String>) -> Standing {
        let foreign = match (tags.get(TAG_STACK), tags.get(TAG_OPERATOR)) {
            (Some(stack), _) if *stack != self.stack.to_string() => Some(Owner::Stranger(format!("stack {stack}"))),
            (None, _) => Some(Owner::Stranger("nobody that says so".to_owned())),
            (_, Some(operator)) if *operator != self.operator => Some(Owner::Operator(operator.clone())),
            _ => None,
        };
        // Another stack's is never taken over; what another operator or nobody manages is, when asked.
        let other_stack = tags.get(TAG_STACK).is_some_and(|stack| *stack != self.stack.to_string());
        if let Some(owner) = foreign.filter(|_| other_stack || !self.adopt) {
            return Standing::Foreign(owner);
        }
        let mut stale = Changes::new();
        for (name, value) in self.of(key) {
            stale.compare(&format!("tags.{name}"), &tags.get(&name).cloned(), &Some(value), Disruption::None);
        }
        match stale.delta() {
            Delta::Update(changes) => Standing::Mislabelled(changes),
            Delta::Same | Delta::Refused(_) => Standing::Ours,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(adopt: bool) -> Labels {
        let user = BTreeMap::from([("team".to_owned(), "web".to_owned())]);
        Labels { stack: Stack::new("default", "sites", "blog"), operator: "uid-1".into(), user, adopt }
    }

    fn standing(adopt: bool, change: impl Fn(&mut BTreeMap<String, String>)) -> Standing {
        let key = Key::of("network/vpc");
        let mut tags = labels(false).of(&key);
        change(&mut tags);
        labels(adopt).standing(&key, &tags)
    }

    fn said(standing: Standing) -> Vec<String> {
        let Standing::Mislabelled(changes) = standing else { panic!("{standing:?}") };
        changes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn tags_say_whose_a_thing_is() {
        let set = |name: &'static str, value: &'static str| {
            move |tags: &mut BTreeMap<String, String>| drop(tags.insert(name.into(), value.into()))
        };
        let drop_tag = |name: &'static str| move |tags: &mut BTreeMap<String, String>| drop(tags.remove(name));

        assert_eq!(standing(false, |_| {}), Standing::Ours);
        assert_eq!(standing(false, set("made-by", "a person")), Standing::Ours);
        assert_eq!(said(standing(false, set("team", "ops"))), ["tags.team found ops, wanted web"]);
        assert_eq!(said(standing(false, drop_tag("team"))), ["tags.team found nothing, wanted web"]);
        assert_eq!(standing(false, set(TAG_OPERATOR, "cli")), Standing::Foreign(Owner::Operator("cli".into())));
        let taken = said(standing(true, set(TAG_OPERATOR, "cli")));
        assert_eq!(taken, [format!("tags.{TAG_OPERATOR} found cli, wanted uid-1")]);
        assert!(matches!(standing(false, drop_tag(TAG_STACK)), Standing::Foreign(_)));
        assert!(matches!(standing(true, drop_tag(TAG_STACK)), Standing::Mislabelled(_)));
        // Another stack's is never taken over.
        let other = "default/other/blog";
        assert_eq!(standing(true, set(TAG_STACK, other)), Standing::Foreign(Owner::Stranger(format!("stack {other}"))));
    }

    #[test]
    fn our_tags_win_over_the_users() {
        let mut labels = labels(false);
        labels.user.insert(TAG_STACK.into(), "mine".into());
        assert_eq!(labels.of(&Key::of("a/b"))[TAG_STACK], "default/sites/blog");
    }
}
