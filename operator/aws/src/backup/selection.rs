use aws_sdk_backup::types::{BackupSelection, BackupSelectionsListMember as Sdk};
use wpc_blueprint::backup::selection::{CREATE, DELETE, Desired, LIST, Observed, Selection, key, name};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::{EXISTS, NOT_FOUND};
use crate::Cloud;
use crate::call::{absent, claim, gone};

impl Verbs<Selection> for Cloud {
    /// Whatever is selected in a plan of the stack's is the stack's: a plan goes only after all of it.
    async fn list(&self) -> Result<Vec<Found<Selection>>, Fault> {
        let mut found = vec![];
        for plan in self.own_plans().await? {
            let id = LIST.id(plan.backup_plan_id())?;
            for sdk in self.selections_of(&id).await? {
                found.push(observed(&sdk, &id)?);
            }
        }
        Ok(found)
    }

    async fn read(&self, _: &Key, id: &Id) -> Result<Option<Found<Selection>>, Fault> {
        let selections = Verbs::<Selection>::list(self).await?;
        Ok(selections.into_iter().find(|found| found.have.id == *id))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let selection = BackupSelection::builder()
            .selection_name(name(key))
            .iam_role_arn(&want.role)
            .set_resources(Some(want.resources.iter().map(|arn| arn.0.clone()).collect()))
            .build()
            .expect("name and role are set");
        let selection = &selection;
        let create = |token| async move {
            let request = self.clients.backup.create_backup_selection().backup_plan_id(&want.plan.0);
            let request = request.backup_selection(selection.clone()).creator_request_id(token).send();
            CREATE.id(self.call(CREATE, request).await?.selection_id)
        };
        match absent(self.incarnate(key, create).await, EXISTS)? {
            Some(id) => Ok(id),
            None => {
                let selections = Verbs::<Selection>::list(self).await?;
                claim(CREATE, selections.into_iter().find(|found| found.key == *key))
            }
        }
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.backup.delete_backup_selection().backup_plan_id(&have.plan.0);
        gone(self.call(DELETE, request.selection_id(&have.id.0).send()).await, NOT_FOUND)
    }
}

impl Cloud {
    async fn selections_of(&self, plan: &Id) -> Result<Vec<Sdk>, Fault> {
        let request = self.clients.backup.list_backup_selections().backup_plan_id(&plan.0).into_paginator();
        let request = request.stop_on_duplicate_token(false).items().send();
        let answer = self.call(LIST, request.collect::<Result<Vec<_>, _>>()).await;
        Ok(absent(answer, NOT_FOUND)?.unwrap_or_default())
    }
}

fn observed(sdk: &Sdk, plan: &Id) -> Result<Found<Selection>, Fault> {
    let have = Observed { id: LIST.id(sdk.selection_id())?, plan: plan.clone() };
    Ok(Found::ours(key(&LIST.id(sdk.selection_name())?.0), have))
}
