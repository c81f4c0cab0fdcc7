//! The firewall itself: a web ACL. See "Configuring protection in AWS WAF" in the AWS WAF Developer Guide.

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Key, Kind, State};

use super::Rule;
pub use super::{LIST_TAGS, Scope, TAG};

/// Lists, without the rules.
pub const LIST: Action = Action::read("wafv2:ListWebACLs");
/// Reads one, with the version that writes must name.
pub const GET: Action = Action::read("wafv2:GetWebACL");
/// Makes it.
pub const CREATE: Action = Action::write("wafv2:CreateWebACL");
/// Sets its rules.
pub const UPDATE: Action = Action::write("wafv2:UpdateWebACL");
/// Removes it.
pub const DELETE: Action = Action::write("wafv2:DeleteWebACL");

/// The component.
pub const COMPONENT: &str = "firewall/web-acl";

/// The path of the change of rules.
pub const RULES: &str = "firewall.rules";
/// The path of the change of what happens to requests that no rule is about.
pub const DEFAULT: &str = "firewall.default";

/// The kind.
#[derive(Debug, Clone)]
pub struct WebAcl;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// What it stands before.
    pub scope: Scope,
    /// Its rules, in order.
    pub rules: Vec<Rule>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its ARN.
    pub arn: Id,
    /// Its rules, in order.
    pub rules: Vec<Rule>,
    /// Whether what no rule is about gets through.
    pub allows: bool,
}

/// The key of the one that stands there.
pub fn key(scope: Scope) -> Key {
    Key { name: COMPONENT.into(), variant: WebAcl::variant(&Desired { scope, rules: vec![] }) }
}

/// Whether an ARN names one that we may have made: its name tells the component.
pub fn may_be_ours(arn: &str) -> bool {
    arn.contains("-firewall-web-acl-")
}

impl Kind for WebAcl {
    const NAME: &'static str = "wafv2/web-acl";
    const ACTIONS: &'static [Action] = &[LIST, LIST_TAGS, GET, CREATE, UPDATE, TAG, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    /// Only what it stands before cannot be changed in place.
    fn variant(want: &Desired) -> Option<String> {
        Some(want.scope.name().to_ascii_lowercase())
    }

    fn id(have: &Observed) -> Id {
        have.arn.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        let sets = have.rules.iter().filter_map(|rule| match rule {
            Rule::Deny(set) | Rule::Allow(set) => Some(set.clone()),
            _ => None,
        });
        sets.collect()
    }

    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Desired { scope: _, rules } = want;
        let Observed { arn: _, rules: found, allows } = have;
        let mut changes = Changes::new();
        if rules != found {
            changes.push(RULES, without(found, rules), without(rules, found), Disruption::None);
        }
        changes.compare(DEFAULT, &action(*allows), &action(true), Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.arn.clone())
    }
}

fn action(allows: bool) -> String {
    if allows { "allow" } else { "block" }.into()
}

/// The rules that the others lack; all of them where only the order differs.
fn without(these: &[Rule], others: &[Rule]) -> String {
    let ordered = these.len() == others.len() && these.iter().all(|rule| others.contains(rule));
    let shown = these.iter().filter(|rule| ordered || !others.contains(rule));
    shown.map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use wpc_api::v1alpha1::Firewall;

    use super::*;
    use crate::firewall::rules;

    fn want(deny: &[&str]) -> Desired {
        let deny = deny.iter().copied().map(Id::from).collect();
        Desired { scope: Scope::Regional, rules: rules(&Firewall::default(), deny, vec![]) }
    }

    fn have(rules: Vec<Rule>) -> Observed {
        Observed { arn: "arn:acl".into(), rules, allows: true }
    }

    #[test]
    fn rules_and_their_order_are_compared_and_the_default() {
        let wanted = want(&[]);
        assert_eq!(WebAcl::diff(&wanted, &have(wanted.rules.clone())), Delta::Same);
        let mut swapped = wanted.rules.clone();
        swapped.swap(0, 1);
        let mut more = wanted.rules.clone();
        more.push(Rule::Other("somebody's".into()));
        for rules in [swapped, more, vec![]] {
            let Delta::Update(changes) = WebAcl::diff(&wanted, &have(rules)) else { panic!() };
            assert_eq!(changes[0].path, RULES);
        }
        let mut fewer = wanted.rules.clone();
        fewer[0] = Rule::LoginRate(9);
        let Delta::Update(changes) = WebAcl::diff(&wanted, &have(fewer)) else { panic!() };
        assert_eq!(changes[0].to_string(), "firewall.rules found login-rate 9, wanted login-rate 300");
        let blocks = Observed { allows: false, ..have(wanted.rules.clone()) };
        let Delta::Update(changes) = WebAcl::diff(&wanted, &blocks) else { panic!() };
        assert_eq!(changes[0].to_string(), "firewall.default found block, wanted allow");
    }

    #[test]
    fn it_holds_its_sets_and_another_scope_is_another() {
        let wanted = want(&["arn:deny-ipv4"]);
        assert_eq!(WebAcl::holds(&have(wanted.rules.clone())), ["arn:deny-ipv4".into()] as [Id; 1]);
        assert_ne!(key(Scope::Regional), key(Scope::CloudFront));
        assert_eq!(WebAcl::variant(&wanted), key(Scope::Regional).variant);
        assert!(may_be_ours("arn:aws:wafv2:us-east-1:1:global/webacl/blog-6b8a99fd-firewall-web-acl-cloudfront/0a"));
    }
}
