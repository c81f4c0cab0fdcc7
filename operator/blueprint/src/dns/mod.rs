//! The site's names in a hosted zone of Amazon Route 53, which is a person's: only records are made there.
//!
//! Records take no tags. Beside each of ours stands a TXT record that names the stack, so a record without one is
//! somebody else's; and a zone's records say what is ours without a spec.

pub mod alias;
pub mod health_check;
pub mod validation;

use wpc_engine::{Action, Key};

use crate::Stack;

/// Lists the zones, to find those with records of ours.
pub const LIST_ZONES: Action = Action::read("route53:ListHostedZones");
/// Lists and reads records.
pub const LIST_RECORDS: Action = Action::read("route53:ListResourceRecordSets");
/// Makes, changes and removes records, several in one step or none.
pub const CHANGE_RECORDS: Action = Action::write("route53:ChangeResourceRecordSets");

/// The first label of a mark's name.
const LABEL: &str = "_wpc.";
/// What a mark's text begins with.
const TEXT: &str = "wordpresscluster.dev/stack=";
/// One string of a TXT record holds so many characters.
const STRING: usize = 255;

/// The mark of records that were there before us, and stay when we go.
pub const FOUND: &str = "\"wordpresscluster.dev/found\"";

/// The name of the TXT record that stands beside this one.
pub fn mark_name(record: &str) -> String {
    format!("{LABEL}{record}")
}

/// The record beside which such a TXT record stands.
pub fn marked(name: &str) -> Option<&str> {
    name.strip_prefix(LABEL)
}

/// The value of a TXT record that names a stack, in quotes as DNS has it.
pub fn mark(stack: &Stack) -> String {
    let text: Vec<char> = format!("{TEXT}{stack}").chars().collect();
    let strings: Vec<String> =
        text.chunks(STRING).map(|part| format!("\"{}\"", part.iter().collect::<String>())).collect();
    strings.join(" ")
}

/// The stack that such a value names.
pub fn stack_of(value: &str) -> Option<String> {
    let text: String = value.split('"').skip(1).step_by(2).collect();
    text.strip_prefix(TEXT).map(str::to_owned)
}

/// What tells this stack's records from those of others under one name.
pub fn set_identifier(stack: &Stack) -> String {
    stack.name(&Key::of("dns/site"), 128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_names_its_stack_however_long_it_is() {
        let stack = Stack::new("default", "sites", "blog");
        assert_eq!(mark(&stack), "\"wordpresscluster.dev/stack=default/sites/blog\"");
        for cluster in ["default".to_owned(), "c".repeat(600)] {
            let stack = Stack::new(cluster, "sites", "blog");
            assert_eq!(stack_of(&mark(&stack)), Some(stack.to_string()));
        }
        for foreign in ["\"v=spf1 -all\"", FOUND, "", "\""] {
            assert_eq!(stack_of(foreign), None, "{foreign}");
        }
        assert_eq!(marked(&mark_name("www.example.com")), Some("www.example.com"));
        assert_eq!(marked("www.example.com"), None);
    }
}
