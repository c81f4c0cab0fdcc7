//! The least that the operator must be allowed, as IAM policies: what its kinds call, and what AWS asks for beside.
//!
//! See "IAM JSON policy elements reference" and "IAM and AWS STS quotas" in the IAM User Guide.

mod dependent;
mod scopes;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};
use wpc_api::annotations::TAG_STACK;
use wpc_engine::{Access, Action, AnyKind};

pub use dependent::{DEPENDENT, Dependent};
pub use scopes::{BUCKETS, By, IDENTITIES, REACHES, Reach};

/// What the operator asks beside its kinds.
pub const BESIDE_KINDS: &[Action] =
    &[Action::read("ec2:DescribeAvailabilityZones"), Action::read("ec2:DescribeManagedPrefixLists")];

/// A managed policy has at most so many characters, white space not counted.
pub const POLICY_SIZE: usize = 6144;

/// What is to be allowed, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permissions {
    /// Every permission, and what needs it.
    pub needs: BTreeMap<&'static str, Need>,
    /// Whose things: a stack's id, or a pattern of them.
    pub stacks: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
}

/// What needs a permission.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Need {
    /// The kinds whose calls have its name.
    pub kinds: BTreeSet<&'static str>,
    /// Why AWS asks for it beside other calls.
    pub because: BTreeSet<String>,
    /// The services that it is for, where it is about roles.
    #[serde(skip)]
    services: BTreeSet<&'static str>,
}

impl Permissions {
    /// What these kinds need to be made, changed and removed, and every other kind to be looked for: a pass lists all.
    pub fn of(
        all: &[std::sync::Arc<dyn AnyKind>],
        wanted: impl Fn(&str) -> bool,
        stacks: &str,
        partition: &str,
    ) -> Self {
        let mut needs: BTreeMap<&'static str, Need> = BTreeMap::new();
        for kind in all {
            let may = |action: &&Action| action.access == Access::Read || wanted(kind.name());
            for action in kind.actions().iter().filter(may) {
                needs.entry(action.name).or_default().kinds.insert(kind.name());
            }
        }
        for action in BESIDE_KINDS {
            needs.entry(action.name).or_default().because.insert("every pass: what the region has".into());
        }
        for action in crate::preflight::ACTIONS {
            let why = "before the first thing is made: what the account and the region have room for";
            needs.entry(action.name).or_default().because.insert(why.into());
        }
        for Dependent { of, needs: name, service, why } in DEPENDENT {
            if needs.contains_key(of) {
                let need = needs.entry(*name).or_default();
                need.because.insert(format!("{of}: {why}"));
                need.services.extend(service);
            }
        }
        Self { needs, stacks: stacks.into(), partition: partition.into() }
    }

    /// The statements that allow them.
    pub fn statements(&self) -> Vec<Value> {
        let scoped: BTreeSet<&str> = REACHES.iter().flat_map(|reach| reach.actions).copied().collect();
        let roles = ["iam:PassRole", "iam:CreateServiceLinkedRole"];
        let free = |name: &&str| !scoped.contains(name) && !roles.contains(name);
        let mut services: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for name in self.needs.keys().copied().filter(free) {
            services.entry(name.split(':').next().unwrap_or_default()).or_default().push(name);
        }
        let mut statements: Vec<Value> =
            services.into_iter().map(|(service, names)| allow(&sid(service), &names, &["*"], None)).collect();
        for Reach { sid, actions, on, by } in REACHES {
            let names: Vec<&str> = actions.iter().copied().filter(|name| self.needs.contains_key(name)).collect();
            if !names.is_empty() {
                let on: Vec<String> = on.iter().map(|on| self.arn(on)).collect();
                let on: Vec<&str> = on.iter().map(String::as_str).collect();
                statements.push(allow(sid, &names, &on, self.condition(*by)));
            }
        }
        let ours: Vec<String> = IDENTITIES.iter().filter(|on| on.contains(":role/")).map(|on| self.arn(on)).collect();
        let ours: Vec<&str> = ours.iter().map(String::as_str).collect();
        statements.extend(self.roles("PassRoles", "iam:PassRole", &ours, "iam:PassedToService"));
        statements.extend(self.roles("ServiceRoles", "iam:CreateServiceLinkedRole", &["*"], "iam:AWSServiceName"));
        statements
    }

    /// The statements in as few policies as hold them.
    pub fn documents(&self) -> Vec<Value> {
        let mut documents: Vec<Vec<Value>> = vec![];
        for statement in self.statements() {
            let fits = documents.last().is_some_and(|last| {
                let with = last.iter().chain([&statement]).cloned().collect();
                size(&document(with)) <= POLICY_SIZE
            });
            match documents.last_mut().filter(|_| fits) {
                Some(last) => last.push(statement),
                None => documents.push(vec![statement]),
            }
        }
        documents.into_iter().map(document).collect()
    }

    fn arn(&self, on: &str) -> String {
        if on == "*" { on.to_owned() } else { format!("arn:{}:{on}", self.partition) }
    }

    fn condition(&self, by: By) -> Option<Value> {
        let key = match by {
            By::Tag => "aws:ResourceTag",
            By::NewTag => "aws:RequestTag",
            By::Nothing => return None,
        };
        Some(json!({ "StringLike": { format!("{key}/{TAG_STACK}"): self.stacks } }))
    }

    fn roles(&self, sid: &str, action: &'static str, on: &[&str], key: &str) -> Option<Value> {
        let services = &self.needs.get(action)?.services;
        Some(allow(sid, &[action], on, Some(json!({ "StringEquals": { key: services } }))))
    }
}

/// `ec2` as a statement's name: letters and digits only.
fn sid(service: &str) -> String {
    let mut letters = service.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    format!("All{}{}", first.map(String::from).unwrap_or_default(), letters.as_str()).replace('-', "")
}

fn allow(sid: &str, actions: &[&str], on: &[&str], condition: Option<Value>) -> Value {
    let mut statement = json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": on });
    if let Some(condition) = condition {
        statement["Condition"] = condition;
    }
    statement
}

fn document(statements: Vec<Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// The characters that IAM counts. None of ours holds white space inside a string.
fn size(document: &Value) -> usize {
    document.to_string().chars().filter(|c| !c.is_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kinds;

    fn all() -> Permissions {
        Permissions::of(&Kinds::offline().all(), |_| true, "default/*", "aws")
    }

    fn names(statements: &[Value]) -> BTreeSet<String> {
        let actions = statements.iter().flat_map(|statement| statement["Action"].as_array().unwrap());
        actions.map(|name| name.as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn everything_needed_is_allowed_and_nothing_else() {
        let permissions = all();
        let allowed = names(&permissions.statements());
        let needed: BTreeSet<String> = permissions.needs.keys().map(|name| (*name).to_owned()).collect();
        assert_eq!(allowed, needed);
        assert!(allowed.iter().all(|name| !name.contains('*')));
    }

    #[test]
    fn each_policy_fits_and_together_they_are_no_more_than_a_role_may_have() {
        let documents = all().documents();
        assert!(documents.iter().all(|document| size(document) <= POLICY_SIZE));
        assert!(documents.len() <= 10, "{}", documents.len());
        let split =
            documents.iter().flat_map(|document| document["Statement"].as_array().unwrap().clone()).collect::<Vec<_>>();
        assert_eq!(split, all().statements());
        let sids: BTreeSet<_> = split.iter().map(|statement| statement["Sid"].to_string()).collect();
        assert_eq!(sids.len(), split.len(), "each statement has a name of its own");
        assert!(sids.iter().all(|sid| sid.trim_matches('"').chars().all(char::is_alphanumeric)), "{sids:?}");
    }

    #[test]
    fn a_site_without_a_feature_needs_only_to_look_for_it() {
        let without = Permissions::of(&Kinds::offline().all(), |kind| !kind.starts_with("wafv2/"), "a/b/c", "aws-cn");
        assert!(without.needs.contains_key("wafv2:ListWebACLs") && !without.needs.contains_key("wafv2:CreateWebACL"));
        assert!(!without.needs.contains_key("elasticloadbalancing:SetWebACL"), "what only it depends on goes too");
        let statements = without.statements();
        let own = statements.iter().find(|statement| statement["Sid"] == "OwnFiles").unwrap();
        assert_eq!(own["Condition"], json!({"StringLike": {"aws:ResourceTag/wordpresscluster.dev/stack": "a/b/c"}}));
        let new = statements.iter().find(|statement| statement["Sid"] == "NewInNetwork").unwrap();
        assert!(new["Resource"][0].as_str().unwrap().starts_with("arn:aws-cn:ec2:"));
    }

    #[test]
    fn roles_are_passed_and_made_for_named_services_only() {
        let statements = all().statements();
        for (sid, key) in [("PassRoles", "iam:PassedToService"), ("ServiceRoles", "iam:AWSServiceName")] {
            let statement = statements.iter().find(|statement| statement["Sid"] == sid).unwrap();
            assert!(!statement["Condition"]["StringEquals"][key].as_array().unwrap().is_empty());
        }
    }

    #[test]
    fn the_names_of_what_we_make_are_those_that_are_allowed() {
        let (front, place) = BUCKETS[0].trim_start_matches("s3:::").split_once('?').unwrap();
        let ends = front.trim_start_matches('*');
        let long = "a-blog-whose-name-is-as-long-as-a-name-of-a-blog-is";
        for (key, name) in
            crate::media::bucket::keys().into_iter().flat_map(|key| ["b", long].map(|name| (key.clone(), name)))
        {
            let bucket = crate::media::bucket::name(&crate::Stack::new("c", "n", name), &key, "1", "r");
            let (before, digest) = bucket.split_at(bucket.len() - place.len() - 1);
            assert!(before.ends_with(ends) && !digest.contains('-'), "{bucket}");
        }
        assert!(IDENTITIES.iter().all(|on| on.ends_with(&format!("{}*", crate::iam::PATH))));
    }

    #[test]
    fn a_role_of_somebody_elses_is_passed_to_nobody() {
        let statements = all().statements();
        let pass = statements.iter().find(|statement| statement["Sid"] == "PassRoles").unwrap();
        assert_eq!(pass["Resource"], json!(["arn:aws:iam::*:role/wordpresscluster/*"]));
    }

    #[test]
    fn every_line_of_the_tables_is_about_something() {
        let all: BTreeSet<&str> =
            Kinds::offline().all().iter().flat_map(|kind| kind.actions()).map(|a| a.name).collect();
        let stale: Vec<&str> = DEPENDENT.iter().map(|row| row.of).filter(|of| !all.contains(of)).collect();
        assert_eq!(stale, [""; 0], "no kind makes these calls");
        // A call that only some other line needs may be scoped too.
        let known: BTreeSet<&str> = all.iter().copied().chain(DEPENDENT.iter().map(|row| row.needs)).collect();
        let scoped = REACHES.iter().flat_map(|reach| reach.actions).copied();
        let stale: Vec<&str> = scoped.filter(|name| !known.contains(name)).collect();
        assert_eq!(stale, [""; 0], "nothing needs these");
    }
}
