use std::sync::Arc;
use std::time::SystemTime;

use aws_sdk_ec2::operation::describe_snapshots::DescribeSnapshotsOutput;
use aws_sdk_ec2::types::{
    Filter, ResourceType, SnapshotState, Tag, TagSpecification, Volume as Sdk, VolumeModification,
    VolumeModificationState, VolumeState, VolumeType,
};
use wpc_blueprint::storage::file_system::LEAVING_TAG;
use wpc_blueprint::storage::volume::{
    CREATE, DELETE, DESCRIBE, DESCRIBE_MODIFICATIONS, DESCRIBE_SNAPSHOTS, Desired, GP3, KIND, LEAVING, MODIFY,
    Observed, Phase, SIZE, SNAPSHOT, Snapshot, TAG, UNTAG, VOLUME, Volume, judge,
};
use wpc_blueprint::{TAG_COMPONENT, Unfit};
use wpc_engine::{Change, Class, Fault, Found, Id, Key, Removal, Verbs};

use crate::call::{absent, gone};
use crate::fault::refused;
use crate::network::{every_stack, tags};
use crate::{Account, Cloud};

const NOT_FOUND: &[&str] = &["InvalidVolume.NotFound"];
const NO_SNAPSHOT: &[&str] = &["InvalidSnapshot.NotFound"];

impl Verbs<Volume> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Volume>>, Fault> {
        // Not the instances' own disks, which bear their group's tags.
        let request = self.clients.ec2.describe_volumes().filters(every_stack()).filters(data_volumes());
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let volumes = self.shared(DESCRIBE.name, self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>())).await?;
        let mut found = self.ours::<Volume>(DESCRIBE, volumes.iter().map(|sdk| (tags(sdk.tags()), observed(sdk))))?;
        if !found.is_empty() {
            let modifications = self.every_modification().await?;
            found.iter_mut().for_each(|mine| modified(&mut mine.have, &modifications));
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Volume>>, Fault> {
        let answer = self.call(DESCRIBE, self.clients.ec2.describe_volumes().volume_ids(&id.0).send()).await;
        let volumes = absent(answer, NOT_FOUND)?.and_then(|answer| answer.volumes).unwrap_or_default();
        let Some((sdk, mut have)) = volumes.first().and_then(|sdk| Some((sdk, observed(sdk)?))) else {
            return Ok(None);
        };
        let request = self.clients.ec2.describe_volumes_modifications();
        let request = request.filters(Filter::builder().name("volume-id").values(&id.0).build()).send();
        let answer = self.call(DESCRIBE_MODIFICATIONS, request).await?;
        modified(&mut have, answer.volumes_modifications());
        Ok(Some(self.at(key, &tags(sdk.tags()), have)))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        if let Some(id) = &want.snapshot {
            let request = self.clients.ec2.describe_snapshots().snapshot_ids(id).send();
            let found = beginning(self.call(DESCRIBE_SNAPSHOTS, request).await)?;
            if let Err(Unfit { message, passes }) = judge(id, found, want.gibibytes) {
                let class = if passes { Class::Busy } else { Class::Invalid };
                return Err(Fault::new(class, message).in_action(CREATE));
            }
        }
        let zone = want.zones.first().map(String::as_str).unwrap_or_default();
        self.incarnate(key, |token| async move {
            let request = self
                .clients
                .ec2
                .create_volume()
                .client_token(token)
                .availability_zone(zone)
                .size(want.gibibytes)
                .volume_type(VolumeType::from(GP3))
                .encrypted(true)
                .set_snapshot_id(want.snapshot.clone())
                .set_kms_key_id(want.key.as_ref().map(|key| key.0.clone()))
                .tag_specifications(self.tag_specification(key, ResourceType::Volume))
                .send();
            CREATE.id(self.call(CREATE, request).await?.volume_id)
        })
        .await
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: &str| changes.iter().any(|change| change.path == path);
        if changed(LEAVING) {
            let mark = Tag::builder().key(LEAVING_TAG).build();
            let request = self.clients.ec2.delete_tags().resources(&have.id.0).tags(mark).send();
            self.call(UNTAG, request).await?;
        }
        if !changed(SIZE) && !changed(KIND) {
            return Ok(());
        }
        let request = self.clients.ec2.modify_volume().volume_id(&have.id.0);
        let request = request.set_size(changed(SIZE).then_some(want.gibibytes));
        let request = request.set_volume_type(changed(KIND).then(|| VolumeType::from(GP3)));
        self.call(MODIFY, request.send()).await.map(drop)
    }

    /// AWS would take a snapshot of a disk in use, and one of files half written.
    async fn delete(&self, key: &Key, have: &Observed, removal: Removal) -> Result<(), Fault> {
        if let Some(instance) = have.attached.first() {
            let why = format!("{} is attached to {instance}", have.id);
            return Err(refused(DELETE, Some("VolumeInUse"), Some(&why)));
        }
        if removal != Removal::Delete {
            self.snapshot_before_end(key, have).await?;
        }
        gone(self.call(DELETE, self.clients.ec2.delete_volume().volume_id(&have.id.0).send()).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_ec2(key, &have.id).await
    }
}

impl Cloud {
    async fn every_modification(&self) -> Result<Arc<Vec<VolumeModification>>, Fault> {
        let request = self.clients.ec2.describe_volumes_modifications();
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let fetch = self.call(DESCRIBE_MODIFICATIONS, request.collect::<Result<Vec<_>, _>>());
        self.shared(DESCRIBE_MODIFICATIONS.name, fetch).await
    }

    /// Does what is left to do until a complete snapshot of the disk as it is now exists.
    ///
    /// When that began is written on the disk, which no instance has any more, and on the snapshot.
    async fn snapshot_before_end(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        let volume = &have.id;
        let since = match &have.leaving_since {
            Some(since) => since.clone(),
            None => {
                let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
                let tags = self.leaving_tags(key, &now.to_string());
                let request = self.clients.ec2.create_tags().resources(&volume.0).set_tags(Some(tags)).send();
                self.call(TAG, request).await?;
                now.to_string()
            }
        };
        let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
        let request = self
            .clients
            .ec2
            .describe_snapshots()
            .owner_ids("self")
            .filters(filter("volume-id", &volume.0))
            .filters(filter(&format!("tag:{LEAVING_TAG}"), &since));
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let snapshots = self.call(DESCRIBE_SNAPSHOTS, request.collect::<Result<Vec<_>, _>>()).await?;
        let state = |wanted: SnapshotState| snapshots.iter().find(|it| it.state() == Some(&wanted));
        if state(SnapshotState::Completed).is_some() {
            return Ok(());
        }
        if let Some(begun) = state(SnapshotState::Pending) {
            let (id, done) = (begun.snapshot_id().unwrap_or_default(), begun.progress().unwrap_or("0%"));
            let why = format!("the last snapshot {id} of {volume} is taken: {done}");
            return Err(Fault::new(Class::Busy, why).in_action(DESCRIBE_SNAPSHOTS));
        }
        if let Some(failed) = snapshots.first() {
            let id = failed.snapshot_id().unwrap_or_default();
            let why = format!(
                "the last snapshot {id} of {volume} failed. Delete it, and another is taken; with deletionPolicy Retain \
                 the disk is kept, confirmed with Delete it goes without a snapshot"
            );
            return Err(Fault::invalid(why).in_action(DESCRIBE_SNAPSHOTS));
        }
        let tags = self.leaving_tags(key, &since);
        let tags = TagSpecification::builder().resource_type(ResourceType::Snapshot).set_tags(Some(tags)).build();
        let request = self.clients.ec2_once.create_snapshot().volume_id(&volume.0).tag_specifications(tags);
        let request = request.description(format!("last of {volume}, {}", self.labels.stack)).send();
        let begun = SNAPSHOT.id(self.call(SNAPSHOT, request).await?.snapshot_id)?;
        let why = format!("the last snapshot {begun} of {volume} is taken");
        Err(Fault::new(Class::Busy, why).in_action(SNAPSHOT))
    }

    /// The disk's tags, and the mark of its end.
    fn leaving_tags(&self, key: &Key, since: &str) -> Vec<Tag> {
        let mark = Tag::builder().key(LEAVING_TAG).value(since).build();
        self.ec2_tags(key).into_iter().chain([mark]).collect()
    }
}

/// What an answer shows of the snapshot that it was asked for.
fn beginning(answer: Result<DescribeSnapshotsOutput, Fault>) -> Result<Option<Snapshot>, Fault> {
    let answer = absent(answer, NO_SNAPSHOT)?;
    let Some(sdk) = answer.as_ref().and_then(|answer| answer.snapshots().first()) else { return Ok(None) };
    let complete = match sdk.state() {
        Some(SnapshotState::Completed) => Some(true),
        Some(SnapshotState::Error) => Some(false),
        _ => None,
    };
    let nonsense = || Fault::new(Class::Transient, "the answer shows a snapshot without its size");
    let gibibytes = sdk.volume_size().ok_or_else(|| nonsense().in_action(DESCRIBE_SNAPSHOTS))?;
    Ok(Some(Snapshot { gibibytes, complete }))
}

impl Account {
    /// The snapshot that a disk is to begin with, if it is there.
    pub(crate) async fn disk_snapshot(&self, id: &str) -> Result<Option<Snapshot>, Fault> {
        beginning(self.ask(DESCRIBE_SNAPSHOTS, self.clients.ec2.describe_snapshots().snapshot_ids(id).send()).await)
    }
}

fn data_volumes() -> Filter {
    Filter::builder().name(format!("tag:{TAG_COMPONENT}")).values(VOLUME).build()
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    Some(Observed {
        id: Id(sdk.volume_id()?.to_owned()),
        zone: sdk.availability_zone()?.to_owned(),
        gibibytes: sdk.size()?,
        kind: sdk.volume_type().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        encrypted: sdk.encrypted().unwrap_or_default(),
        key: sdk.kms_key_id().filter(|key| !key.is_empty()).map(Id::from),
        leaving_since: tags(sdk.tags()).remove(LEAVING_TAG),
        attached: sdk.attachments().iter().filter_map(|it| it.instance_id()).map(Id::from).collect(),
        phase: match sdk.state()? {
            VolumeState::Creating => Phase::Creating,
            VolumeState::Deleting | VolumeState::Deleted => Phase::Deleting,
            VolumeState::Error => Phase::Failed,
            _ => Phase::Available,
        },
    })
}

/// What a change under way makes of it.
fn modified(have: &mut Observed, modifications: &[VolumeModification]) {
    use VolumeModificationState::{Modifying, Optimizing};
    let its = modifications.iter().filter(|it| it.volume_id() == Some(have.id.as_str()));
    for change in its.filter(|it| matches!(it.modification_state(), Some(Modifying | Optimizing))) {
        have.gibibytes = change.target_size().unwrap_or(have.gibibytes);
        have.kind = change.target_volume_type().map_or(have.kind.clone(), |kind| kind.as_str().to_owned());
        if have.phase == Phase::Available {
            have.phase = Phase::Modifying;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_under_way_counts_as_made() {
        let have = Observed {
            id: "vol-1".into(),
            zone: "eu-west-1a".into(),
            gibibytes: 50,
            kind: "gp2".into(),
            encrypted: true,
            key: None,
            leaving_since: None,
            attached: vec![],
            phase: Phase::Available,
        };
        let change = |volume: &str, state| {
            let change = VolumeModification::builder().volume_id(volume).modification_state(state);
            change.target_size(80).target_volume_type(VolumeType::Gp3).build()
        };
        let after = |change| {
            let mut have = have.clone();
            modified(&mut have, &[change]);
            have
        };
        let growing = Observed { gibibytes: 80, kind: GP3.into(), phase: Phase::Modifying, ..have.clone() };
        assert_eq!(after(change("vol-1", VolumeModificationState::Optimizing)), growing);
        assert_eq!(after(change("vol-1", VolumeModificationState::Completed)), have);
        assert_eq!(after(change("vol-2", VolumeModificationState::Modifying)), have);
    }
}
