use std::sync::Arc;

use aws_sdk_cloudfront::types::{
    OriginAccessControlConfig, OriginAccessControlOriginTypes, OriginAccessControlSigningBehaviors,
    OriginAccessControlSigningProtocols, OriginAccessControlSummary as Sdk,
};
use wpc_blueprint::cdn::mark;
use wpc_blueprint::cdn::origin_access_control::{
    CREATE, DELETE, Desired, GET, LIST, Observed, OriginAccessControl, UPDATE, keys,
};
use wpc_engine::{Change, Disruption, Fault, Found, Id, Key, Owner, Removal, Standing, Verbs};

use super::built;
use crate::Cloud;
use crate::answer::bounded;
use crate::call::{absent, claim, gone};

const NOT_FOUND: &[&str] = &["NoSuchOriginAccessControl"];
const NAME_LENGTH: usize = 64;

impl Verbs<OriginAccessControl> for Cloud {
    async fn list(&self) -> Result<Vec<Found<OriginAccessControl>>, Fault> {
        let all = self.access_controls().await?;
        let named = |key: Key| {
            let name = self.name(&key, NAME_LENGTH);
            let sdk = all.iter().find(|sdk| sdk.name == name)?;
            Some(self.access_control(&key, listed(sdk), &sdk.description))
        };
        Ok(keys().into_iter().filter_map(named).collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<OriginAccessControl>>, Fault> {
        let found = self.read_access_control(id).await?;
        Ok(found.map(|(config, _)| {
            let have = observed(id, &config);
            self.access_control(key, have, config.description().unwrap_or_default())
        }))
    }

    async fn create(&self, key: &Key, _: &Desired) -> Result<Id, Fault> {
        let request = self.clients.cloudfront.create_origin_access_control();
        let request = request.origin_access_control_config(self.access_control_config(key)?).send();
        match self.call(CREATE, request).await {
            Ok(made) => CREATE.id(made.origin_access_control.map(|made| made.id)),
            Err(fault) if fault.is(&["OriginAccessControlAlreadyExists"]) => {
                let name = self.name(key, NAME_LENGTH);
                let all = bounded(self.list_access_controls()).await?;
                let same = all.iter().find(|sdk| sdk.name == name);
                claim(CREATE, same.map(|sdk| self.access_control(key, listed(sdk), &sdk.description)))
            }
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, key: &Key, _: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        match changes.is_empty() {
            true => Ok(()),
            false => self.write_access_control(key, &have.id).await,
        }
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let Some((_, version)) = self.read_access_control(&have.id).await? else { return Ok(()) };
        let request = self.clients.cloudfront.delete_origin_access_control().id(&have.id.0).set_if_match(version);
        gone(self.call(DELETE, request.send()).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.write_access_control(key, &have.id).await
    }
}

impl Cloud {
    async fn access_controls(&self) -> Result<Arc<Vec<Sdk>>, Fault> {
        self.shared(LIST.name, bounded(self.list_access_controls())).await
    }

    async fn list_access_controls(&self) -> Result<Vec<Sdk>, Fault> {
        let request = self.clients.cloudfront.list_origin_access_controls();
        let pages = request.into_paginator().stop_on_duplicate_token(false).send();
        let pages = self.call(LIST, pages.collect::<Result<Vec<_>, _>>()).await?;
        Ok(pages
            .iter()
            .filter_map(|page| page.origin_access_control_list())
            .flat_map(|list| list.items())
            .cloned()
            .collect())
    }

    /// A control, and the version that writes must name.
    async fn read_access_control(&self, id: &Id) -> Result<Option<(OriginAccessControlConfig, Option<String>)>, Fault> {
        let answer = self.call(GET, self.clients.cloudfront.get_origin_access_control().id(&id.0).send()).await;
        let answer = absent(answer, NOT_FOUND)?;
        Ok(answer.and_then(|it| Some((it.origin_access_control?.origin_access_control_config?, it.e_tag))))
    }

    async fn write_access_control(&self, key: &Key, id: &Id) -> Result<(), Fault> {
        let Some((_, version)) = self.read_access_control(id).await? else {
            return Err(Fault::unclear(UPDATE, format!("{id} is gone")));
        };
        let request = self.clients.cloudfront.update_origin_access_control().id(&id.0).set_if_match(version);
        let request = request.origin_access_control_config(self.access_control_config(key)?);
        self.call(UPDATE, request.send()).await.map(drop)
    }

    fn access_control_config(&self, key: &Key) -> Result<OriginAccessControlConfig, Fault> {
        let config = OriginAccessControlConfig::builder()
            .name(self.name(key, NAME_LENGTH))
            .description(mark(&self.labels.stack))
            .signing_behavior(OriginAccessControlSigningBehaviors::Always)
            .signing_protocol(OriginAccessControlSigningProtocols::Sigv4)
            .origin_access_control_origin_type(OriginAccessControlOriginTypes::S3);
        built(config.build())
    }

    /// A control under one of our names; its description says whose it is.
    fn access_control(&self, key: &Key, have: Observed, description: &str) -> Found<OriginAccessControl> {
        let mark = mark(&self.labels.stack);
        let standing = match (description == mark, self.labels.adopt) {
            (true, _) => Standing::Ours,
            (false, true) => {
                let (from, to) = (description.to_owned(), mark);
                let path = "description".into();
                Standing::Mislabelled(vec![Change { path, from, to, disruption: Disruption::None }])
            }
            (false, false) => {
                Standing::Foreign(Owner::Stranger(format!("nobody that says so (its description is {description:?})")))
            }
        };
        Found { key: key.clone(), have, standing }
    }
}

fn signing(
    when: &OriginAccessControlSigningBehaviors,
    how: &OriginAccessControlSigningProtocols,
    what: &OriginAccessControlOriginTypes,
) -> String {
    format!("{} {} {}", when.as_str(), how.as_str(), what.as_str())
}

fn listed(sdk: &Sdk) -> Observed {
    let signing = signing(&sdk.signing_behavior, &sdk.signing_protocol, &sdk.origin_access_control_origin_type);
    Observed { id: Id(sdk.id.clone()), signing }
}

fn observed(id: &Id, config: &OriginAccessControlConfig) -> Observed {
    let signing =
        signing(&config.signing_behavior, &config.signing_protocol, &config.origin_access_control_origin_type);
    Observed { id: id.clone(), signing }
}
