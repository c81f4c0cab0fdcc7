//! The names that we put on Kubernetes objects and AWS resources, and what their values mean.

use serde::{Deserialize, Serialize};

use crate::v1alpha1::WordPressCluster;

/// The API group; also the prefix of every label, annotation and tag of ours.
pub const GROUP: &str = "wordpresscluster.dev";

/// Keeps the object until AWS holds nothing of it any more.
pub const FINALIZER: &str = "wordpresscluster.dev/finalizer";

/// Any new value asks for a pass now; `status.lastReconcileRequest` echoes it.
pub const RECONCILE_AT: &str = "wordpresscluster.dev/reconcile-at";
/// The hash of the plan in status that a person agrees to.
pub const APPROVE: &str = "wordpresscluster.dev/approve";
/// `"true"`: take over what carries our names without our tags, or another operator's.
pub const ADOPT: &str = "wordpresscluster.dev/adopt";
/// The object's own name: agrees that deletion removes data when deletionPolicy is Delete.
pub const CONFIRM_DELETE: &str = "wordpresscluster.dev/confirm-delete";
/// Written by the operator before its first AWS call: a [`Scope`] as JSON.
pub const SCOPE: &str = "wordpresscluster.dev/scope";

/// Tag: the stack that owns a resource, `<cluster-id>/<namespace>/<name>`.
pub const TAG_STACK: &str = "wordpresscluster.dev/stack";
/// Tag: the component (name and variant) that a resource is.
pub const TAG_COMPONENT: &str = "wordpresscluster.dev/component";
/// Tag: the operator that made a resource: the uid of kube-system, or `cli`.
pub const TAG_OPERATOR: &str = "wordpresscluster.dev/operator";

/// Where a stack lives. Recorded on the object before the first AWS call, so that deletion finds the
/// resources whatever has become of the spec.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scope {
    /// The AWS account's twelve digits.
    pub account: String,
    /// The region of everything regional.
    pub region: String,
    /// The role assumed, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The stack id, `<cluster-id>/<namespace>/<name>`.
    pub stack: String,
}

impl Scope {
    /// The annotation's value.
    pub fn to_annotation(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// Reads the annotation's value.
    pub fn from_annotation(value: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(value)
    }
}

impl WordPressCluster {
    /// The value of one of its annotations.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.metadata.annotations.as_ref()?.get(key).map(String::as_str)
    }

    /// The recorded [`Scope`], if one was recorded.
    pub fn scope(&self) -> Result<Option<Scope>, serde_json::Error> {
        self.annotation(SCOPE).map(Scope::from_annotation).transpose()
    }

    /// Whether a person asked to take over what carries our names without our tags.
    pub fn adopts(&self) -> bool {
        self.annotation(ADOPT) == Some("true")
    }

    /// Whether a person agreed, by writing the object's name, that deletion removes data.
    pub fn deletion_confirmed(&self) -> bool {
        self.metadata.name.is_some() && self.annotation(CONFIRM_DELETE) == self.metadata.name.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_survives_its_annotation() {
        let scope = |role: Option<&str>| Scope {
            account: "210987654321".into(),
            region: "eu-west-1".into(),
            role: role.map(str::to_owned),
            stack: "default/press/gazette".into(),
        };
        for scope in [scope(None), scope(Some("arn:aws:iam::210987654321:role/press"))] {
            assert_eq!(Scope::from_annotation(&scope.to_annotation()).unwrap(), scope);
        }
        assert_eq!(
            scope(None).to_annotation(),
            r#"{"account":"210987654321","region":"eu-west-1","stack":"default/press/gazette"}"#
        );
        assert!(Scope::from_annotation("{}").is_err());
    }
}
