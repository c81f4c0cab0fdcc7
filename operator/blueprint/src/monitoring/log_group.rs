//! Where logs go. See "Working with log groups and log streams" in the Amazon CloudWatch Logs User Guide.
//!
//! # Caveats
//! Who writes to a group may make it again, without our tags, where it has the right to `logs:CreateLogGroup`. So give
//! writers `logs:CreateLogStream` and `logs:PutLogEvents` alone, and let what delivers logs (flow logs, a firewall) say
//! in its `holds` that it holds the group's ARN.

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Key, Kind, Output, State, digest};

use crate::Stack;

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("logs:DescribeLogGroups");
/// Reads tags.
pub const LIST_TAGS: Action = Action::read("logs:ListTagsForResource");
/// Makes it.
pub const CREATE: Action = Action::write("logs:CreateLogGroup");
/// Sets for how long logs are kept.
pub const PUT_RETENTION: Action = Action::write("logs:PutRetentionPolicy");
/// Encrypts what comes from now on with another key.
pub const ASSOCIATE_KEY: Action = Action::write("logs:AssociateKmsKey");
/// Writes tags, also at creation.
pub const TAG: Action = Action::write("logs:TagResource");
/// Removes it, and every log in it.
pub const DELETE: Action = Action::write("logs:DeleteLogGroup");

/// What the components' names begin with.
pub const PREFIX: &str = "monitoring/log-";

/// What the names of all stacks' groups hold; lists are asked by it.
pub const PATTERN: &str = "wordpresscluster/";

/// The path of the change of the days for which logs are kept.
pub const RETENTION: &str = "monitoring.logRetentionDays";
/// The path of the change of the key.
pub const KEY: &str = "encryption.kmsKey";

/// The kind.
#[derive(Debug, Clone)]
pub struct LogGroup;

/// Who writes to it: of some, AWS demands what the name begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// Whoever is not named here.
    Any,
    /// AWS WAF.
    Firewall,
}

impl Writer {
    fn prefix(self) -> &'static str {
        match self {
            Self::Any => "/",
            Self::Firewall => "aws-waf-logs-",
        }
    }
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// Who writes to it.
    pub writer: Writer,
    /// The region: the stack's, or us-east-1 for what belongs to CloudFront.
    pub region: String,
    /// For how many days logs are kept.
    pub retention_days: u16,
    /// The ARN of the key that encrypts it; `None`: CloudWatch's own. Its policy must let `logs.<region>.amazonaws.com`
    /// use it.
    pub key: Option<Id>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its ARN, without the `:*` that policies end it with.
    pub arn: Id,
    /// Its name.
    pub name: String,
    /// For how many days logs are kept; `None`: for ever.
    pub retention_days: Option<u16>,
    /// The ARN of the key that encrypts it.
    pub key: Option<Id>,
}

/// What dependants learn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogGroupOutput {
    /// Its ARN, without the `:*` that policies end it with.
    pub arn: Id,
    /// Its name.
    pub name: String,
}

impl Output for LogGroupOutput {
    fn unknown(node: &str) -> Self {
        let arn = Id::unknown(node);
        Self { name: arn.0.clone(), arn }
    }
}

/// The name of a stack's group: whose it is, and what for.
pub fn name(stack: &Stack, key: &Key, writer: Writer) -> String {
    let what = key.name.strip_prefix(PREFIX).unwrap_or(&key.name);
    format!("{}{PATTERN}{stack}/{what}", writer.prefix())
}

/// The key of a group in a region, if its name is one that [`name`] gave it for this stack.
pub fn key(stack: &Stack, region: &str, name: &str) -> Option<Key> {
    let prefixes = [Writer::Any, Writer::Firewall].map(|writer| format!("{}{PATTERN}{stack}/", writer.prefix()));
    let what = prefixes.iter().find_map(|prefix| name.strip_prefix(prefix))?;
    (!what.is_empty()).then(|| Key { name: format!("{PREFIX}{what}"), variant: Some(variant(region)) })
}

/// The region and the name in a group's ARN.
pub fn place(arn: &Id) -> Option<(&str, &str)> {
    let (head, name) = arn.0.split_once(":log-group:")?;
    Some((head.split(':').nth(3)?, name))
}

fn variant(region: &str) -> String {
    digest(&[region])
}

impl Kind for LogGroup {
    const NAME: &'static str = "logs/log-group";
    const ACTIONS: &'static [Action] = &[DESCRIBE, LIST_TAGS, CREATE, PUT_RETENTION, ASSOCIATE_KEY, TAG, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = LogGroupOutput;

    /// The logs of another region are another group: a firewall moves from the CDN to the load balancer.
    fn variant(Desired { writer: _, region, retention_days: _, key: _ }: &Desired) -> Option<String> {
        Some(variant(region))
    }

    fn id(have: &Observed) -> Id {
        have.arn.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        have.key.iter().cloned().collect()
    }

    /// A key that somebody gave it is no difference where none is asked for.
    fn diff(Desired { writer: _, region: _, retention_days, key }: &Desired, have: &Observed) -> Delta {
        let Observed { arn: _, name: _, retention_days: found, key: found_key } = have;
        let mut changes = Changes::new();
        changes.compare(RETENTION, &days(*found), &retention_days.to_string(), Disruption::None);
        if key.is_some() {
            changes.compare(KEY, found_key, key, Disruption::None);
        }
        changes.delta()
    }

    fn state(have: &Observed) -> State<LogGroupOutput> {
        State::Ready(LogGroupOutput { arn: have.arn.clone(), name: have.name.clone() })
    }
}

fn days(days: Option<u16>) -> String {
    days.map_or_else(|| "for ever".to_owned(), |days| days.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_whose_a_group_is() {
        let (stack, other) = (Stack::new("default", "press", "gazette"), Stack::new("default", "press", "gazette-2"));
        let web = Key { name: "monitoring/log-web".into(), variant: Some(variant("eu-west-1")) };
        for (writer, expected) in [
            (Writer::Any, "/wordpresscluster/default/press/gazette/web"),
            (Writer::Firewall, "aws-waf-logs-wordpresscluster/default/press/gazette/web"),
        ] {
            let name = name(&stack, &web, writer);
            assert_eq!(name, expected);
            assert!(name.contains(PATTERN));
            assert_eq!(key(&stack, "eu-west-1", &name), Some(web.clone()));
            assert_ne!(key(&stack, "us-east-1", &name), Some(web.clone()));
            assert_eq!(key(&other, "eu-west-1", &name), None);
        }
        let lambda = "/aws/lambda/wordpresscluster/default/press/gazette/web";
        assert_eq!(key(&stack, "eu-west-1", lambda), None);
        let arn = Id::from("arn:aws:logs:eu-west-1:123456789012:log-group:/wordpresscluster/default/press/gazette/web");
        assert_eq!(place(&arn), Some(("eu-west-1", "/wordpresscluster/default/press/gazette/web")));
        assert_eq!(place(&Id::from("thing-1")), None);
    }

    #[test]
    fn diff_knows_each_field() {
        let region = "eu-west-1".to_owned();
        let want = Desired { writer: Writer::Any, region, retention_days: 30, key: Some("key-1".into()) };
        let have = Observed {
            arn: "arn:1".into(),
            name: "/wordpresscluster/a/b/c/web".into(),
            retention_days: Some(30),
            key: Some("key-1".into()),
        };
        assert_eq!(LogGroup::diff(&want, &have), Delta::Same);
        assert_eq!(LogGroup::diff(&Desired { key: None, ..want.clone() }, &have), Delta::Same);
        let said = |want: &Desired, have: &Observed| match LogGroup::diff(want, have) {
            Delta::Update(changes) => changes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        let forever = Observed { retention_days: None, ..have.clone() };
        assert_eq!(said(&want, &forever), ["monitoring.logRetentionDays found for ever, wanted 30"]);
        let open = Observed { key: None, ..have.clone() };
        assert_eq!(said(&want, &open), ["encryption.kmsKey found nothing, wanted key-1"]);
        assert_eq!(LogGroup::holds(&have), [Id::from("key-1")]);
        assert_eq!(
            LogGroup::state(&have),
            State::Ready(LogGroupOutput { arn: "arn:1".into(), name: have.name.clone() })
        );
        let elsewhere = Desired { region: "us-east-1".into(), ..want.clone() };
        assert_ne!(LogGroup::variant(&want), LogGroup::variant(&elsewhere));
    }
}
