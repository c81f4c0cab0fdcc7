//! When a number says that something is wrong. See "Using Amazon CloudWatch alarms" in the Amazon CloudWatch User Guide.
//!
//! An alarm that rings is no trouble of ours: its state is CloudWatch's and whom it tells, theirs. Alarms named
//! `TargetTracking-*` are Auto Scaling's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Key, Kind, Output, State};

use crate::Stack;

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("cloudwatch:DescribeAlarms");
/// Reads tags.
pub const LIST_TAGS: Action = Action::read("cloudwatch:ListTagsForResource");
/// Makes it, and changes it.
pub const PUT: Action = Action::write("cloudwatch:PutMetricAlarm");
/// Writes tags: the call that makes it ignores them on what is there.
pub const TAG: Action = Action::write("cloudwatch:TagResource");
/// Removes it.
pub const DELETE: Action = Action::write("cloudwatch:DeleteAlarms");

/// What the components' names begin with.
pub const PREFIX: &str = "monitoring/alarm-";
/// What the names of all stacks' alarms begin with; lists are asked by it.
pub const NAMES: &str = "wordpresscluster/";

/// The path of the change of what is measured.
pub const METRIC: &str = "monitoring.alarms.metric";
/// The path of the change of how long it must last.
pub const EVALUATION: &str = "monitoring.alarms.evaluation";
/// The path of the change of its text.
pub const DESCRIPTION: &str = "monitoring.alarms.description";
/// The path of the change of whom it tells.
pub const NOTIFY: &str = "monitoring.notify";
/// The path of the change that lets it tell anybody.
pub const ENABLED: &str = "monitoring.alarms.enabled";

/// The name of a stack's alarm: whose it is, and what for.
pub fn name(stack: &Stack, key: &Key) -> String {
    let what = key.name.strip_prefix(PREFIX).unwrap_or(&key.name);
    format!("{NAMES}{stack}/{what}")
}

/// The key of an alarm, if its name is one that [`name`] gave it for this stack.
pub fn key(stack: &Stack, name: &str) -> Option<Key> {
    let what = name.strip_prefix(&format!("{NAMES}{stack}/"))?;
    (!what.is_empty()).then(|| Key::of(format!("{PREFIX}{what}")))
}

/// The name in an alarm's ARN.
pub fn name_in(arn: &Id) -> &str {
    arn.0.split_once(":alarm:").map_or(&arn.0, |(_, name)| name)
}

/// The kind.
#[derive(Debug, Clone)]
pub struct Alarm;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// What it says.
    pub says: Says,
    /// The path of the threshold, as the spec has it.
    pub path: &'static str,
}

/// What an alarm says, as CloudWatch spells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Says {
    /// What is wrong, for people.
    pub description: String,
    /// What is measured.
    pub metric: Metric,
    /// `GreaterThanThreshold` or another.
    pub comparison: String,
    /// What it is compared with.
    pub threshold: f64,
    /// How long it must last.
    pub evaluation: Evaluation,
    /// Whom it tells.
    pub tells: Tells,
}

/// A number that AWS measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// `AWS/RDS`.
    pub namespace: String,
    /// `CPUUtilization`.
    pub name: String,
    /// `Average`.
    pub statistic: String,
    /// Of what.
    pub dimensions: BTreeMap<String, String>,
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of: Vec<_> = self.dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect();
        write!(f, "{} {} {} of {}", self.namespace, self.name, self.statistic, of.join(","))
    }
}

/// How long a number must be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// Seconds that one measurement sums up.
    pub period: i32,
    /// So many of them must be wrong,
    pub points: i32,
    /// of so many.
    pub of: i32,
    /// What a missing one means: `breaching`, `notBreaching`, `missing`, `ignore`.
    pub missing: String,
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} times {} s, {}", self.points, self.of, self.period, self.missing)
    }
}

/// Whom an alarm tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tells {
    /// Whether it tells anybody.
    pub enabled: bool,
    /// The topics that it tells when it rings.
    pub ringing: BTreeSet<Id>,
    /// The topics that it tells when all is well again.
    pub well: BTreeSet<Id>,
}

impl Tells {
    /// Everybody, of both.
    pub fn all(topics: impl IntoIterator<Item = Id>) -> Self {
        let ringing = BTreeSet::from_iter(topics);
        Self { enabled: true, well: ringing.clone(), ringing }
    }

    /// How two differ.
    pub(super) fn compare(&self, want: &Self, changes: &mut Changes) {
        let Self { enabled, ringing, well } = self;
        changes.compare(ENABLED, enabled, &want.enabled, Disruption::None);
        // One change: both are written at once.
        if (ringing, well) != (&want.ringing, &want.well) {
            let shown = |tells: &Self| {
                let all: BTreeSet<&str> = tells.ringing.iter().chain(&tells.well).map(Id::as_str).collect();
                let only = if tells.ringing == tells.well { "" } else { " (not both ways)" };
                format!("{}{only}", Vec::from_iter(all).join(","))
            };
            changes.push(NOTIFY, shown(self), shown(want), Disruption::None);
        }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its ARN.
    pub arn: Id,
    /// What it says.
    pub says: Says,
}

/// What dependants learn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmOutput {
    /// Its ARN.
    pub arn: Id,
    /// Its name.
    pub name: String,
}

impl Output for AlarmOutput {
    fn unknown(node: &str) -> Self {
        let arn = Id::unknown(node);
        Self { name: arn.0.clone(), arn }
    }
}

impl Kind for Alarm {
    const NAME: &'static str = "cloudwatch/alarm";
    const ACTIONS: &'static [Action] = &[DESCRIBE, LIST_TAGS, PUT, TAG, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = AlarmOutput;

    /// All of it can be changed in place.
    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.arn.clone()
    }

    /// The topics that it tells: an alarm without them would ring unheard.
    fn holds(have: &Observed) -> Vec<Id> {
        have.says.tells.ringing.union(&have.says.tells.well).cloned().collect()
    }

    fn diff(Desired { says, path }: &Desired, Observed { arn: _, says: found }: &Observed) -> Delta {
        let Says { description, metric, comparison, threshold, evaluation, tells } = says;
        let mut changes = Changes::new();
        let limit = |comparison: &str, threshold: f64| format!("{comparison} {threshold}");
        let (have, want) = (limit(&found.comparison, found.threshold), limit(comparison, *threshold));
        changes.compare(path, &have, &want, Disruption::None);
        changes.compare(METRIC, &found.metric.to_string(), &metric.to_string(), Disruption::None);
        changes.compare(EVALUATION, &found.evaluation.to_string(), &evaluation.to_string(), Disruption::None);
        changes.compare(DESCRIPTION, &found.description, description, Disruption::None);
        found.tells.compare(tells, &mut changes);
        changes.delta()
    }

    fn state(have: &Observed) -> State<AlarmOutput> {
        State::Ready(AlarmOutput { name: name_in(&have.arn).to_owned(), arn: have.arn.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What somebody changes.
    type Hand = fn(&mut Says);

    fn says() -> Says {
        Says {
            description: "The database is busy".into(),
            metric: Metric {
                namespace: "AWS/RDS".into(),
                name: "CPUUtilization".into(),
                statistic: "Average".into(),
                dimensions: [("DBInstanceIdentifier".to_owned(), "db-1".to_owned())].into(),
            },
            comparison: "GreaterThanThreshold".into(),
            threshold: 80.0,
            evaluation: Evaluation { period: 300, points: 3, of: 3, missing: "missing".into() },
            tells: Tells::all(["topic-1".into()]),
        }
    }

    #[test]
    fn a_name_says_whose_an_alarm_is() {
        let (stack, other) = (Stack::new("default", "press", "gazette"), Stack::new("default", "press", "gazette-2"));
        let cpu = Key::of("monitoring/alarm-database-cpu");
        let text = name(&stack, &cpu);
        assert_eq!(text, "wordpresscluster/default/press/gazette/database-cpu");
        assert_eq!((key(&stack, &text), key(&other, &text)), (Some(cpu), None));
        assert_eq!(key(&stack, "TargetTracking-gazette-AlarmHigh"), None);
        let arn = Id(format!("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{text}"));
        assert_eq!(name_in(&arn), text);
    }

    #[test]
    fn diff_knows_each_field() {
        let path = "monitoring.thresholds.databaseCPUPercent";
        let want = Desired { says: says(), path };
        let have = |change: fn(&mut Says)| {
            let mut says = says();
            change(&mut says);
            Observed { arn: "arn:aws:cloudwatch:eu-west-1:1:alarm:a".into(), says }
        };
        assert_eq!(Alarm::diff(&want, &have(|_| {})), Delta::Same);
        let table: [(&str, Hand); 8] = [
            (path, |says| says.threshold = 90.0),
            (path, |says| says.comparison = "LessThanThreshold".into()),
            (METRIC, |says| says.metric.dimensions.clear()),
            (EVALUATION, |says| says.evaluation.missing = "ignore".into()),
            (DESCRIPTION, |says| says.description.clear()),
            (NOTIFY, |says| says.tells.ringing.clear()),
            (NOTIFY, |says| says.tells = Tells::all(["topic-2".into()])),
            (ENABLED, |says| says.tells.enabled = false),
        ];
        for (path, change) in table {
            let Delta::Update(changes) = Alarm::diff(&want, &have(change)) else { panic!("{path}") };
            assert_eq!(changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), [path]);
        }
        assert_eq!(Alarm::holds(&have(|_| {})), [Id::from("topic-1")]);
        let State::Ready(output) = Alarm::state(&have(|_| {})) else { panic!("not ready") };
        assert_eq!(output.name, "a");
    }
}
