//! What all roles of a site have in common, and those that a service of AWS wears. See "IAM roles", "Permissions boundaries
//! for IAM entities" and "AWS managed policies" in the IAM User Guide.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use serde_json::{Value, json};
use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, Output, State, digest};

/// Reads a role, with its tags and its boundary.
pub const GET: Action = Action::read("iam:GetRole");
/// Reads a policy of its own.
pub const GET_POLICY: Action = Action::read("iam:GetRolePolicy");
/// Sets a policy of its own.
pub const PUT_POLICY: Action = Action::write("iam:PutRolePolicy");
/// Lists a role's own policies, before it is removed.
pub const LIST_POLICIES: Action = Action::read("iam:ListRolePolicies");
/// Lists the policies that are attached to a role.
pub const LIST_ATTACHED: Action = Action::read("iam:ListAttachedRolePolicies");
/// Makes a role.
pub const CREATE: Action = Action::write("iam:CreateRole");
/// Sets who may wear it.
pub const UPDATE_TRUST: Action = Action::write("iam:UpdateAssumeRolePolicy");
/// Sets how much it can be allowed at most; the permission is needed at creation too.
pub const PUT_BOUNDARY: Action = Action::write("iam:PutRolePermissionsBoundary");
/// Gives it one of AWS's policies.
pub const ATTACH: Action = Action::write("iam:AttachRolePolicy");
/// Writes tags, also at creation.
pub const TAG: Action = Action::write("iam:TagRole");
/// Removes a policy of its own.
pub const DELETE_POLICY: Action = Action::write("iam:DeleteRolePolicy");
/// Removes a policy that is attached to it.
pub const DETACH_POLICY: Action = Action::write("iam:DetachRolePolicy");
/// Removes it.
pub const DELETE: Action = Action::write("iam:DeleteRole");
/// Lets a service wear it. Nothing calls this: AWS asks for it when the role is named to the service.
pub const PASS: Action = Action::write("iam:PassRole");

/// The path of IAM things, by which a permissions boundary can tell ours.
pub const PATH: &str = "/wordpresscluster/";

/// What dependants learn of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleOutput {
    /// Its name.
    pub name: Id,
    /// Its ARN.
    pub arn: String,
}

impl Output for RoleOutput {
    fn unknown(node: &str) -> Self {
        let name = Id::unknown(node);
        Self { arn: name.0.clone(), name }
    }
}

/// Who may wear a role: a service.
pub fn trust(service: &str) -> Value {
    document(vec![json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})])
}

/// A policy of these statements.
pub fn document(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A document's statements by name.
pub fn names(document: &Option<Value>) -> String {
    let statements = document.iter().filter_map(|document| document["Statement"].as_array()).flatten();
    let names = statements.map(|statement| statement["Sid"].as_str().unwrap_or("unnamed"));
    names.collect::<Vec<_>>().join(",")
}

/// Notes who may wear a role, if that is not the service alone. Documents are compared by their meaning as JSON.
pub fn compare_trust(changes: &mut Changes, path: &str, have: &Option<Value>, service: &str) {
    if have.as_ref() != Some(&trust(service)) {
        changes.push(path, names(have), service, Disruption::None);
    }
}

/// Notes a role's boundary, if it is another one. One that somebody else set stays where we set none.
pub fn compare_boundary(changes: &mut Changes, path: &str, have: &Option<String>, want: &Option<String>) {
    if want.is_some() {
        changes.compare(path, have, want, Disruption::None);
    }
}

/// A role with one policy of its own, as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Own {
    /// Its name.
    pub id: Id,
    /// Its ARN.
    pub arn: String,
    /// Who may wear it.
    pub trust: Option<Value>,
    /// What it may do.
    pub policy: Option<Value>,
    /// The policy that says how much it can be allowed at most.
    pub boundary: Option<String>,
}

impl Own {
    /// What its kind calls.
    pub const ACTIONS: &'static [Action] = &[
        GET,
        GET_POLICY,
        LIST_POLICIES,
        LIST_ATTACHED,
        CREATE,
        UPDATE_TRUST,
        PUT_POLICY,
        PUT_BOUNDARY,
        TAG,
        DELETE_POLICY,
        DETACH_POLICY,
        DELETE,
    ];

    /// What dependants learn of it.
    pub fn output(&self) -> RoleOutput {
        RoleOutput { name: self.id.clone(), arn: self.arn.clone() }
    }

    /// Notes what it may do, if that is something else. Documents are compared by their meaning as JSON.
    pub fn compare_policy(&self, changes: &mut Changes, path: &str, want: Value) {
        let want = Some(want);
        if self.policy != want {
            changes.push(path, summary(&self.policy), summary(&want), Disruption::None);
        }
    }
}

/// What stands for a document: a plan need not show all of it, and two that differ are told apart.
fn summary(document: &Option<Value>) -> String {
    let digested = |whole: &Value| format!("{} ({})", names(document), digest(&[&whole.to_string()]));
    document.as_ref().map(digested).unwrap_or_default()
}

/// A service of AWS that wears a role of the site's, and what it is allowed by AWS's own policies.
pub trait Wearer: Send + Sync + 'static {
    /// The kind.
    const NAME: &'static str;
    /// The component.
    const COMPONENT: &'static str;
    /// The role, as plans name it.
    const PATH: &'static str;
    /// What the role is for, as people see it in IAM.
    const DESCRIPTION: &'static str;
    /// The service.
    const SERVICE: &'static str;
    /// AWS's policies, by what follows `policy/` in their ARNs.
    const POLICIES: &'static [&'static str];
    /// Whether it goes after all else.
    const LAST: bool = false;
}

/// The kind of a role that a service wears.
pub struct ServiceRole<W>(PhantomData<W>);

/// What is wanted of such a role, beside what its [`Wearer`] says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The policy that says how much it can be allowed at most, if the operator is to set one.
    pub boundary: Option<String>,
}

/// What was found of such a role.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its name.
    pub id: Id,
    /// Its ARN.
    pub arn: String,
    /// Who may wear it.
    pub trust: Option<Value>,
    /// The ARNs of the policies that are attached to it.
    pub policies: BTreeSet<String>,
    /// The policy that says how much it can be allowed at most.
    pub boundary: Option<String>,
}

impl<W: Wearer> ServiceRole<W> {
    /// The path of the change of who may wear it.
    pub fn trust_path() -> String {
        format!("{}.trust", W::PATH)
    }

    /// The path of the change of what it may do.
    pub fn policies_path() -> String {
        format!("{}.policies", W::PATH)
    }

    /// The path of the change of how much it can be allowed at most.
    pub fn boundary_path() -> String {
        format!("{}.permissionsBoundary", W::PATH)
    }

    /// The ARNs of its policies that it lacks. The role's own says in which partition they are.
    pub fn missing(have: &Observed) -> BTreeSet<String> {
        let partition = have.arn.split(':').nth(1).unwrap_or("aws");
        let wanted = W::POLICIES.iter().map(|policy| format!("arn:{partition}:iam::aws:policy/{policy}"));
        wanted.filter(|policy| !have.policies.contains(policy)).collect()
    }
}

impl<W: Wearer> Kind for ServiceRole<W> {
    const NAME: &'static str = W::NAME;
    const ACTIONS: &'static [Action] = &[
        GET,
        LIST_POLICIES,
        LIST_ATTACHED,
        CREATE,
        UPDATE_TRUST,
        PUT_BOUNDARY,
        ATTACH,
        TAG,
        DELETE_POLICY,
        DETACH_POLICY,
        DELETE,
    ];
    const IDENTITY: Identity = Identity::Name;
    const LAST: bool = W::LAST;
    type Desired = Desired;
    type Observed = Observed;
    type Output = RoleOutput;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    /// A policy that somebody has added is theirs.
    fn diff(Desired { boundary: wanted }: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, arn: _, trust, policies, boundary } = have;
        let mut changes = Changes::new();
        compare_trust(&mut changes, &Self::trust_path(), trust, W::SERVICE);
        let missing = Self::missing(have);
        if !missing.is_empty() {
            let names = |policies: &BTreeSet<String>| -> BTreeSet<String> {
                policies.iter().map(|arn| arn.rsplit('/').next().unwrap_or(arn).to_owned()).collect()
            };
            let wanted = policies.union(&missing).cloned().collect();
            changes.compare(&Self::policies_path(), &names(policies), &names(&wanted), Disruption::None);
        }
        compare_boundary(&mut changes, &Self::boundary_path(), boundary, wanted);
        changes.delta()
    }

    fn state(have: &Observed) -> State<RoleOutput> {
        State::Ready(RoleOutput { name: have.id.clone(), arn: have.arn.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Clerk;

    impl Wearer for Clerk {
        const NAME: &'static str = "iam/clerk-role";
        const COMPONENT: &'static str = "backup/clerk";
        const PATH: &'static str = "backup.clerk";
        const DESCRIPTION: &'static str = "What a clerk may do";
        const SERVICE: &'static str = "clerk.amazonaws.com";
        const POLICIES: &'static [&'static str] = &["service-role/Write", "Read"];
    }

    const ARN: &str = "arn:aws-cn:iam::210987654321:role/wordpresscluster/gazette-clerk";

    fn have() -> Observed {
        let policies = ["service-role/Write", "Read"].map(|name| format!("arn:aws-cn:iam::aws:policy/{name}"));
        let trust = Some(trust("clerk.amazonaws.com"));
        Observed { id: "gazette-clerk".into(), arn: ARN.into(), trust, policies: policies.into(), boundary: None }
    }

    fn changes(boundary: Option<&str>, have: &Observed) -> Vec<String> {
        match ServiceRole::<Clerk>::diff(&Desired { boundary: boundary.map(Into::into) }, have) {
            Delta::Same => vec![],
            Delta::Update(changes) | Delta::Refused(changes) => changes.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn the_service_wears_it_and_may_do_what_awss_policies_say() {
        assert_eq!(changes(None, &have()), [""; 0]);
        let theirs = document(vec![json!({"Sid": "Stranger"})]);
        let trusted = "backup.clerk.trust found Stranger, wanted clerk.amazonaws.com";
        assert_eq!(changes(None, &Observed { trust: Some(theirs), ..have() }), [trusted]);
        assert_eq!(changes(None, &Observed { trust: None, ..have() }).len(), 1);

        let one: BTreeSet<String> = ["arn:aws-cn:iam::aws:policy/Read".to_owned()].into();
        let lacks = Observed { policies: one, ..have() };
        assert_eq!(changes(None, &lacks), ["backup.clerk.policies found Read, wanted Read,Write"]);
        let missing = ServiceRole::<Clerk>::missing(&lacks);
        assert!(missing.into_iter().eq(["arn:aws-cn:iam::aws:policy/service-role/Write"]));

        let mut more = have();
        more.policies.insert("arn:aws-cn:iam::210987654321:policy/theirs".into());
        assert_eq!(changes(None, &more), [""; 0], "a policy more is somebody's");
    }

    #[test]
    fn a_boundary_is_set_and_never_taken_away() {
        let theirs = Observed { boundary: Some("arn:theirs".into()), ..have() };
        let path = "backup.clerk.permissionsBoundary";
        assert_eq!(changes(Some("arn:b"), &have()), [format!("{path} found nothing, wanted arn:b")]);
        assert_eq!(changes(Some("arn:b"), &theirs), [format!("{path} found arn:theirs, wanted arn:b")]);
        assert_eq!(changes(Some("arn:theirs"), &theirs), [""; 0]);
        assert_eq!(changes(None, &theirs), [""; 0]);
    }

    #[test]
    fn it_is_ready_as_soon_as_it_is_there() {
        assert!(matches!(ServiceRole::<Clerk>::state(&have()), State::Ready(RoleOutput { arn, .. }) if arn == ARN));
    }
}
