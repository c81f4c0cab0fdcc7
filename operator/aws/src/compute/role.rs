use wpc_blueprint::compute::ROLE;
use wpc_blueprint::compute::role::{BOUNDARY, Desired, POLICY, POLICY_NAME, Role, SERVICE, TRUST};
use wpc_blueprint::iam::Own;
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::iam::{NewRole, own, tags};

impl Verbs<Role> for Cloud {
    /// Lists of IAM show neither tags nor policies, and the name is known.
    async fn list(&self) -> Result<Vec<Found<Role>>, Fault> {
        let key = Key::of(ROLE);
        Ok(Verbs::<Role>::read(self, &key, &self.role_name(&key)).await?.into_iter().collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Role>>, Fault> {
        let Some(sdk) = self.role(id).await? else { return Ok(None) };
        let policy = self.own_policy(id, POLICY_NAME).await?;
        Ok(Some(self.at(key, &tags(sdk.tags()), own(&sdk, policy))))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let description = "What the web instances of a WordPressCluster may do";
        self.make_role::<Role>(key, NewRole { description, service: SERVICE, boundary: &want.boundary }).await
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
            self.put_own_policy(&have.id, POLICY_NAME, want.policy(&have.arn)).await?;
        }
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Own, _: Removal) -> Result<(), Fault> {
        self.remove_role(&have.id).await
    }

    async fn relabel(&self, key: &Key, have: &Own) -> Result<(), Fault> {
        self.relabel_role(key, &have.id).await
    }
}
