use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_rds::types::{ApplyMethod, DbParameterGroup as Sdk, Parameter};
use wpc_blueprint::database::parameter_group::{
    AT_ONCE, CREATE, DELETE, DESCRIBE, Desired, MODIFY, Observed, PARAMETERS, ParameterGroup, RESET, parameter,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, claim, gone};

const NOT_FOUND: &[&str] = &["DBParameterGroupNotFound", "DBParameterGroupNotFoundFault"];
const EXISTS: &[&str] = &["DBParameterGroupAlreadyExists", "DBParameterGroupAlreadyExistsFault"];

impl Verbs<ParameterGroup> for Cloud {
    async fn list(&self) -> Result<Vec<Found<ParameterGroup>>, Fault> {
        let request = self
            .clients
            .rds
            .describe_db_parameter_groups()
            .into_paginator()
            .stop_on_duplicate_token(false)
            .items()
            .send();
        let groups = self.shared(DESCRIBE.name, self.call(DESCRIBE, request.collect::<Result<Vec<_>, _>>())).await?;
        let mut found = vec![];
        for have in groups.iter().filter_map(observed).filter(|have| self.labels.stack.may_have_named(&have.name.0)) {
            let tags = self.rds_tags_of(&have.arn).await?;
            found.extend(self.listed::<ParameterGroup>(&tags, have));
        }
        found.retain(|group| group.have.name.0 == self.group_name(&group.key));
        for group in &mut found {
            let question = format!("{} {}", PARAMETERS.name, group.have.name);
            group.have.parameters = (*self.shared(question, self.set_parameters(&group.have.name)).await?).clone();
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<ParameterGroup>>, Fault> {
        let request = self.clients.rds.describe_db_parameter_groups().db_parameter_group_name(&id.0).send();
        let answer = absent(self.call(DESCRIBE, request).await, NOT_FOUND)?;
        let groups = answer.and_then(|answer| answer.db_parameter_groups).unwrap_or_default();
        let Some(mut have) = groups.first().and_then(observed) else { return Ok(None) };
        have.parameters = self.set_parameters(&have.name).await?;
        let tags = self.rds_tags_of(&have.arn).await?;
        Ok(Some(self.at(key, &tags, have)))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = self.group_name(key);
        let request = self
            .clients
            .rds
            .create_db_parameter_group()
            .db_parameter_group_name(&name)
            .db_parameter_group_family(&want.family)
            .description(format!("{} of WordPressCluster {}", key.name, self.labels.stack))
            .set_tags(self.rds_tags(key))
            .send();
        match self.call(CREATE, request).await {
            Ok(made) => {
                // What an earlier one of this name was tagged with says nothing of this one.
                made.db_parameter_group().and_then(Sdk::db_parameter_group_arn).inspect(|arn| self.forget(arn));
                Ok(Id(name))
            }
            Err(fault) if fault.is(EXISTS) => claim(CREATE, Verbs::<ParameterGroup>::read(self, key, &Id(name)).await?),
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let fixed = self.static_parameters(&have.name).await?;
        let [set, reset] = settings(want, changes, &fixed);
        for some in set.chunks(AT_ONCE) {
            let request = self.clients.rds.modify_db_parameter_group().db_parameter_group_name(&have.name.0);
            self.call(MODIFY, request.set_parameters(Some(some.to_vec())).send()).await?;
        }
        for some in reset.chunks(AT_ONCE) {
            let request = self.clients.rds.reset_db_parameter_group().db_parameter_group_name(&have.name.0);
            self.call(RESET, request.set_parameters(Some(some.to_vec())).send()).await?;
        }
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.rds.delete_db_parameter_group().db_parameter_group_name(&have.name.0).send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_rds(key, &have.arn).await
    }
}

impl Cloud {
    /// The parameters that somebody has set, of some five hundred.
    async fn set_parameters(&self, group: &Id) -> Result<BTreeMap<String, String>, Fault> {
        let request = self.clients.rds.describe_db_parameters().db_parameter_group_name(&group.0).source("user");
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        let parameters = self.call(PARAMETERS, request.collect::<Result<Vec<_>, _>>()).await?;
        Ok(given(parameters))
    }

    /// The parameters that RDS takes only with `pending-reboot`. Asked for only before a write: it takes several pages.
    async fn static_parameters(&self, group: &Id) -> Result<BTreeSet<String>, Fault> {
        let request = self.clients.rds.describe_db_parameters().db_parameter_group_name(&group.0);
        let parameters = self.call(
            PARAMETERS,
            request.into_paginator().stop_on_duplicate_token(false).items().send().collect::<Result<Vec<_>, _>>(),
        );
        Ok(fixed(parameters.await?))
    }
}

/// Changes as RDS takes them: what is set, and what gets its default again.
pub(super) fn settings(want: &Desired, changes: &[Change], fixed: &BTreeSet<String>) -> [Vec<Parameter>; 2] {
    let (mut set, mut reset) = (vec![], vec![]);
    for name in changes.iter().filter_map(parameter) {
        let method = if fixed.contains(name) { ApplyMethod::PendingReboot } else { ApplyMethod::Immediate };
        let change = Parameter::builder().parameter_name(name).apply_method(method);
        match want.parameters.get(name) {
            Some(value) => set.push(change.parameter_value(value).build()),
            None => reset.push(change.build()),
        }
    }
    [set, reset]
}

/// Parameters with their values.
pub(super) fn given(parameters: Vec<Parameter>) -> BTreeMap<String, String> {
    let values = parameters.into_iter();
    values.filter_map(|parameter| Some((parameter.parameter_name?, parameter.parameter_value?))).collect()
}

/// Those that RDS takes only with `pending-reboot`.
pub(super) fn fixed(parameters: Vec<Parameter>) -> BTreeSet<String> {
    let fixed = parameters.into_iter().filter(|parameter| parameter.apply_type() == Some("static"));
    fixed.filter_map(|parameter| parameter.parameter_name).collect()
}

/// The parameters take a call of their own.
fn observed(sdk: &Sdk) -> Option<Observed> {
    Some(Observed {
        name: Id(sdk.db_parameter_group_name()?.to_owned()),
        arn: sdk.db_parameter_group_arn()?.to_owned(),
        parameters: BTreeMap::new(),
    })
}
