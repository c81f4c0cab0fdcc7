use aws_sdk_wafv2::types::{
    ActionCondition, ActionValue, Condition, FieldToMatch, Filter, FilterBehavior, FilterRequirement,
    LoggingConfiguration, LoggingFilter, SingleHeader,
};
use wpc_blueprint::firewall::logging::{
    DELETE, Desired, GET, Logging, Observed, PUT, SECRET_HEADERS, STOPPED, id, key, web_acl_of,
};
use wpc_blueprint::firewall::{Scope, web_acl};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::{NOT_FOUND, built};
use crate::Cloud;
use crate::call::{absent, gone};

impl Verbs<Logging> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Logging>>, Fault> {
        let mut found = vec![];
        for scope in Scope::ALL {
            let Some(web_acl) = self.web_acl_of(&web_acl::key(scope)).await? else { continue };
            let have = self.seldom(&id(&web_acl).0, self.firewall_log(&web_acl)).await?;
            found.extend(have.map(|have| Found::ours(key(scope), have)));
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Logging>>, Fault> {
        Ok(self.firewall_log(&web_acl_of(id)).await?.map(|have| Found::ours(key.clone(), have)))
    }

    async fn create(&self, _: &Key, want: &Desired) -> Result<Id, Fault> {
        self.put_firewall_log(want).await?;
        Ok(id(&want.web_acl))
    }

    async fn update(&self, _: &Key, want: &Desired, _: &Observed, changes: &[Change]) -> Result<(), Fault> {
        match changes.is_empty() {
            true => Ok(()),
            false => self.put_firewall_log(want).await,
        }
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let waf = self.waf(Scope::of(have.web_acl.as_str()));
        let done = self.call(DELETE, waf.delete_logging_configuration().resource_arn(&have.web_acl.0).send()).await;
        self.forget(&id(&have.web_acl).0);
        gone(done, NOT_FOUND)
    }
}

impl Cloud {
    /// AWS WAF finds none where nothing is logged.
    async fn firewall_log(&self, web_acl: &Id) -> Result<Option<Observed>, Fault> {
        let waf = self.waf(Scope::of(web_acl.as_str()));
        let answer = self.call(GET, waf.get_logging_configuration().resource_arn(&web_acl.0).send()).await;
        let Some(answer) = absent(answer, NOT_FOUND)? else { return Ok(None) };
        let sdk = answer.logging_configuration.ok_or_else(|| Fault::unclear(GET, "the answer has no configuration"))?;
        Ok(Some(Observed {
            web_acl: web_acl.clone(),
            destinations: sdk.log_destination_configs().iter().map(|arn| destination(arn)).collect(),
            filter: filtered(sdk.logging_filter())?,
            redacted: sdk.redacted_fields().iter().map(left_out).collect(),
        }))
    }

    async fn put_firewall_log(&self, want: &Desired) -> Result<(), Fault> {
        let headers = SECRET_HEADERS.map(|name| {
            let header = built(SingleHeader::builder().name(name).build())?;
            Ok(FieldToMatch::builder().single_header(header).build())
        });
        let wanted = LoggingConfiguration::builder()
            .resource_arn(&want.web_acl.0)
            .log_destination_configs(&want.log_group.0)
            .logging_filter(stopped()?)
            .set_redacted_fields(Some(headers.into_iter().collect::<Result<_, Fault>>()?));
        let waf = self.waf(want.scope);
        let request = waf.put_logging_configuration().logging_configuration(built(wanted.build())?).send();
        let done = self.call(PUT, request).await.map(drop);
        self.forget(&id(&want.web_acl).0);
        done
    }
}

/// A log group's ARN without the `:*` that policies end it with.
fn destination(arn: &str) -> Id {
    Id(arn.trim_end_matches(":*").to_owned())
}

/// Keeps what is blocked or counted, and nothing else.
fn stopped() -> Result<LoggingFilter, Fault> {
    let conditions = [ActionValue::Block, ActionValue::Count].map(|action| {
        let action = built(ActionCondition::builder().action(action).build())?;
        Ok(Condition::builder().action_condition(action).build())
    });
    let filter = Filter::builder()
        .behavior(FilterBehavior::Keep)
        .requirement(FilterRequirement::MeetsAny)
        .set_conditions(Some(conditions.into_iter().collect::<Result<_, Fault>>()?));
    let all = LoggingFilter::builder().default_behavior(FilterBehavior::Drop).filters(built(filter.build())?);
    built(all.build())
}

/// What is kept, in our words as far as we have them.
fn filtered(sdk: Option<&LoggingFilter>) -> Result<String, Fault> {
    let Some(sdk) = sdk else { return Ok("everything".into()) };
    let ours = *sdk == stopped()?;
    Ok(if ours {
        STOPPED.to_owned()
    } else {
        format!("{} filters, else {}", sdk.filters().len(), sdk.default_behavior())
    })
}

fn left_out(field: &FieldToMatch) -> String {
    let header = field.single_header().map(|header| header.name().to_ascii_lowercase());
    header.unwrap_or_else(|| "something else".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_told_from_what_others_would_write() {
        assert_eq!(filtered(Some(&stopped().unwrap())).unwrap(), STOPPED);
        assert_eq!(filtered(None).unwrap(), "everything");
        let more = LoggingFilter::builder().default_behavior(FilterBehavior::Keep).set_filters(Some(vec![]));
        assert_eq!(filtered(Some(&more.build().unwrap())).unwrap(), "0 filters, else KEEP");
        assert_eq!(left_out(&FieldToMatch::builder().build()), "something else");
    }

    #[test]
    fn a_log_group_is_named_with_and_without_its_end() {
        assert_eq!(destination("arn:aws:logs:r:1:log-group:g:*"), destination("arn:aws:logs:r:1:log-group:g"));
    }
}
