use aws_sdk_efs::types::{AccessPointDescription as Sdk, CreationInfo, LifeCycleState, PosixUser, RootDirectory};
use wpc_blueprint::storage::Phase;
use wpc_blueprint::storage::access_point::{
    AccessPoint, CREATE, DELETE, DESCRIBE, Desired, Door, Observed, PERMISSIONS,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::{phase, tags};
use crate::Cloud;
use crate::call::{absent, claim, gone};
use crate::incarnation::{INCARNATIONS, endless};

const NOT_FOUND: &[&str] = &["AccessPointNotFound"];
const WITHOUT_FILE_SYSTEM: &[&str] = &["FileSystemNotFound"];
const EXISTS: &[&str] = &["AccessPointAlreadyExists"];

impl Verbs<AccessPoint> for Cloud {
    async fn list(&self) -> Result<Vec<Found<AccessPoint>>, Fault> {
        let request =
            self.clients.efs.describe_access_points().into_paginator().stop_on_duplicate_token(false).items().send();
        let points = self.shared(DESCRIBE.name, self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>())).await?;
        self.ours(DESCRIBE, points.iter().map(|sdk| (tags(sdk.tags()), observed(sdk))))
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<AccessPoint>>, Fault> {
        let answer = self.call(DESCRIBE, self.clients.efs.describe_access_points().access_point_id(&id.0).send()).await;
        let points = absent(answer, NOT_FOUND)?.and_then(|answer| answer.access_points).unwrap_or_default();
        Ok(points.first().and_then(|sdk| Some(self.at(key, &tags(sdk.tags()), observed(sdk)?))))
    }

    /// A token seen before is refused as long as its access point is listed, also while that is being deleted.
    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let mut token = self.token(key);
        for _ in 0..INCARNATIONS {
            let request = self.clients.efs.create_access_point().client_token(&token);
            let request =
                request.file_system_id(&want.file_system.0).posix_user(user(want.door)).root_directory(root(want.door));
            match self.call(CREATE, request.set_tags(Some(self.efs_tags(key))).send()).await {
                Err(fault) if fault.is(EXISTS) => {}
                made => return CREATE.id(made?.access_point_id),
            }
            let found = self.access_point_of(key, want, &token).await?;
            match found {
                Some(Found { have: Observed { phase: Phase::Deleting, id, .. }, .. }) => {
                    token = self.labels.stack.token_after(&token, &id);
                }
                found => return claim(CREATE, found),
            }
        }
        Err(endless().in_action(CREATE))
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.efs.delete_access_point().access_point_id(&have.id.0).send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_efs(key, &have.id).await
    }
}

impl Cloud {
    /// The access point that was made with a token; no call asks for it directly.
    async fn access_point_of(
        &self,
        key: &Key,
        want: &Desired,
        token: &str,
    ) -> Result<Option<Found<AccessPoint>>, Fault> {
        let request = self.clients.efs.describe_access_points().file_system_id(&want.file_system.0);
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let answer = self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>()).await;
        let points = absent(answer, WITHOUT_FILE_SYSTEM)?.unwrap_or_default();
        let made = points.iter().find(|sdk| sdk.client_token() == Some(token));
        Ok(made.and_then(|sdk| Some(self.at(key, &tags(sdk.tags()), observed(sdk)?))))
    }
}

fn user(door: Door) -> PosixUser {
    let owner = door.owner().into();
    PosixUser::builder().uid(owner).gid(owner).build().expect("both parts are set")
}

/// The folder for uploads is made by the first mount, with this owner.
fn root(door: Door) -> RootDirectory {
    let folder = RootDirectory::builder().path(door.path());
    if door == Door::Whole {
        return folder.build();
    }
    let owner = door.owner().into();
    let made = CreationInfo::builder().owner_uid(owner).owner_gid(owner).permissions(PERMISSIONS);
    folder.creation_info(made.build().expect("all parts are set")).build()
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    Some(Observed {
        id: Id(sdk.access_point_id()?.to_owned()),
        file_system: Id(sdk.file_system_id()?.to_owned()),
        phase: phase(sdk.life_cycle_state().unwrap_or(&LifeCycleState::Creating)),
    })
}
