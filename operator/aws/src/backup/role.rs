use std::collections::BTreeSet;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use wpc_blueprint::backup::ROLE;
use wpc_blueprint::backup::role::{ATTACH, ATTACHED, Desired, Observed, Role, TRUST, trust};
use wpc_blueprint::compute::IAM_PATH;
use wpc_blueprint::compute::role::{CREATE, GET, LIST_ATTACHED, TAG, UPDATE_TRUST};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, claim};
use crate::compute::{NO_ENTITY, ROLE_NAME_LENGTH, TAKEN, tags};
use crate::tag_cache::Tags;

impl Verbs<Role> for Cloud {
    /// Lists of IAM show neither tags nor policies, and the name is known.
    async fn list(&self) -> Result<Vec<Found<Role>>, Fault> {
        let found = self.own_backup_role().await?;
        let worn = found.as_ref().as_ref();
        Ok(worn.map(|worn| self.at(&Key::of(ROLE), &worn.tags, worn.have.clone())).into_iter().collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Role>>, Fault> {
        self.forget(&policies_of(id));
        Ok(self.backup_role(id).await?.map(|worn| self.at(key, &worn.tags, worn.have)))
    }

    async fn create(&self, key: &Key, _: &Desired) -> Result<Id, Fault> {
        let name = self.name(key, ROLE_NAME_LENGTH);
        let request = self
            .clients
            .iam
            .create_role()
            .role_name(&name)
            .path(IAM_PATH)
            .description("What AWS Backup may do for a WordPressCluster")
            .assume_role_policy_document(trust().to_string())
            .set_tags(Some(self.iam_tags(key)))
            .send();
        match absent(self.call(CREATE, request).await, TAKEN)? {
            Some(_) => Ok(Id(name)),
            None => claim::<Role>(CREATE, Verbs::<Role>::read(self, key, &Id(name)).await?),
        }
    }

    async fn update(&self, _: &Key, _: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: &str| changes.iter().any(|change| change.path == path);
        let iam = &self.clients.iam;
        if changed(TRUST) {
            let request = iam.update_assume_role_policy().role_name(&have.id.0).policy_document(trust().to_string());
            self.call(UPDATE_TRUST, request.send()).await?;
        }
        if changed(ATTACHED) {
            for policy in have.missing() {
                let request = iam.attach_role_policy().role_name(&have.id.0).policy_arn(policy).send();
                self.call(ATTACH, request).await?;
            }
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

/// The role, and its tags.
struct Worn {
    tags: Tags,
    have: Observed,
}

impl Cloud {
    async fn own_backup_role(&self) -> Result<Arc<Option<Worn>>, Fault> {
        let id = Id(self.name(&Key::of(ROLE), ROLE_NAME_LENGTH));
        self.shared(format!("{} {id}", GET.name), self.backup_role(&id)).await
    }

    /// The ARN of what AWS Backup works under for this stack, if it is there.
    pub(super) async fn backup_role_arn(&self) -> Result<Option<String>, Fault> {
        Ok(self.own_backup_role().await?.as_ref().as_ref().map(|worn| worn.have.arn.clone()))
    }

    async fn backup_role(&self, id: &Id) -> Result<Option<Worn>, Fault> {
        let answer = absent(self.call(GET, self.clients.iam.get_role().role_name(&id.0).send()).await, NO_ENTITY)?;
        let Some(sdk) = answer.and_then(|answer| answer.role) else { return Ok(None) };
        let about = policies_of(id);
        let attached = self.seldom(&about, async {
            let request = self.clients.iam.list_attached_role_policies().role_name(&id.0).into_paginator();
            let request = request.stop_on_duplicate_token(false).items().send();
            let found = self.call(LIST_ATTACHED, request.collect::<Result<Vec<_>, _>>()).await?;
            Ok(found.into_iter().filter_map(|policy| policy.policy_arn).collect::<BTreeSet<String>>())
        });
        let Some(policies) = absent(attached.await, NO_ENTITY)? else { return Ok(None) };
        let text = sdk.assume_role_policy_document().map(|text| percent_decode_str(text).decode_utf8_lossy());
        let have = Observed {
            id: Id(sdk.role_name().to_owned()),
            arn: sdk.arn().to_owned(),
            trust: text.and_then(|text| serde_json::from_str(&text).ok()),
            policies,
        };
        Ok(Some(Worn { tags: tags(sdk.tags()), have }))
    }
}

/// What a role's policies are remembered by.
fn policies_of(id: &Id) -> String {
    format!("{id} policies")
}
