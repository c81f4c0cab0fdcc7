//! Whom alarms tell. See "What is Amazon SNS?" and "Amazon SNS email notifications" in the Amazon SNS Developer Guide.
//!
//! # Caveats
//! A person must confirm a subscription; until then AWS shows it as pending, nobody can remove it, and it goes by itself
//! after 48 hours: then it is asked for again, by another mail. Subscriptions by mail are the operator's, all others
//! somebody else's.
//!
//! The topic is not encrypted by `alias/aws/sns`: alarms could not publish to it. A key of one's own must let
//! `cloudwatch.amazonaws.com` use it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, Output, State};

/// Lists.
pub const LIST: Action = Action::read("sns:ListTopics");
/// Reads one.
pub const GET: Action = Action::read("sns:GetTopicAttributes");
/// Reads tags.
pub const LIST_TAGS: Action = Action::read("sns:ListTagsForResource");
/// Lists who is subscribed to anything.
pub const LIST_SUBSCRIPTIONS: Action = Action::read("sns:ListSubscriptions");
/// Lists who is subscribed to it.
pub const SUBSCRIBERS: Action = Action::read("sns:ListSubscriptionsByTopic");
/// Makes it.
pub const CREATE: Action = Action::write("sns:CreateTopic");
/// Changes who may publish, and the key.
pub const SET: Action = Action::write("sns:SetTopicAttributes");
/// Asks somebody whether mail is welcome.
pub const SUBSCRIBE: Action = Action::write("sns:Subscribe");
/// Ends a subscription.
pub const UNSUBSCRIBE: Action = Action::write("sns:Unsubscribe");
/// Writes tags, also at creation.
pub const TAG: Action = Action::write("sns:TagResource");
/// Removes it, and who is subscribed.
pub const DELETE: Action = Action::write("sns:DeleteTopic");

/// Its component.
pub const TOPIC: &str = "monitoring/topic";

/// The path of the change of who may publish.
pub const POLICY: &str = "monitoring.topic.policy";
/// The path of the change of the key.
pub const KEY: &str = "monitoring.topic.kmsKey";
/// The path of the change of who gets mail.
pub const NOTIFY: &str = "monitoring.notify";

/// The kind.
#[derive(Debug, Clone)]
pub struct Topic;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// Who gets mail.
    pub emails: BTreeSet<String>,
    /// The ARN of the key that encrypts it; `None`: not encrypted by a key.
    pub key: Option<Id>,
}

/// A subscription by mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subscription {
    /// Nobody has confirmed it yet.
    Pending,
    /// Mail is welcome; its ARN.
    Confirmed(String),
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its ARN.
    pub arn: Id,
    /// Who may publish.
    pub policy: Option<Value>,
    /// The key that encrypts it.
    pub key: Option<Id>,
    /// Subscriptions by mail, by address.
    pub emails: BTreeMap<String, Subscription>,
}

/// What dependants and status learn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicOutput {
    /// Its ARN.
    pub arn: Id,
    /// Who has not confirmed yet that mail is welcome.
    pub pending: Vec<String>,
}

impl Output for TopicOutput {
    fn unknown(node: &str) -> Self {
        Self { arn: Id::unknown(node), pending: vec![] }
    }
}

/// Who may publish to a topic: alarms of its account.
pub fn policy(arn: &str) -> Value {
    let account = arn.split(':').nth(4).unwrap_or_default();
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "Alarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }],
    })
}

impl Observed {
    /// The confirmed subscriptions that nobody asks for any more, by ARN.
    pub fn unwanted<'a>(&'a self, want: &'a Desired) -> impl Iterator<Item = &'a str> {
        self.emails.iter().filter(|(email, _)| !want.emails.contains(*email)).filter_map(|(_, how)| match how {
            Subscription::Confirmed(arn) => Some(arn.as_str()),
            Subscription::Pending => None,
        })
    }
}

impl Kind for Topic {
    const NAME: &'static str = "sns/topic";
    const ACTIONS: &'static [Action] =
        &[LIST, GET, LIST_TAGS, LIST_SUBSCRIPTIONS, SUBSCRIBERS, CREATE, SET, SUBSCRIBE, UNSUBSCRIBE, TAG, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = TopicOutput;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.arn.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        have.key.iter().cloned().collect()
    }

    /// A pending subscription that nobody asks for cannot be removed, and goes by itself.
    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Desired { emails, key } = want;
        let Observed { arn, policy: found_policy, key: found_key, emails: found } = have;
        let mut changes = Changes::new();
        let shown = |policy: &Value| policy.to_string();
        let wanted_policy = policy(&arn.0);
        if found_policy.as_ref() != Some(&wanted_policy) {
            let found = found_policy.as_ref().map(shown).unwrap_or_default();
            changes.push(POLICY, found, shown(&wanted_policy), Disruption::None);
        }
        changes.compare(KEY, found_key, key, Disruption::None);
        let missing = emails.iter().any(|email| !found.contains_key(email));
        if missing || have.unwanted(want).next().is_some() {
            let list = |emails: Vec<&str>| emails.join(",");
            let from = list(found.keys().map(String::as_str).collect());
            changes.push(NOTIFY, from, list(emails.iter().map(String::as_str).collect()), Disruption::None);
        }
        changes.delta()
    }

    fn state(have: &Observed) -> State<TopicOutput> {
        let pending = have.emails.iter().filter(|(_, how)| **how == Subscription::Pending);
        let pending = pending.map(|(email, _)| email.clone()).collect();
        State::Ready(TopicOutput { arn: have.arn.clone(), pending })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:sns:eu-west-1:123456789012:gazette-topic";

    fn have(emails: &[(&str, Subscription)]) -> Observed {
        let emails = emails.iter().map(|(email, how)| ((*email).to_owned(), how.clone())).collect();
        Observed { arn: ARN.into(), policy: Some(policy(ARN)), key: None, emails }
    }

    fn want(emails: &[&str]) -> Desired {
        Desired { emails: emails.iter().map(|email| (*email).to_owned()).collect(), key: None }
    }

    fn paths(want: &Desired, have: &Observed) -> Vec<String> {
        match Topic::diff(want, have) {
            Delta::Update(changes) => changes.into_iter().map(|change| change.path).collect(),
            _ => vec![],
        }
    }

    #[test]
    fn only_alarms_of_the_account_may_publish() {
        let statement = &policy(ARN)["Statement"][0];
        assert_eq!(statement["Principal"], json!({"Service": "cloudwatch.amazonaws.com"}));
        assert_eq!(statement["Condition"], json!({"StringEquals": {"aws:SourceAccount": "123456789012"}}));
        assert_eq!(paths(&want(&[]), &Observed { policy: None, ..have(&[]) }), [POLICY]);
        let keyed = Observed { key: Some("alias/aws/sns".into()), ..have(&[]) };
        assert_eq!(paths(&want(&[]), &keyed), [KEY]);
        assert_eq!(Topic::holds(&keyed), [Id::from("alias/aws/sns")]);
    }

    #[test]
    fn who_has_not_confirmed_is_said_and_is_no_difference() {
        let (pending, confirmed) = (Subscription::Pending, Subscription::Confirmed("sub-1".into()));
        let both = have(&[("a@example.com", pending.clone()), ("b@example.com", confirmed.clone())]);
        assert!(paths(&want(&["a@example.com", "b@example.com"]), &both).is_empty());
        assert_eq!(paths(&want(&["b@example.com", "c@example.com"]), &both), [NOTIFY]);
        // What is pending goes by itself.
        assert!(paths(&want(&["b@example.com"]), &both).is_empty());
        assert_eq!(paths(&want(&["a@example.com"]), &both), [NOTIFY]);
        assert_eq!(both.unwanted(&want(&[])).collect::<Vec<_>>(), ["sub-1"]);
        let said = TopicOutput { arn: ARN.into(), pending: vec!["a@example.com".into()] };
        assert_eq!(Topic::state(&both), State::Ready(said));
    }
}
