use aws_sdk_iam::types::InstanceProfile as Sdk;
use wpc_blueprint::compute::PROFILE;
use wpc_blueprint::compute::instance_profile::{
    ADD_ROLE, CREATE, DELETE, Desired, GET, InstanceProfile, Observed, REMOVE_ROLE, ROLE, TAG,
};
use wpc_blueprint::iam::PATH;
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::NAME_LENGTH;
use crate::Cloud;
use crate::call::{absent, claim, gone};
use crate::iam::{NO_ENTITY, TAKEN, tags};

impl Verbs<InstanceProfile> for Cloud {
    /// Lists of IAM show no tags, and the name is known.
    async fn list(&self) -> Result<Vec<Found<InstanceProfile>>, Fault> {
        let key = Key::of(PROFILE);
        let id = Id(self.name(&key, NAME_LENGTH));
        Ok(Verbs::<InstanceProfile>::read(self, &key, &id).await?.into_iter().collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<InstanceProfile>>, Fault> {
        let request = self.clients.iam.get_instance_profile().instance_profile_name(&id.0).send();
        let answer = absent(self.call(GET, request).await, NO_ENTITY)?;
        let profile = answer.and_then(|answer| answer.instance_profile);
        Ok(profile.map(|sdk| self.at(key, &tags(sdk.tags()), observed(&sdk))))
    }

    async fn create(&self, key: &Key, _: &Desired) -> Result<Id, Fault> {
        let name = self.name(key, NAME_LENGTH);
        let request = self.clients.iam.create_instance_profile().instance_profile_name(&name).path(PATH);
        let request = request.set_tags(Some(self.iam_tags(key))).send();
        match absent(self.call(CREATE, request).await, TAKEN)? {
            Some(_) => Ok(Id(name)),
            None => claim::<InstanceProfile>(CREATE, Verbs::<InstanceProfile>::read(self, key, &Id(name)).await?),
        }
    }

    /// It has room for one role: another goes first.
    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        if changes.iter().any(|change| change.path == ROLE) {
            self.take_role_out(have).await?;
            let request = self.clients.iam.add_role_to_instance_profile().instance_profile_name(&have.id.0);
            self.call(ADD_ROLE, request.role_name(&want.role.0).send()).await?;
        }
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        self.take_role_out(have).await?;
        let request = self.clients.iam.delete_instance_profile().instance_profile_name(&have.id.0).send();
        gone(self.call(DELETE, request).await, NO_ENTITY)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        let request = self.clients.iam.tag_instance_profile().instance_profile_name(&have.id.0);
        self.call(TAG, request.set_tags(Some(self.iam_tags(key))).send()).await.map(drop)
    }
}

impl Cloud {
    async fn take_role_out(&self, have: &Observed) -> Result<(), Fault> {
        let Some(role) = &have.role else { return Ok(()) };
        let request = self.clients.iam.remove_role_from_instance_profile().instance_profile_name(&have.id.0);
        gone(self.call(REMOVE_ROLE, request.role_name(&role.0).send()).await, NO_ENTITY)
    }
}

fn observed(sdk: &Sdk) -> Observed {
    Observed {
        id: Id(sdk.instance_profile_name().to_owned()),
        role: sdk.roles().first().map(|role| Id(role.role_name().to_owned())),
    }
}
