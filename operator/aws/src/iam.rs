//! What kinds of IAM share, and the roles that services of AWS wear.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_iam::types::{Role as Sdk, Tag};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use wpc_blueprint::iam::{
    ATTACH, CREATE, DELETE, DELETE_POLICY, DETACH_POLICY, Desired, GET, GET_POLICY, LIST_ATTACHED, LIST_POLICIES,
    Observed, Own, PATH, PUT_BOUNDARY, PUT_POLICY, ServiceRole, TAG, UPDATE_TRUST, Wearer, trust,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Kind, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, claim, gone};
use crate::tag_cache::Tags;

/// What IAM says of what is not there.
pub(crate) const NO_ENTITY: &[&str] = &["NoSuchEntity"];
/// What IAM says of a name that is taken.
pub(crate) const TAKEN: &[&str] = &["EntityAlreadyExists"];
/// Roles take this many characters.
const ROLE_NAME_LENGTH: usize = 64;

/// A role that is to be made.
pub(crate) struct NewRole<'a> {
    /// What it is for, as people see it.
    pub description: &'a str,
    /// The service that may wear it.
    pub service: &'a str,
    /// How much it can be allowed at most.
    pub boundary: &'a Option<String>,
}

/// A role that a service wears, and its tags.
struct Worn {
    tags: Tags,
    have: Observed,
}

impl<W: Wearer> Verbs<ServiceRole<W>> for Cloud {
    /// Lists of IAM show neither tags nor policies, and the name is known.
    async fn list(&self) -> Result<Vec<Found<ServiceRole<W>>>, Fault> {
        let key = Key::of(W::COMPONENT);
        let found = self.own_service_role(&key).await?;
        let worn = found.as_ref().as_ref();
        Ok(worn.map(|worn| self.at(&key, &worn.tags, worn.have.clone())).into_iter().collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<ServiceRole<W>>>, Fault> {
        self.forget(&attached_to(id));
        Ok(self.service_role(id).await?.map(|worn| self.at(key, &worn.tags, worn.have)))
    }

    async fn create(&self, key: &Key, Desired { boundary }: &Desired) -> Result<Id, Fault> {
        let role = NewRole { description: W::DESCRIPTION, service: W::SERVICE, boundary };
        self.make_role::<ServiceRole<W>>(key, role).await
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: String| changes.iter().any(|change| change.path == path);
        if changed(ServiceRole::<W>::trust_path()) {
            self.set_trust(&have.id, W::SERVICE).await?;
        }
        if changed(ServiceRole::<W>::boundary_path()) {
            self.set_boundary(&have.id, &want.boundary).await?;
        }
        if changed(ServiceRole::<W>::policies_path()) {
            self.attach(&have.id, ServiceRole::<W>::missing(have)).await?;
        }
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        self.remove_role(&have.id).await
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_role(key, &have.id).await
    }
}

impl Cloud {
    /// The name of a component's role.
    pub(crate) fn role_name(&self, key: &Key) -> Id {
        Id(self.name(key, ROLE_NAME_LENGTH))
    }

    /// The ARN of a component's role, if it is there.
    pub(crate) async fn service_role_arn(&self, component: &str) -> Result<Option<String>, Fault> {
        let found = self.own_service_role(&Key::of(component)).await?;
        Ok(found.as_ref().as_ref().map(|worn| worn.have.arn.clone()))
    }

    /// Asked for once a pass, whoever needs it.
    async fn own_service_role(&self, key: &Key) -> Result<Arc<Option<Worn>>, Fault> {
        let id = self.role_name(key);
        self.shared(format!("{} {id}", GET.name), self.service_role(&id)).await
    }

    async fn service_role(&self, id: &Id) -> Result<Option<Worn>, Fault> {
        let Some(sdk) = self.role(id).await? else { return Ok(None) };
        let Some(policies) = self.attached_policies(id).await? else { return Ok(None) };
        let have = Observed {
            id: Id(sdk.role_name().to_owned()),
            arn: sdk.arn().to_owned(),
            trust: trusted(&sdk),
            policies,
            boundary: boundary(&sdk),
        };
        Ok(Some(Worn { tags: tags(sdk.tags()), have }))
    }

    /// A role, if it is there. Its boundary is shown here, and in no list.
    pub(crate) async fn role(&self, id: &Id) -> Result<Option<Sdk>, Fault> {
        let answer = self.call(GET, self.clients.iam.get_role().role_name(&id.0).send()).await;
        Ok(absent(answer, NO_ENTITY)?.and_then(|answer| answer.role))
    }

    /// Makes a role under our name, or finds that it is made already.
    pub(crate) async fn make_role<K: Kind>(&self, key: &Key, role: NewRole<'_>) -> Result<Id, Fault>
    where
        Self: Verbs<K>,
    {
        let name = self.role_name(key);
        let request = self
            .clients
            .iam
            .create_role()
            .role_name(&name.0)
            .path(PATH)
            .description(role.description)
            .assume_role_policy_document(trust(role.service).to_string())
            .set_permissions_boundary(role.boundary.clone())
            .set_tags(Some(self.iam_tags(key)))
            .send();
        match absent(self.call(CREATE, request).await, TAKEN)? {
            Some(_) => Ok(name),
            None => claim::<K>(CREATE, Verbs::<K>::read(self, key, &name).await?),
        }
    }

    /// Lets one service wear a role, and nobody else.
    pub(crate) async fn set_trust(&self, role: &Id, service: &str) -> Result<(), Fault> {
        let request = self.clients.iam.update_assume_role_policy().role_name(&role.0);
        self.call(UPDATE_TRUST, request.policy_document(trust(service).to_string()).send()).await.map(drop)
    }

    /// Sets how much a role can be allowed at most.
    pub(crate) async fn set_boundary(&self, role: &Id, boundary: &Option<String>) -> Result<(), Fault> {
        let request = self.clients.iam.put_role_permissions_boundary().role_name(&role.0);
        self.call(PUT_BOUNDARY, request.set_permissions_boundary(boundary.clone()).send()).await.map(drop)
    }

    /// A policy of a role's own, if it is there.
    pub(crate) async fn own_policy(&self, role: &Id, name: &str) -> Result<Option<Value>, Fault> {
        let request = self.clients.iam.get_role_policy().role_name(&role.0).policy_name(name).send();
        let policy = absent(self.call(GET_POLICY, request).await, NO_ENTITY)?;
        Ok(policy.and_then(|policy| document(policy.policy_document())))
    }

    /// Sets a policy of a role's own.
    pub(crate) async fn put_own_policy(&self, role: &Id, name: &str, policy: Value) -> Result<(), Fault> {
        let request = self.clients.iam.put_role_policy().role_name(&role.0).policy_name(name);
        self.call(PUT_POLICY, request.policy_document(policy.to_string()).send()).await.map(drop)
    }

    /// Gives a role managed policies.
    pub(crate) async fn attach(&self, role: &Id, policies: BTreeSet<String>) -> Result<(), Fault> {
        self.forget(&attached_to(role));
        for policy in policies {
            let request = self.clients.iam.attach_role_policy().role_name(&role.0).policy_arn(policy).send();
            self.call(ATTACH, request).await?;
        }
        Ok(())
    }

    /// The ARNs of the managed policies of a role, if that is there.
    async fn attached_policies(&self, role: &Id) -> Result<Option<BTreeSet<String>>, Fault> {
        let about = attached_to(role);
        let attached = self.seldom(&about, async {
            let request = self.clients.iam.list_attached_role_policies().role_name(&role.0).into_paginator();
            let request = request.stop_on_duplicate_token(false).items().send();
            let found = self.call(LIST_ATTACHED, request.collect::<Result<Vec<_>, _>>()).await?;
            Ok(found.into_iter().filter_map(|policy| policy.policy_arn).collect())
        });
        absent(attached.await, NO_ENTITY)
    }

    /// A role goes only without policies, whoever put them there.
    pub(crate) async fn remove_role(&self, role: &Id) -> Result<(), Fault> {
        let (iam, name) = (&self.clients.iam, &role.0);
        let own = absent(self.call(LIST_POLICIES, iam.list_role_policies().role_name(name).send()).await, NO_ENTITY)?;
        for policy in own.map(|own| own.policy_names).unwrap_or_default() {
            let request = iam.delete_role_policy().role_name(name).policy_name(policy).send();
            gone(self.call(DELETE_POLICY, request).await, NO_ENTITY)?;
        }
        self.forget(&attached_to(role));
        for policy in self.attached_policies(role).await?.unwrap_or_default() {
            let request = iam.detach_role_policy().role_name(name).policy_arn(policy).send();
            gone(self.call(DETACH_POLICY, request).await, NO_ENTITY)?;
        }
        self.forget(&attached_to(role));
        gone(self.call(DELETE, iam.delete_role().role_name(name).send()).await, NO_ENTITY)
    }

    /// Writes a role's tags again.
    pub(crate) async fn relabel_role(&self, key: &Key, role: &Id) -> Result<(), Fault> {
        let request = self.clients.iam.tag_role().role_name(&role.0).set_tags(Some(self.iam_tags(key))).send();
        self.call(TAG, request).await.map(drop)
    }

    /// Tags at creation.
    pub(crate) fn iam_tags(&self, key: &Key) -> Vec<Tag> {
        let tag = |name, value| Tag::builder().key(name).value(value).build().expect("both are set");
        self.tags(key, tag)
    }
}

/// What a role's managed policies are remembered by.
fn attached_to(role: &Id) -> String {
    format!("{role} policies")
}

/// IAM's tags as a map.
pub(crate) fn tags(tags: &[Tag]) -> Tags {
    tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

/// A role with one policy of its own.
pub(crate) fn own(sdk: &Sdk, policy: Option<Value>) -> Own {
    Own {
        id: Id(sdk.role_name().to_owned()),
        arn: sdk.arn().to_owned(),
        trust: trusted(sdk),
        policy,
        boundary: boundary(sdk),
    }
}

/// Who may wear a role.
fn trusted(sdk: &Sdk) -> Option<Value> {
    sdk.assume_role_policy_document().and_then(document)
}

/// How much a role can be allowed at most.
fn boundary(sdk: &Sdk) -> Option<String> {
    sdk.permissions_boundary().and_then(|set| set.permissions_boundary_arn()).map(Into::into)
}

/// IAM answers documents percent-encoded.
fn document(encoded: &str) -> Option<Value> {
    serde_json::from_str(&percent_decode_str(encoded).decode_utf8().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_read_encoded_and_plain() {
        assert_eq!(document("%7B%22Version%22%3A%20%222012-10-17%22%7D"), Some(json!({"Version": "2012-10-17"})));
        assert_eq!(document(r#"{"a": "b+c"}"#), Some(json!({"a": "b+c"})));
        assert_eq!(document("%7B"), None);
    }
}
