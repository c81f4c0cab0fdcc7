use aws_sdk_backup::types::{
    BackupPlan as SdkPlan, BackupPlanInput, BackupPlansListMember as Sdk, BackupRuleInput, CopyAction, Lifecycle,
};
use wpc_blueprint::TAG_STACK;
use wpc_blueprint::backup::plan::{CREATE, DELETE, Desired, GET, LIST, Observed, Plan, RULE, UPDATE};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::{EXISTS, NAME_LENGTH, NOT_FOUND};
use crate::Cloud;
use crate::call::{absent, claim, gone};

impl Verbs<Plan> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Plan>>, Fault> {
        let mut found = vec![];
        for sdk in self.own_plans().await? {
            let (id, arn) = (LIST.id(sdk.backup_plan_id())?, LIST.id(sdk.backup_plan_arn())?.0);
            let Some(tags) = self.tags_of_backup(&arn).await? else { continue };
            // A version never changes.
            let version = format!("{id} {}", sdk.version_id().unwrap_or_default());
            let fetch = self.seldom(&version, self.plan(&id));
            let Some(plan) = absent(fetch.await, NOT_FOUND)? else { continue };
            found.extend(self.listed(&tags, self.observed_plan(id, arn, &plan)));
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Plan>>, Fault> {
        let answer = self.call(GET, self.clients.backup.get_backup_plan().backup_plan_id(&id.0).send()).await;
        let Some(sdk) = absent(answer, NOT_FOUND)? else { return Ok(None) };
        // A plan that is gone can be read as long as a backup of it is left.
        let (Some(plan), None) = (&sdk.backup_plan, sdk.deletion_date) else { return Ok(None) };
        let arn = GET.id(sdk.backup_plan_arn())?.0;
        self.forget(&arn);
        let Some(tags) = self.tags_of_backup(&arn).await? else { return Ok(None) };
        Ok(Some(self.at(key, &tags, self.observed_plan(id.clone(), arn, plan))))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let plan = &self.backup_plan(key, want);
        let create = |token| async move {
            let request = self
                .clients
                .backup
                .create_backup_plan()
                .backup_plan(plan.clone())
                .creator_request_id(token)
                .set_backup_plan_tags(Some(self.backup_tags(key)))
                .send();
            CREATE.id(self.call(CREATE, request).await?.backup_plan_id)
        };
        match absent(self.incarnate(key, create).await, EXISTS)? {
            Some(id) => Ok(id),
            None => {
                let plans = Verbs::<Plan>::list(self).await?;
                claim(CREATE, plans.into_iter().find(|found| found.key == *key))
            }
        }
    }

    async fn update(&self, key: &Key, want: &Desired, have: &Observed, _: &[Change]) -> Result<(), Fault> {
        let request = self.clients.backup.update_backup_plan().backup_plan_id(&have.id.0);
        self.call(UPDATE, request.backup_plan(self.backup_plan(key, want)).send()).await.map(drop)
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let done = self.call(DELETE, self.clients.backup.delete_backup_plan().backup_plan_id(&have.id.0).send()).await;
        self.forget(&have.arn);
        gone(done, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.tag_backup(&have.arn, self.backup_tags(key)).await
    }
}

impl Cloud {
    /// The stack's plans as the list shows them. A plan can be renamed, so tags alone say whose it is.
    pub(super) async fn own_plans(&self) -> Result<Vec<Sdk>, Fault> {
        let request = self.clients.backup.list_backup_plans().into_paginator().stop_on_duplicate_token(false);
        let request = request.items().send();
        let plans = self.shared(LIST.name, self.call(LIST, request.collect::<Result<Vec<_>, _>>())).await?;
        let mut ours = vec![];
        for sdk in plans.iter().filter(|sdk| sdk.deletion_date().is_none()) {
            let tags = self.tags_of_backup(&LIST.id(sdk.backup_plan_arn())?.0).await?;
            if tags.is_some_and(|tags| tags.get(TAG_STACK) == Some(&self.labels.stack.to_string())) {
                ours.push(sdk.clone());
            }
        }
        Ok(ours)
    }

    async fn plan(&self, id: &Id) -> Result<SdkPlan, Fault> {
        let answer = self.call(GET, self.clients.backup.get_backup_plan().backup_plan_id(&id.0).send()).await?;
        answer.backup_plan.ok_or_else(|| Fault::unclear(GET, "the answer has no plan"))
    }

    fn observed_plan(&self, id: Id, arn: String, sdk: &SdkPlan) -> Observed {
        let rule = sdk.rules().first();
        let says = rule.map(|rule| {
            let lifecycle = rule.lifecycle();
            Desired {
                vault: rule.target_backup_vault_name().to_owned(),
                schedule: rule.schedule_expression().unwrap_or_default().to_owned(),
                retention_days: lifecycle.and_then(|it| it.delete_after_days()).unwrap_or_default(),
                cold_days: lifecycle.and_then(|it| it.move_to_cold_storage_after_days()),
                copies: rule.copy_actions().first().map(|copy| Id::from(copy.destination_backup_vault_arn())),
            }
        });
        let vault = says.as_ref().map(|says| self.vault_named(&says.vault));
        Observed { id, arn, rules: sdk.rules().len(), says, vault }
    }

    /// Copies are kept as long as what they are copies of.
    fn backup_plan(&self, key: &Key, want: &Desired) -> BackupPlanInput {
        let lifecycle = Lifecycle::builder()
            .delete_after_days(want.retention_days)
            .set_move_to_cold_storage_after_days(want.cold_days)
            .build();
        let copy = |vault: &Id| {
            let copy = CopyAction::builder().destination_backup_vault_arn(&vault.0).lifecycle(lifecycle.clone());
            copy.build().expect("the vault is set")
        };
        let rule = BackupRuleInput::builder()
            .rule_name(RULE)
            .target_backup_vault_name(&want.vault)
            .schedule_expression(&want.schedule)
            .lifecycle(lifecycle.clone())
            .set_recovery_point_tags(Some(self.backup_tags(key)))
            .set_copy_actions(Some(want.copies.iter().map(copy).collect()))
            .build()
            .expect("name and vault are set");
        let plan = BackupPlanInput::builder().backup_plan_name(self.name(key, NAME_LENGTH)).rules(rule);
        plan.build().expect("name and rules are set")
    }
}
