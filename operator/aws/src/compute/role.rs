use aws_sdk_iam::types::Role as Sdk;
use serde_json::Value;
use wpc_blueprint::compute::ROLE;
use wpc_blueprint::compute::role::{
    BOUNDARY, Desired, GET_POLICY, Observed, POLICY, POLICY_NAME, PUT_POLICY, Role, SERVICE, TRUST,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::absent;
use crate::iam::{NO_ENTITY, NewRole, boundary, document, tags, trusted};

impl Verbs<Role> for Cloud {
    /// Lists of IAM show neither tags nor policies, and the name is known.
    async fn list(&self) -> Result<Vec<Found<Role>>, Fault> {
        let key = Key::of(ROLE);
        Ok(Verbs::<Role>::read(self, &key, &self.role_name(&key)).await?.into_iter().collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Role>>, Fault> {
        let Some(sdk) = self.role(id).await? else { return Ok(None) };
        let request = self.clients.iam.get_role_policy().role_name(&id.0).policy_name(POLICY_NAME).send();
        let policy = absent(self.call(GET_POLICY, request).await, NO_ENTITY)?;
        let policy = policy.and_then(|policy| document(policy.policy_document()));
        Ok(Some(self.at(key, &tags(sdk.tags()), observed(&sdk, policy))))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let description = "What the web instances of a WordPressCluster may do";
        self.make_role::<Role>(key, NewRole { description, service: SERVICE, boundary: &want.boundary }).await
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: &str| changes.iter().any(|change| change.path == path);
        if changed(TRUST) {
            self.set_trust(&have.id, SERVICE).await?;
        }
        if changed(BOUNDARY) {
            self.set_boundary(&have.id, &want.boundary).await?;
        }
        if changed(POLICY) {
            let document = want.policy(&have.arn).to_string();
            let request = self.clients.iam.put_role_policy().role_name(&have.id.0).policy_name(POLICY_NAME);
            self.call(PUT_POLICY, request.policy_document(document).send()).await?;
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

fn observed(sdk: &Sdk, policy: Option<Value>) -> Observed {
    Observed {
        id: Id(sdk.role_name().to_owned()),
        arn: sdk.arn().to_owned(),
        trust: trusted(sdk),
        policy,
        boundary: boundary(sdk),
    }
}
