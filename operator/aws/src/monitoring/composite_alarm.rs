use aws_sdk_cloudwatch::types::CompositeAlarm as Sdk;
use wpc_blueprint::monitoring::alarm::{Tells, key, name, name_in};
use wpc_blueprint::monitoring::composite_alarm::{CompositeAlarm, Observed, PUT, Says};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::alarm::{ids, texts};
use crate::Cloud;

impl Verbs<CompositeAlarm> for Cloud {
    async fn list(&self) -> Result<Vec<Found<CompositeAlarm>>, Fault> {
        let mut found = vec![];
        for have in self.alarms().await?.composite.iter().filter_map(observed) {
            if let Some(key) = key(&self.labels.stack, name_in(&have.arn)) {
                found.extend(self.tagged_alarm(&key, &have.arn.0.clone(), have).await?);
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<CompositeAlarm>>, Fault> {
        match self.alarm_named(name_in(id)).await?.composite.iter().find_map(observed) {
            Some(have) => self.tagged_alarm(key, &have.arn.0.clone(), have).await,
            None => Ok(None),
        }
    }

    async fn create(&self, key: &Key, want: &Says) -> Result<Id, Fault> {
        self.put_composite_alarm(key, want).await?;
        Ok(self.alarm_arn(key))
    }

    async fn update(&self, key: &Key, want: &Says, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        self.put_composite_alarm(key, want).await
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        self.delete_alarm(&have.arn).await
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_alarm(key, &have.arn).await
    }
}

impl Cloud {
    async fn put_composite_alarm(&self, key: &Key, want: &Says) -> Result<(), Fault> {
        let Says { description, rule, tells: Tells { enabled, ringing, well } } = want;
        let request = self
            .clients
            .cloudwatch
            .put_composite_alarm()
            .alarm_name(name(&self.labels.stack, key))
            .alarm_description(description)
            .alarm_rule(rule)
            .actions_enabled(*enabled)
            .set_alarm_actions(Some(texts(ringing)))
            .set_ok_actions(Some(texts(well)))
            .set_tags(Some(self.alarm_tags(key)));
        self.call(PUT, request.send()).await.map(drop)
    }
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    Some(Observed {
        arn: Id(sdk.alarm_arn()?.to_owned()),
        says: Says {
            description: sdk.alarm_description().unwrap_or_default().to_owned(),
            rule: sdk.alarm_rule().unwrap_or_default().to_owned(),
            tells: Tells {
                enabled: sdk.actions_enabled().unwrap_or_default(),
                ringing: ids(sdk.alarm_actions()),
                well: ids(sdk.ok_actions()),
            },
        },
    })
}
