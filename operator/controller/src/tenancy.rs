//! Who may work where: which roles the administrator allows to which namespace, and whose stack an object may touch.
//!
//! Whoever may edit an object may write any role into its spec and anything into its annotations. So both are held
//! against the operator's own configuration, before every use and before any call.

use std::collections::BTreeSet;
use std::str::FromStr;

use kube::ResourceExt;
use wpc_api::WordPressCluster;
use wpc_api::annotations::{SCOPE, Scope};
use wpc_aws::{Account, Role};
use wpc_blueprint::Stack;
use wpc_engine::{Class, Fault};

use crate::context::Context;

/// Which namespaces may work under which roles. By default none may, and all may use the operator's own identity.
#[derive(Debug, Clone, Default)]
pub struct Tenancy {
    /// The roles allowed, one by one: no wildcards, so that no name that a tenant can choose fits by accident.
    pub allowed: BTreeSet<Grant>,
    /// No namespace may use the operator's own identity.
    pub require_role: bool,
}

/// One role for one namespace, written `<namespace>=<arn>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The namespace.
    pub namespace: String,
    /// The role's ARN.
    pub role: String,
}

/// A text that allows nothing.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0:?} allows no role to a namespace; write <namespace>=arn:aws:iam::<account>:role/<name>, both exactly: there are no wildcards"
)]
pub struct NoGrant(String);

impl FromStr for Grant {
    type Err = NoGrant;

    fn from_str(text: &str) -> Result<Self, NoGrant> {
        let grant = text.split_once('=').filter(|(namespace, role)| is_namespace(namespace) && is_role(role));
        let (namespace, role) = grant.ok_or_else(|| NoGrant(text.to_owned()))?;
        Ok(Self { namespace: namespace.to_owned(), role: role.to_owned() })
    }
}

fn is_namespace(text: &str) -> bool {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.len() <= 63 && text.chars().all(legal)
}

fn is_role(text: &str) -> bool {
    let number = |account: &str| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let legal = |c: char| c.is_ascii_alphanumeric() || "+=,.@_/-".contains(c);
    match text.splitn(6, ':').collect::<Vec<_>>().as_slice() {
        ["arn", partition, "iam", "", account, resource] => {
            let name = resource.strip_prefix("role/").unwrap_or_default();
            partition.starts_with("aws") && number(account) && !name.is_empty() && name.chars().all(legal)
        }
        _ => false,
    }
}

impl Tenancy {
    /// Whether a namespace may work under a role, or under none.
    pub fn check(&self, namespace: &str, role: Option<&str>) -> Result<(), Fault> {
        let Some(role) = role else {
            return match self.require_role {
                false => Ok(()),
                true => Err(not_allowed(format!(
                    "namespace {namespace} may not use the operator's own identity: write spec.roleArn, a role that the administrator of the operator allows to it"
                ))),
            };
        };
        let grant = Grant { namespace: namespace.to_owned(), role: role.to_owned() };
        match self.allowed.contains(&grant) {
            true => Ok(()),
            false => Err(not_allowed(format!(
                "namespace {namespace} may not use {role}: the administrator of the operator must allow it (--allow-role {namespace}={role}, or allowedRoles in the chart's values)"
            ))),
        }
    }
}

fn not_allowed(message: String) -> Fault {
    Fault { reason: "RoleNotAllowed", ..Fault::new(Class::Denied, message) }
}

/// The account that a role leads to, if the object's namespace may use it; without a role, the operator's own.
pub(crate) async fn open(
    context: &Context,
    object: &WordPressCluster,
    region: &str,
    role: Option<&str>,
) -> Result<Account, Fault> {
    context.config.tenancy.check(&object.namespace().unwrap_or_default(), role)?;
    context.accounts.open(region, role.map(|arn| Role::of(arn, &stack(context, object)))).await
}

/// The object's own stack.
pub(crate) fn stack(context: &Context, object: &WordPressCluster) -> Stack {
    Stack::new(&context.config.cluster_id, object.namespace().unwrap_or_default(), object.name_any())
}

/// Where the object's stack was recorded to live. What cannot be read is no "nowhere": there may be a stack. What was
/// recorded for another object was copied or edited, and would reach that one's stack.
pub(crate) fn recorded(context: &Context, object: &WordPressCluster) -> Result<Option<Scope>, Fault> {
    let told =
        |error| Fault::invalid(format!("the annotation {SCOPE} cannot be read ({error}); write back what it was"));
    let Some(scope) = object.scope().map_err(told)? else { return Ok(None) };
    let own = stack(context, object).to_string();
    if scope.stack == own {
        return Ok(Some(scope));
    }
    let message = format!(
        "the annotation {SCOPE} names the stack {}, and this object's is {own}: it was not touched. Write back what it was, or remove the annotation if it was copied from another object; if the operator's cluster id was changed, give it back the old one",
        scope.stack
    );
    Err(Fault { reason: "StackChanged", ..Fault::new(Class::Denied, message) })
}

/// Credentials that suddenly lead elsewhere would build a second stack there.
pub(crate) fn same_account(account: &Account, role: Option<&str>, recorded: &Scope) -> Result<(), Fault> {
    let found = account.scope();
    if (&found.account, &found.region) == (&recorded.account, &recorded.region) {
        return Ok(());
    }
    let advice = match (&recorded.role, role) {
        (old, new) if old.as_deref() == new => "Give back the old ones".to_owned(),
        (Some(old), _) => format!("Write spec.roleArn {old} back, or another role of that account"),
        (None, _) => "Remove spec.roleArn again, or name a role of that account".to_owned(),
    };
    let message = format!(
        "the stack lives in account {}, region {}; the credentials lead to account {}, region {}. {advice}",
        recorded.account, recorded.region, found.account, found.region
    );
    Err(Fault { reason: "AccountChanged", ..Fault::new(Class::Denied, message) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRESS: &str = "arn:aws:iam::210987654321:role/press";

    fn tenancy(grants: &[&str], require_role: bool) -> Tenancy {
        let allowed = grants.iter().map(|grant| grant.parse().expect("a grant")).collect();
        Tenancy { allowed, require_role }
    }

    #[test]
    fn a_grant_is_one_namespace_and_one_role() {
        let grant: Grant = format!("press={PRESS}").parse().expect("a grant");
        assert_eq!((grant.namespace.as_str(), grant.role.as_str()), ("press", PRESS));
        for text in
            ["press=arn:aws-cn:iam::210987654321:role/sites/a,b=c@d", "p-1=arn:aws-us-gov:iam::000000000001:role/a"]
        {
            assert!(text.parse::<Grant>().is_ok(), "{text}");
        }
        let wrong = [
            "",
            PRESS,
            "press=",
            "=arn:aws:iam::210987654321:role/press",
            "*=arn:aws:iam::210987654321:role/press",
            "press=arn:aws:iam::210987654321:role/*",
            "press=arn:aws:iam::*:role/press",
            "press=arn:aws:iam::210987654321:role/",
            "press=arn:aws:iam::210987654321:user/press",
            "press=arn:aws:sts::210987654321:role/press",
            "press=arn:aws:iam::21098765432:role/press",
            "Press=arn:aws:iam::210987654321:role/press",
        ];
        for text in wrong {
            let said = text.parse::<Grant>().expect_err(text).to_string();
            assert!(said.contains("write <namespace>=arn:aws:iam::<account>:role/<name>"), "{said}");
        }
    }

    #[test]
    fn nothing_is_allowed_but_what_is_named() {
        let table = [
            (tenancy(&[], false), "press", Some(PRESS), false),
            (tenancy(&[], false), "press", None, true),
            (tenancy(&[], true), "press", None, false),
            (tenancy(&[&format!("press={PRESS}")], true), "press", Some(PRESS), true),
            (tenancy(&[&format!("press={PRESS}")], false), "shop", Some(PRESS), false),
            (tenancy(&[&format!("press={PRESS}")], false), "pres", Some(PRESS), false),
            (tenancy(&[&format!("press={PRESS}")], false), "press", Some(&PRESS[..PRESS.len() - 1]), false),
            (
                tenancy(&[&format!("press={PRESS}")], false),
                "press",
                Some("arn:aws:iam::210987654321:role/Press"),
                false,
            ),
            (tenancy(&[&format!("press={PRESS}")], false), "press", Some(""), false),
        ];
        for (tenancy, namespace, role, allowed) in table {
            let checked = tenancy.check(namespace, role);
            assert_eq!(checked.is_ok(), allowed, "{namespace} {role:?}");
            if let Err(fault) = checked {
                assert_eq!((fault.class, fault.reason), (Class::Denied, "RoleNotAllowed"));
                assert!(fault.message.contains(namespace) && fault.message.contains(role.unwrap_or("spec.roleArn")));
            }
        }
    }
}
