use aws_sdk_iam::types::Role as Sdk;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use wpc_blueprint::compute::role::{
    BOUNDARY, CREATE, DELETE, DELETE_POLICY, DETACH_POLICY, Desired, GET, GET_POLICY, LIST_ATTACHED, LIST_POLICIES,
    Observed, POLICY, POLICY_NAME, PUT_BOUNDARY, PUT_POLICY, Role, TAG, TRUST, UPDATE_TRUST, trust,
};
use wpc_blueprint::compute::{IAM_PATH, ROLE};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::{NO_ENTITY, ROLE_NAME_LENGTH, TAKEN, tags};
use crate::Cloud;
use crate::call::{absent, claim, gone};

impl Verbs<Role> for Cloud {
    /// Lists of IAM show neither tags nor policies, and the name is known.
    async fn list(&self) -> Result<Vec<Found<Role>>, Fault> {
        let key = Key::of(ROLE);
        let id = Id(self.name(&key, ROLE_NAME_LENGTH));
        Ok(Verbs::<Role>::read(self, &key, &id).await?.into_iter().collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Role>>, Fault> {
        let answer = absent(self.call(GET, self.clients.iam.get_role().role_name(&id.0).send()).await, NO_ENTITY)?;
        let Some(sdk) = answer.and_then(|answer| answer.role) else { return Ok(None) };
        let request = self.clients.iam.get_role_policy().role_name(&id.0).policy_name(POLICY_NAME).send();
        let policy = absent(self.call(GET_POLICY, request).await, NO_ENTITY)?;
        let policy = policy.and_then(|policy| document(policy.policy_document()));
        Ok(Some(self.at(key, &tags(sdk.tags()), observed(&sdk, policy))))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = self.name(key, ROLE_NAME_LENGTH);
        let request = self
            .clients
            .iam
            .create_role()
            .role_name(&name)
            .path(IAM_PATH)
            .description("What the web instances of a WordPressCluster may do")
            .assume_role_policy_document(trust().to_string())
            .set_permissions_boundary(want.boundary.clone())
            .set_tags(Some(self.iam_tags(key)))
            .send();
        match absent(self.call(CREATE, request).await, TAKEN)? {
            Some(_) => Ok(Id(name)),
            None => claim::<Role>(CREATE, Verbs::<Role>::read(self, key, &Id(name)).await?),
        }
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: &str| changes.iter().any(|change| change.path == path);
        let iam = &self.clients.iam;
        if changed(TRUST) {
            let request = iam.update_assume_role_policy().role_name(&have.id.0).policy_document(trust().to_string());
            self.call(UPDATE_TRUST, request.send()).await?;
        }
        if changed(BOUNDARY) {
            let request = iam.put_role_permissions_boundary().role_name(&have.id.0);
            let request = request.set_permissions_boundary(want.boundary.clone()).send();
            self.call(PUT_BOUNDARY, request).await?;
        }
        if changed(POLICY) {
            let document = want.policy(&have.arn).to_string();
            let request = iam.put_role_policy().role_name(&have.id.0).policy_name(POLICY_NAME);
            self.call(PUT_POLICY, request.policy_document(document).send()).await?;
        }
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        self.remove_role(&have.id).await
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        let request = self.clients.iam.tag_role().role_name(&have.id.0).set_tags(Some(self.iam_tags(key))).send();
        self.call(TAG, request).await.map(drop)
    }
}

impl Cloud {
    /// A role goes only without policies, whoever put them there.
    pub(crate) async fn remove_role(&self, id: &Id) -> Result<(), Fault> {
        let (iam, name) = (&self.clients.iam, &id.0);
        let own = absent(self.call(LIST_POLICIES, iam.list_role_policies().role_name(name).send()).await, NO_ENTITY)?;
        for policy in own.map(|own| own.policy_names).unwrap_or_default() {
            let request = iam.delete_role_policy().role_name(name).policy_name(policy).send();
            gone(self.call(DELETE_POLICY, request).await, NO_ENTITY)?;
        }
        let request = iam.list_attached_role_policies().role_name(name).send();
        let attached = absent(self.call(LIST_ATTACHED, request).await, NO_ENTITY)?;
        for policy in attached.and_then(|attached| attached.attached_policies).unwrap_or_default() {
            let request = iam.detach_role_policy().role_name(name).set_policy_arn(policy.policy_arn).send();
            gone(self.call(DETACH_POLICY, request).await, NO_ENTITY)?;
        }
        gone(self.call(DELETE, iam.delete_role().role_name(name).send()).await, NO_ENTITY)
    }
}

fn observed(sdk: &Sdk, policy: Option<Value>) -> Observed {
    Observed {
        id: Id(sdk.role_name().to_owned()),
        arn: sdk.arn().to_owned(),
        trust: sdk.assume_role_policy_document().and_then(document),
        policy,
        boundary: sdk.permissions_boundary().and_then(|set| set.permissions_boundary_arn()).map(Into::into),
    }
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
