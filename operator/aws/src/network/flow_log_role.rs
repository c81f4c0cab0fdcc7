use wpc_blueprint::iam::Own;
use wpc_blueprint::network::flow_log_role::{
    BOUNDARY, Desired, FlowLogRole, POLICY, POLICY_NAME, ROLE, SERVICE, TRUST,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::iam::{NewRole, own, tags};

impl Verbs<FlowLogRole> for Cloud {
    /// Lists of IAM show neither tags nor policies, and the name is known.
    async fn list(&self) -> Result<Vec<Found<FlowLogRole>>, Fault> {
        let key = Key::of(ROLE);
        Ok(self.flow_log_role(&key, &self.role_name(&key)).await?.into_iter().collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<FlowLogRole>>, Fault> {
        self.forget(&policy_of(id));
        self.flow_log_role(key, id).await
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let description = "Under which the network of a WordPressCluster is logged";
        self.make_role::<FlowLogRole>(key, NewRole { description, service: SERVICE, boundary: &want.boundary }).await
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Own, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: &str| changes.iter().any(|change| change.path == path);
        if changed(TRUST) {
            self.set_trust(&have.id, SERVICE).await?;
        }
        if changed(BOUNDARY) {
            self.set_boundary(&have.id, &want.boundary).await?;
        }
        if changed(POLICY) {
            let done = self.put_own_policy(&have.id, POLICY_NAME, want.policy()).await;
            self.forget(&policy_of(&have.id));
            done?;
        }
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Own, _: Removal) -> Result<(), Fault> {
        self.forget(&policy_of(&have.id));
        self.remove_role(&have.id).await
    }

    async fn relabel(&self, key: &Key, have: &Own) -> Result<(), Fault> {
        self.relabel_role(key, &have.id).await
    }
}

impl Cloud {
    async fn flow_log_role(&self, key: &Key, id: &Id) -> Result<Option<Found<FlowLogRole>>, Fault> {
        let Some(sdk) = self.role(id).await? else { return Ok(None) };
        let policy = self.seldom(&policy_of(id), self.own_policy(id, POLICY_NAME)).await?;
        Ok(Some(self.at(key, &tags(sdk.tags()), own(&sdk, policy))))
    }
}

/// What its policy is remembered by.
fn policy_of(role: &Id) -> String {
    format!("{role} policy")
}
