use percent_encoding::percent_decode_str;
use wpc_blueprint::compute::IAM_PATH;
use wpc_blueprint::compute::role::{CREATE, GET, LIST_ATTACHED, TAG, UPDATE_TRUST};
use wpc_blueprint::database::monitoring_role::{
    ATTACH, COMPONENT, Desired, MonitoringRole, Observed, POLICY, TRUST, policy, trust,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, claim};
use crate::compute::{NO_ENTITY, ROLE_NAME_LENGTH, TAKEN, tags};

impl Verbs<MonitoringRole> for Cloud {
    /// Lists of IAM show neither tags nor policies, and the name is known.
    async fn list(&self) -> Result<Vec<Found<MonitoringRole>>, Fault> {
        let key = Key::of(COMPONENT);
        let id = Id(self.name(&key, ROLE_NAME_LENGTH));
        Ok(self.monitoring_role(&key, &id).await?.into_iter().collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<MonitoringRole>>, Fault> {
        self.forget(&policies_of(id));
        self.monitoring_role(key, id).await
    }

    async fn create(&self, key: &Key, _: &Desired) -> Result<Id, Fault> {
        let name = self.name(key, ROLE_NAME_LENGTH);
        let request = self
            .clients
            .iam
            .create_role()
            .role_name(&name)
            .path(IAM_PATH)
            .description("Under which RDS monitors the instances of a WordPressCluster's database")
            .assume_role_policy_document(trust().to_string())
            .set_tags(Some(self.iam_tags(key)))
            .send();
        match absent(self.call(CREATE, request).await, TAKEN)? {
            Some(_) => Ok(Id(name)),
            None => claim::<MonitoringRole>(CREATE, Verbs::<MonitoringRole>::read(self, key, &Id(name)).await?),
        }
    }

    async fn update(&self, _: &Key, _: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: &str| changes.iter().any(|change| change.path == path);
        let iam = &self.clients.iam;
        if changed(TRUST) {
            let request = iam.update_assume_role_policy().role_name(&have.id.0).policy_document(trust().to_string());
            self.call(UPDATE_TRUST, request.send()).await?;
        }
        if changed(POLICY) {
            let request = iam.attach_role_policy().role_name(&have.id.0).policy_arn(policy(&have.arn)).send();
            self.call(ATTACH, request).await?;
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
    async fn monitoring_role(&self, key: &Key, id: &Id) -> Result<Option<Found<MonitoringRole>>, Fault> {
        let answer = absent(self.call(GET, self.clients.iam.get_role().role_name(&id.0).send()).await, NO_ENTITY)?;
        let Some(sdk) = answer.and_then(|answer| answer.role) else { return Ok(None) };
        let about = policies_of(id);
        let attached = self.seldom(&about, async {
            let request = self.clients.iam.list_attached_role_policies().role_name(&id.0).into_paginator();
            let request = request.stop_on_duplicate_token(false).items().send();
            let found = self.call(LIST_ATTACHED, request.collect::<Result<Vec<_>, _>>()).await?;
            Ok(found.into_iter().filter_map(|policy| policy.policy_arn).collect::<Vec<_>>())
        });
        let Some(policies) = absent(attached.await, NO_ENTITY)? else { return Ok(None) };
        let text = sdk.assume_role_policy_document().map(|text| percent_decode_str(text).decode_utf8_lossy());
        let have = Observed {
            id: Id(sdk.role_name().to_owned()),
            arn: sdk.arn().to_owned(),
            trust: text.and_then(|text| serde_json::from_str(&text).ok()),
            policies,
        };
        Ok(Some(self.at(key, &tags(sdk.tags()), have)))
    }
}

/// What a role's policies are remembered by.
fn policies_of(id: &Id) -> String {
    format!("{id} policies")
}
