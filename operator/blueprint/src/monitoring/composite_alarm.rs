//! One alarm that says what several say together. See "Combining alarms" in the Amazon CloudWatch User Guide.

use std::collections::BTreeSet;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State};

use super::alarm::{AlarmOutput, DELETE, DESCRIBE, DESCRIPTION, LIST_TAGS, TAG, Tells, name_in};

/// Makes it, and changes it.
pub const PUT: Action = Action::write("cloudwatch:PutCompositeAlarm");

/// The path of the change of what it says.
pub const RULE: &str = "monitoring.alarms.rule";

/// The kind.
#[derive(Debug, Clone)]
pub struct CompositeAlarm;

/// What is wanted, and what such an alarm says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Says {
    /// What is wrong, for people.
    pub description: String,
    /// When: in the language of CloudWatch.
    pub rule: String,
    /// Whom it tells.
    pub tells: Tells,
}

/// The rule that is true while any of these rings.
pub fn any(alarms: &[AlarmOutput]) -> String {
    let parts: Vec<_> = alarms.iter().map(|alarm| format!("ALARM(\"{}\")", alarm.name)).collect();
    parts.join(" OR ")
}

/// The names in a rule.
fn named(rule: &str) -> BTreeSet<&str> {
    rule.split('"').skip(1).step_by(2).collect()
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its ARN.
    pub arn: Id,
    /// What it says.
    pub says: Says,
}

impl Kind for CompositeAlarm {
    const NAME: &'static str = "cloudwatch/composite-alarm";
    const ACTIONS: &'static [Action] = &[DESCRIBE, LIST_TAGS, PUT, TAG, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Says;
    type Observed = Observed;
    type Output = AlarmOutput;

    fn variant(_: &Says) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.arn.clone()
    }

    /// The topics that it tells, and the alarms in its rule: CloudWatch deletes none of them before it.
    fn holds(have: &Observed) -> Vec<Id> {
        let topics = have.says.tells.ringing.union(&have.says.tells.well).cloned();
        let head = have.arn.0.strip_suffix(name_in(&have.arn)).unwrap_or_default();
        let alarms = named(&have.says.rule).into_iter().map(|name| Id(format!("{head}{name}")));
        topics.chain(alarms).collect()
    }

    fn diff(Says { description, rule, tells }: &Says, Observed { arn: _, says: found }: &Observed) -> Delta {
        let mut changes = Changes::new();
        changes.compare(RULE, &found.rule, rule, Disruption::None);
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

    fn alarm(name: &str) -> AlarmOutput {
        AlarmOutput { arn: Id(format!("arn:aws:cloudwatch:eu-west-1:1:alarm:{name}")), name: name.into() }
    }

    fn says() -> Says {
        let rule = any(&[alarm("wordpresscluster/a/b/c/no-hosts"), alarm("wordpresscluster/a/b/c/errors")]);
        Says { description: "The site is down".into(), rule, tells: Tells::all(["topic-1".into()]) }
    }

    #[test]
    fn it_holds_what_it_speaks_of() {
        let says = says();
        assert_eq!(says.rule, r#"ALARM("wordpresscluster/a/b/c/no-hosts") OR ALARM("wordpresscluster/a/b/c/errors")"#);
        let have = Observed { arn: alarm("wordpresscluster/a/b/c/site-down").arn, says };
        let held = ["wordpresscluster/a/b/c/errors", "wordpresscluster/a/b/c/no-hosts"].map(|name| alarm(name).arn);
        assert_eq!(CompositeAlarm::holds(&have), [vec!["topic-1".into()], held.to_vec()].concat());
        assert!(matches!(CompositeAlarm::state(&have), State::Ready(output) if output.name.ends_with("site-down")));
    }

    #[test]
    fn diff_knows_each_field() {
        let paths = |change: fn(&mut Says)| {
            let mut found = says();
            change(&mut found);
            match CompositeAlarm::diff(&says(), &Observed { arn: "arn".into(), says: found }) {
                Delta::Update(changes) => changes.into_iter().map(|change| change.path).collect(),
                _ => vec![],
            }
        };
        assert!(paths(|_| {}).is_empty());
        assert_eq!(paths(|says| says.rule = "FALSE".into()), [RULE]);
        assert_eq!(paths(|says| says.description.clear()), [DESCRIPTION]);
        assert_eq!(paths(|says| says.tells = Tells::all([])), ["monitoring.notify"]);
    }
}
