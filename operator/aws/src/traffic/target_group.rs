use aws_sdk_elasticloadbalancingv2::types::{
    Matcher, ProtocolEnum, TargetGroup as Sdk, TargetGroupAttribute, TargetTypeEnum,
};
use wpc_blueprint::traffic::target_group::{
    CREATE, Check, DELETE, DESCRIBE, DESCRIBE_ATTRIBUTES, DRAIN, DRAIN_SECONDS, Desired, HEALTHY, INTERVAL, MODIFY,
    MODIFY_ATTRIBUTES, Observed, PATH, TIMEOUT, TargetGroup, UNHEALTHY,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::NOT_FOUND;
use crate::Cloud;
use crate::call::{absent, claim, gone};

const NAME_LENGTH: usize = 32;
/// AWS's key of the time to finish requests.
const DRAIN_ATTRIBUTE: &str = "deregistration_delay.timeout_seconds";

impl Verbs<TargetGroup> for Cloud {
    async fn list(&self) -> Result<Vec<Found<TargetGroup>>, Fault> {
        let doors = self.doors().await?;
        let mut found = vec![];
        for sdk in &doors.target_groups {
            let Some(have) = observed(sdk) else { continue };
            if let Some(mut mine) = self.listed::<TargetGroup>(&doors.tags(sdk.target_group_arn()), have) {
                mine.have.drain = self.drain(&mine.have.id).await?;
                found.push(mine);
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<TargetGroup>>, Fault> {
        let request = self.clients.elb.describe_target_groups().target_group_arns(&id.0).send();
        let answer = absent(self.call(DESCRIBE, request).await, NOT_FOUND)?;
        self.found_targets(key, answer.and_then(|answer| answer.target_groups).unwrap_or_default()).await
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = self.name(key, NAME_LENGTH);
        let Desired { internal: _, vpc, port, check: Check { path, interval, timeout, healthy, unhealthy } } = want;
        let request = self
            .clients
            .elb
            .create_target_group()
            .name(&name)
            .target_type(TargetTypeEnum::Instance)
            .protocol(ProtocolEnum::Http)
            .port((*port).into())
            .vpc_id(&vpc.0)
            .health_check_enabled(true)
            .health_check_protocol(ProtocolEnum::Http)
            .health_check_path(path)
            .health_check_interval_seconds(*interval)
            .health_check_timeout_seconds(*timeout)
            .healthy_threshold_count(*healthy)
            .unhealthy_threshold_count(*unhealthy)
            .matcher(Matcher::builder().http_code("200").build())
            .set_tags(Some(self.new_elb_tags(key)))
            .send();
        match absent(self.call(CREATE, request).await, &["DuplicateTargetGroupName"])? {
            Some(made) => CREATE.id(made.target_groups().first().and_then(|made| made.target_group_arn())),
            None => {
                let request = self.clients.elb.describe_target_groups().names(name).send();
                let answer = absent(self.call(DESCRIBE, request).await, NOT_FOUND)?;
                let named = answer.and_then(|answer| answer.target_groups).unwrap_or_default();
                claim::<TargetGroup>(CREATE, self.found_targets(key, named).await?)
            }
        }
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let wanted = |path: &str| changes.iter().any(|change| change.path == path).then_some(&want.check);
        let request = self
            .clients
            .elb
            .modify_target_group()
            .target_group_arn(&have.id.0)
            .set_health_check_path(wanted(PATH).map(|check| check.path.clone()))
            .set_health_check_interval_seconds(wanted(INTERVAL).map(|check| check.interval))
            .set_health_check_timeout_seconds(wanted(TIMEOUT).map(|check| check.timeout))
            .set_healthy_threshold_count(wanted(HEALTHY).map(|check| check.healthy))
            .set_unhealthy_threshold_count(wanted(UNHEALTHY).map(|check| check.unhealthy));
        if changes.iter().any(|change| change.path != DRAIN) {
            self.call(MODIFY, request.send()).await?;
        }
        if wanted(DRAIN).is_some() {
            let drain = TargetGroupAttribute::builder().key(DRAIN_ATTRIBUTE).value(DRAIN_SECONDS.to_string()).build();
            let request = self.clients.elb.modify_target_group_attributes().target_group_arn(&have.id.0);
            self.call(MODIFY_ATTRIBUTES, request.attributes(drain).send()).await?;
        }
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.elb.delete_target_group().target_group_arn(&have.id.0).send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_elb(key, &have.id).await
    }
}

impl Cloud {
    async fn found_targets(&self, key: &Key, sdk: Vec<Sdk>) -> Result<Option<Found<TargetGroup>>, Fault> {
        let Some(mut have) = sdk.first().and_then(observed) else { return Ok(None) };
        have.drain = self.drain(&have.id).await?;
        let tags = self.elb_tags(&have.id.0).await?;
        Ok(Some(self.at(key, &tags, have)))
    }

    async fn drain(&self, id: &Id) -> Result<Option<String>, Fault> {
        let request = self.clients.elb.describe_target_group_attributes().target_group_arn(&id.0).send();
        let answer = absent(self.call(DESCRIBE_ATTRIBUTES, request).await, NOT_FOUND)?;
        let attributes = answer.and_then(|answer| answer.attributes).unwrap_or_default();
        Ok(attributes.into_iter().find(|it| it.key() == Some(DRAIN_ATTRIBUTE)).and_then(|it| it.value))
    }
}

/// Without its attributes, which take a call of their own.
fn observed(sdk: &Sdk) -> Option<Observed> {
    Some(Observed {
        id: Id(sdk.target_group_arn()?.to_owned()),
        vpc: sdk.vpc_id().map(Id::from),
        check: Check {
            path: sdk.health_check_path().unwrap_or_default().to_owned(),
            interval: sdk.health_check_interval_seconds().unwrap_or_default(),
            timeout: sdk.health_check_timeout_seconds().unwrap_or_default(),
            healthy: sdk.healthy_threshold_count().unwrap_or_default(),
            unhealthy: sdk.unhealthy_threshold_count().unwrap_or_default(),
        },
        drain: None,
    })
}
