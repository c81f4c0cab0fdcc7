//! The firewall's rules, between our words and the SDK's.

use aws_sdk_wafv2::types::{
    AllowAction, AndStatement, BlockAction, ByteMatchStatement, CountAction, FieldToMatch, IpSetReferenceStatement,
    LabelMatchScope, LabelMatchStatement, ManagedRuleGroupStatement, NoneAction, NotStatement, OrStatement,
    OverrideAction, PositionalConstraint, RateBasedStatement, RateBasedStatementAggregateKeyType, Rule as Sdk,
    RuleAction, RuleActionOverride, Statement, TextTransformation, TextTransformationType, UriPath, VisibilityConfig,
};
use aws_smithy_types::Blob;
use wpc_api::v1alpha1::ManagedRuleGroup;
use wpc_blueprint::firewall::Rule;
use wpc_blueprint::firewall::{GROUPS, LOGINS, WRITERS, body_rules, group_name};
use wpc_engine::{Fault, Id};

use super::built;

/// Seconds over which requests are counted: AWS's default, and what the spec's limit is about.
const WINDOW: i64 = 300;

/// In AWS's words; the first is asked first.
pub(super) fn all(rules: &[Rule]) -> Result<Vec<Sdk>, Fault> {
    rules.iter().zip(0..).map(|(rule, priority)| sdk(rule, priority)).collect()
}

/// In ours, in order.
pub(super) fn read(found: &[Sdk]) -> Vec<Rule> {
    let mut found: Vec<&Sdk> = found.iter().collect();
    found.sort_by_key(|rule| rule.priority);
    found.into_iter().map(rule).collect()
}

/// One whose every part is as we would write it; any other is somebody else's.
fn rule(found: &Sdk) -> Rule {
    let guess = guess(found).filter(|guess| sdk(guess, found.priority).is_ok_and(|ours| ours == *found));
    guess.unwrap_or_else(|| Rule::Other(format!("{}-as-somebody-made-it", found.name)))
}

fn guess(found: &Sdk) -> Option<Rule> {
    let statement = found.statement.as_ref()?;
    if let Some(set) = &statement.ip_set_reference_statement {
        let set = Id(set.arn.clone());
        let allows = found.action.as_ref().is_some_and(|action| action.allow.is_some());
        return Some(if allows { Rule::Allow(set) } else { Rule::Deny(set) });
    }
    if let Some(rate) = &statement.rate_based_statement {
        return Some(Rule::LoginRate(u32::try_from(rate.limit).ok()?));
    }
    if let Some(managed) = &statement.managed_rule_group_statement {
        return GROUPS.into_iter().find(|group| group_name(*group) == managed.name).map(Rule::Managed);
    }
    let labelled = statement.and_statement.as_ref()?.statements.first()?;
    let labels: Vec<&str> = match &labelled.or_statement {
        Some(any) => any.statements.iter().filter_map(label_of).collect(),
        None => label_of(labelled).into_iter().collect(),
    };
    let looks = |group: &ManagedRuleGroup| body_rules(*group).iter().any(|(_, label)| labels.contains(label));
    Some(Rule::Bodies(GROUPS.into_iter().filter(looks).collect()))
}

fn label_of(statement: &Statement) -> Option<&str> {
    statement.label_match_statement.as_ref().map(|label| label.key.as_str())
}

fn sdk(rule: &Rule, priority: i32) -> Result<Sdk, Fault> {
    let block = || RuleAction::builder().block(BlockAction::builder().build()).build();
    let allow = || RuleAction::builder().allow(AllowAction::builder().build()).build();
    let (statement, action) = match rule {
        Rule::Deny(set) => (addresses(set)?, Some(block())),
        Rule::Allow(set) => (addresses(set)?, Some(allow())),
        Rule::LoginRate(limit) => (rate(*limit)?, Some(block())),
        Rule::Managed(group) => (managed(*group)?, None),
        Rule::Bodies(groups) => (bodies(groups)?, Some(block())),
        Rule::Other(name) => return Err(Fault::invalid(format!("{name} is no rule of ours"))),
    };
    // A group decides by itself.
    let itself = OverrideAction::builder().none(NoneAction::builder().build()).build();
    let seen = VisibilityConfig::builder().sampled_requests_enabled(true).cloud_watch_metrics_enabled(true);
    let rule = Sdk::builder()
        .name(rule.name())
        .priority(priority)
        .statement(statement)
        .set_override_action(action.is_none().then_some(itself))
        .set_action(action)
        .visibility_config(built(seen.metric_name(rule.name()).build())?);
    built(rule.build())
}

fn addresses(set: &Id) -> Result<Statement, Fault> {
    let set = built(IpSetReferenceStatement::builder().arn(&set.0).build())?;
    Ok(Statement::builder().ip_set_reference_statement(set).build())
}

/// A path may be written in escapes, with double slashes, or go on after the file's name.
fn rate(limit: u32) -> Result<Statement, Fault> {
    let logins = LOGINS.map(|file| path(file, PositionalConstraint::Contains, TextTransformationType::UrlDecode));
    let logins = any(logins.into_iter().collect::<Result<_, _>>()?)?;
    let rate = RateBasedStatement::builder()
        .limit(limit.into())
        .evaluation_window_sec(WINDOW)
        .aggregate_key_type(RateBasedStatementAggregateKeyType::Ip)
        .scope_down_statement(logins);
    Ok(Statement::builder().rate_based_statement(built(rate.build())?).build())
}

fn managed(group: ManagedRuleGroup) -> Result<Statement, Fault> {
    let count = || RuleAction::builder().count(CountAction::builder().build()).build();
    let counted = body_rules(group)
        .iter()
        .map(|(name, _)| built(RuleActionOverride::builder().name(*name).action_to_use(count()).build()));
    let counted = counted.collect::<Result<Vec<_>, _>>()?;
    let group = ManagedRuleGroupStatement::builder()
        .vendor_name("AWS")
        .name(group_name(group))
        .set_rule_action_overrides((!counted.is_empty()).then_some(counted));
    Ok(Statement::builder().managed_rule_group_statement(built(group.build())?).build())
}

fn bodies(groups: &[ManagedRuleGroup]) -> Result<Statement, Fault> {
    let labels = groups.iter().flat_map(|group| body_rules(*group)).map(|(_, label)| {
        let label = LabelMatchStatement::builder().scope(LabelMatchScope::Label).key(*label);
        Ok(Statement::builder().label_match_statement(built(label.build())?).build())
    });
    let labelled = any(labels.collect::<Result<_, Fault>>()?)?;
    let writers = WRITERS.map(|start| path(start, PositionalConstraint::StartsWith, TextTransformationType::None));
    let writers = any(writers.into_iter().collect::<Result<_, _>>()?)?;
    let elsewhere = Statement::builder().not_statement(NotStatement::builder().statement(writers).build()).build();
    let both = AndStatement::builder().statements(labelled).statements(elsewhere);
    Ok(Statement::builder().and_statement(built(both.build())?).build())
}

/// AWS takes no "or" of one.
fn any(mut statements: Vec<Statement>) -> Result<Statement, Fault> {
    if statements.len() == 1 {
        return Ok(statements.remove(0));
    }
    let any = built(OrStatement::builder().set_statements(Some(statements)).build())?;
    Ok(Statement::builder().or_statement(any).build())
}

fn path(text: &str, place: PositionalConstraint, read: TextTransformationType) -> Result<Statement, Fault> {
    let text = ByteMatchStatement::builder()
        .search_string(Blob::new(text))
        .field_to_match(FieldToMatch::builder().uri_path(UriPath::builder().build()).build())
        .text_transformations(built(TextTransformation::builder().priority(0).r#type(read).build())?)
        .positional_constraint(place);
    Ok(Statement::builder().byte_match_statement(built(text.build())?).build())
}

#[cfg(test)]
mod tests {
    use wpc_api::v1alpha1::Firewall;
    use wpc_blueprint::firewall::rules;

    use super::*;

    #[test]
    fn rules_are_read_as_they_were_written() {
        let (deny, allow) = (vec!["arn:deny-ipv4".into()], vec!["arn:allow-ipv4".into(), "arn:allow-ipv6".into()]);
        let php = Firewall { managed_rule_groups: vec![ManagedRuleGroup::Php], ..Firewall::default() };
        for wanted in [rules(&Firewall::default(), deny, allow), rules(&php, vec![], vec![])] {
            let mut written = all(&wanted).unwrap();
            written.reverse();
            assert_eq!(read(&written), wanted);
        }
    }

    #[test]
    fn what_somebody_changed_is_no_rule_of_ours() {
        let mut written = all(&rules(&Firewall::default(), vec![], vec![])).unwrap();
        written[0].action = Some(RuleAction::builder().count(CountAction::builder().build()).build());
        let managed = written[1].statement.as_mut().unwrap().managed_rule_group_statement.as_mut().unwrap();
        managed.rule_action_overrides = None;
        let read = read(&written);
        assert!(matches!(&read[0], Rule::Other(name) if name.starts_with("login-rate")), "{read:?}");
        assert!(matches!(&read[1], Rule::Other(name) if name.starts_with("AWSManagedRulesCommonRuleSet")), "{read:?}");
        assert!(matches!(read[2], Rule::Managed(_)));
    }
}
