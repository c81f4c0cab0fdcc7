//! Replaces the instances when what they are made from changes. See "Use an instance refresh to update instances in an
//! Auto Scaling group" in the Amazon EC2 Auto Scaling User Guide.
//!
//! There is one of these beside each group: what it wants is that every instance was made from the wanted version, and
//! an update of it is a refresh that is started. A new group is as wanted from the beginning.
//!
//! A refresh that brings another WordPress replaces one instance first, waits, and goes on if that one is well. See "Add
//! checkpoints to an instance refresh" and "Undo changes with a rollback" there.
//!
//! # Guarantees
//! One refresh for one change: none is started while another runs, after a restart neither; one that failed or was
//! rolled back is not tried again until something else is wanted. None that brings another WordPress is started before
//! there is a copy of the database.

use wpc_engine::{Action, Change, Delta, Disruption, Id, Identity, Kind, Output, State};

use super::Launch;
use super::code::Upgrade;
use super::group;
use crate::monitoring::alarm;

/// Reads the group, whose instances say what they were made from.
pub const DESCRIBE_GROUP: Action = group::DESCRIBE;
/// Reads the refreshes, the newest first.
pub const DESCRIBE: Action = Action::read("autoscaling:DescribeInstanceRefreshes");
/// Says why instances did not come.
pub const DESCRIBE_ACTIVITIES: Action = group::DESCRIBE_ACTIVITIES;
/// Reads which alarms ring already; AWS asks for it too, of who names alarms.
pub const DESCRIBE_ALARMS: Action = alarm::DESCRIBE;
/// Starts one.
pub const START: Action = Action::write("autoscaling:StartInstanceRefresh");

/// The kind.
#[derive(Debug, Clone)]
pub struct InstanceRefresh;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The group's name.
    pub group: Id,
    /// What all its instances should be made from.
    pub launch: Launch,
    /// Whether a refresh is started; else a person does it.
    pub automatic: bool,
    /// How many percent stay healthy meanwhile, and how many there may be.
    pub healthy: (i32, i32),
    /// Seconds to watch the new instances before it counts as done.
    pub bake: i32,
    /// Goes back if the new instances fail.
    pub rollback: bool,
    /// The other WordPress that it brings.
    pub upgrade: Option<Upgrade>,
    /// The database's snapshot from before that, once it is complete.
    pub snapshot: Option<String>,
    /// The names of the alarms that end it.
    pub alarms: Vec<String>,
    /// The log group that first boots write to.
    pub logs: String,
}

impl Desired {
    /// Whether one instance goes first: where there may be more than one.
    pub fn canary(&self) -> bool {
        self.upgrade.is_some() && self.healthy.0 > 0
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The group's name and what this is: a refresh has no place of its own.
    pub id: Id,
    /// The group's name.
    pub group: Id,
    /// What the group makes new instances from.
    pub launch: Option<Launch>,
    /// Template and version of each instance that is there to stay.
    pub instances: Vec<Option<(Id, i64)>>,
    /// The newest refresh.
    pub newest: Option<Refresh>,
}

/// One refresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refresh {
    /// Its id.
    pub id: String,
    /// What it makes the group's instances from, where it was told.
    pub launch: Option<Launch>,
    /// How far it is.
    pub phase: Phase,
    /// AWS's word for that: `Baking`.
    pub status: String,
    /// Why, if AWS says so.
    pub reason: Option<String>,
    /// How many percent are done.
    pub percent: Option<u32>,
    /// Why an instance did not come, of one that failed.
    pub trouble: Option<Trouble>,
}

/// What Auto Scaling says of an instance that did not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Its words.
    pub message: String,
    /// The instance.
    pub instance: Option<String>,
}

/// How far a refresh is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It is under way, or on its way back.
    Running(&'static str),
    /// All instances were replaced.
    Done,
    /// It failed, was cancelled, or went back.
    Failed,
}

/// What status learns: the newest refresh.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rollout {
    /// Its id, if there is one.
    pub id: Option<String>,
    /// AWS's word for how far it is.
    pub status: Option<String>,
    /// What it is at, if it is under way.
    pub running: Option<&'static str>,
    /// How many percent are done.
    pub percent: Option<u32>,
    /// How many instances are made from what it brings.
    pub replaced: u32,
    /// The version that it brought, once it is done. The group follows a moment later.
    pub done: Option<i64>,
    /// How many instances were made from something else than new ones are: with the policy Manual a person replaces
    /// them.
    pub outdated: u32,
}

impl Output for Rollout {
    fn unknown(_: &str) -> Self {
        Self::default()
    }
}

/// The path of the change that starts a refresh.
pub const LAUNCH: &str = "compute.instances.version";

/// The id of a group's refresh.
pub fn id(group: &Id) -> Id {
    Id(format!("{group}/refresh"))
}

impl Observed {
    fn outdated(&self, launch: &Launch) -> usize {
        let current = |made_from: &Option<(Id, i64)>| {
            made_from
                .as_ref()
                .is_some_and(|(template, version)| *template == launch.template && *version == launch.version)
        };
        self.instances.iter().filter(|made_from| !current(made_from)).count()
    }

    fn rollout(&self) -> Rollout {
        let outdated = self.launch.as_ref().map_or(self.instances.len(), |launch| self.outdated(launch)) as u32;
        let newest = self.newest.clone();
        Rollout {
            running: newest.as_ref().and_then(|newest| match newest.phase {
                Phase::Running(at) => Some(at),
                Phase::Done | Phase::Failed => None,
            }),
            done: newest.as_ref().filter(|newest| newest.phase == Phase::Done).and_then(|newest| {
                let launch = newest.launch.as_ref()?;
                (self.outdated(launch) == 0).then_some(launch.version)
            }),
            replaced: newest
                .as_ref()
                .and_then(|newest| newest.launch.as_ref())
                .map_or(0, |launch| (self.instances.len() - self.outdated(launch)) as u32),
            percent: newest.as_ref().and_then(|newest| newest.percent),
            status: newest.as_ref().map(|newest| newest.status.clone()),
            id: newest.map(|newest| newest.id),
            outdated,
        }
    }
}

impl Kind for InstanceRefresh {
    const NAME: &'static str = "autoscaling/instance-refresh";
    const ACTIONS: &'static [Action] = &[DESCRIBE_GROUP, DESCRIBE, DESCRIBE_ACTIVITIES, DESCRIBE_ALARMS, START];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Rollout;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Desired {
            group: _,
            launch,
            automatic,
            healthy: _,
            bake: _,
            rollback: _,
            upgrade,
            snapshot,
            alarms: _,
            logs: _,
        } = want;
        let Observed { id: _, group: _, launch: found, instances: _, newest } = have;
        let outdated = have.outdated(launch);
        if !automatic || (found.as_ref() == Some(launch) && outdated == 0) {
            return Delta::Same;
        }
        let from = found.as_ref().map_or("no fixed version".into(), Launch::to_string);
        let change = |to| vec![Change { path: LAUNCH.into(), from, to, disruption: Disruption::Rolling }];
        match newest.as_ref().filter(|newest| newest.launch.as_ref() == Some(launch)) {
            Some(Refresh { phase: Phase::Running(_), .. }) => Delta::Same,
            // The group itself follows a moment after its instances.
            Some(Refresh { phase: Phase::Done, .. }) if outdated == 0 => Delta::Same,
            Some(refresh @ Refresh { phase: Phase::Failed, .. }) => Delta::Refused(change(failure(want, refresh))),
            // The database is copied first.
            _ if upgrade.is_some() && snapshot.is_none() => Delta::Same,
            _ => Delta::Update(change(launch.to_string())),
        }
    }

    fn state(have: &Observed) -> State<Rollout> {
        match have.newest.as_ref().map(|newest| newest.phase) {
            Some(Phase::Running(reason)) => State::Settling { usable: Some(have.rollout()), reason },
            _ => State::Ready(have.rollout()),
        }
    }
}

/// What became of a refresh, where to look, and what to do.
fn failure(want: &Desired, refresh: &Refresh) -> String {
    let Refresh { id, launch: _, phase: _, status, reason, percent: _, trouble } = refresh;
    let reason = short(reason.as_deref().unwrap_or("AWS gives no reason"), 75);
    // The condition has room for so much; the rest of the id is in AWS.
    let id = id.split('-').next().unwrap_or_default();
    let brings = want.upgrade.as_ref().map(|upgrade| format!(" ({upgrade})")).unwrap_or_default();
    let mut text = format!("refresh {id} to {}{brings} {status}: {reason}", want.launch);
    if let Some(Trouble { message, instance }) = trouble {
        // What the hook was told is at the end.
        let message = message.rsplit_once("was abandoned: ").map_or(message.as_str(), |(_, why)| why);
        let stream = instance.as_deref().unwrap_or("<instance>");
        text += &format!("; {}. Log {}, {stream}/boot", short(message, 50), want.logs);
    } else {
        text += &format!(". Log {}", want.logs);
    }
    if let Some(snapshot) = &want.snapshot {
        text += &format!(". Data from before: database.restoreFrom.snapshotId {snapshot}");
    }
    text + ". Not tried again until edited"
}

/// The beginning of a text, without a full stop at its end.
fn short(text: &str, most: usize) -> String {
    let text = text.trim().trim_end_matches('.');
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::code::tests::code;
    use super::*;

    fn launch(version: i64) -> Launch {
        Launch::new("lt-1".into(), version, &["m7g.large".into()], 0)
    }

    fn want(version: i64) -> Desired {
        Desired {
            group: "gazette-group".into(),
            launch: launch(version),
            automatic: true,
            healthy: (100, 134),
            bake: 300,
            rollback: true,
            upgrade: None,
            snapshot: None,
            alarms: vec![],
            logs: "/gazette/web".into(),
        }
    }

    fn have(version: i64, instances: &[i64], newest: Option<Refresh>) -> Observed {
        Observed {
            id: id(&"gazette-group".into()),
            group: "gazette-group".into(),
            launch: Some(launch(version)),
            instances: instances.iter().map(|version| Some(("lt-1".into(), *version))).collect(),
            newest,
        }
    }

    fn refresh(version: i64, phase: Phase) -> Option<Refresh> {
        let (status, reason) = ("Word".to_owned(), Some("unhealthy".to_owned()));
        Some(Refresh {
            id: "r-1".into(),
            launch: Some(launch(version)),
            phase,
            status,
            reason,
            percent: Some(34),
            trouble: None,
        })
    }

    #[derive(Debug, PartialEq)]
    enum Does {
        Nothing,
        Starts,
        Refuses,
    }

    #[test]
    fn one_refresh_for_one_change() {
        let running = Phase::Running("RollingOut");
        let table = [
            ("a new group", have(2, &[], None), Does::Nothing),
            ("all as wanted", have(2, &[2, 2], None), Does::Nothing),
            ("a new version", have(1, &[1, 1], None), Does::Starts),
            ("after an older change", have(1, &[1, 1], refresh(1, Phase::Done)), Does::Starts),
            ("under way", have(1, &[1, 2], refresh(2, running)), Does::Nothing),
            ("baking", have(1, &[2, 2], refresh(2, running)), Does::Nothing),
            ("just done", have(1, &[2, 2], refresh(2, Phase::Done)), Does::Nothing),
            ("done", have(2, &[2, 2], refresh(2, Phase::Done)), Does::Nothing),
            ("moved back by hand since", have(1, &[1, 1], refresh(2, Phase::Done)), Does::Starts),
            ("failed", have(1, &[1, 1], refresh(2, Phase::Failed)), Does::Refuses),
            ("failed half way", have(1, &[1, 2], refresh(2, Phase::Failed)), Does::Refuses),
            ("another failed", have(1, &[1, 1], refresh(7, Phase::Failed)), Does::Starts),
            ("the group moved, its instances not", have(2, &[1, 2], None), Does::Starts),
        ];
        for (case, have, does) in table {
            let found = match InstanceRefresh::diff(&want(2), &have) {
                Delta::Same => Does::Nothing,
                Delta::Update(_) => Does::Starts,
                Delta::Refused(_) => Does::Refuses,
            };
            assert_eq!(found, does, "{case}");
            let manual = Desired { automatic: false, ..want(2) };
            assert_eq!(InstanceRefresh::diff(&manual, &have), Delta::Same, "{case}, by hand");
        }
    }

    #[test]
    fn another_wordpress_waits_for_the_copy_of_the_database_and_begins_with_one_instance() {
        let upgrade = Upgrade { from: code("6.8.8"), to: code("6.9.9") };
        let waiting = Desired { upgrade: Some(upgrade), ..want(2) };
        let copied = Desired { snapshot: Some("blog-before".into()), ..waiting.clone() };
        let before = have(1, &[1, 1], None);
        assert_eq!(InstanceRefresh::diff(&waiting, &before), Delta::Same);
        assert!(matches!(InstanceRefresh::diff(&copied, &before), Delta::Update(_)));
        assert!(copied.canary() && !want(2).canary());
        assert!(!Desired { healthy: (0, 100), ..copied }.canary(), "the only instance has the disk");
    }

    #[test]
    fn what_failed_says_why_where_to_look_and_how_to_get_the_data_back() {
        let upgrade = Upgrade { from: code("6.8.8"), to: code("6.9.9") };
        let snapshot =
            "default-press-gazette-database-primary-db-abcdefghijklmnopqrstuvwxyz-before-wordpress-6-8-8-to-6-9-9";
        let want = Desired { upgrade: Some(upgrade), snapshot: Some(snapshot.into()), ..want(2) };
        let trouble = Trouble {
            message: "Lifecycle Action Completed with ABANDON Result ".repeat(9),
            instance: Some("i-0a".into()),
        };
        let failed = refresh(2, Phase::Failed).map(|refresh| Refresh {
            reason: Some("Rolled back because an instance failed. ".repeat(9)),
            trouble: Some(trouble),
            ..refresh
        });
        let Delta::Refused(changes) = InstanceRefresh::diff(&want, &have(1, &[1, 1], failed)) else {
            panic!("tried again")
        };
        let said = &changes[0].to;
        for part in
            ["WordPress 6.8.8 to 6.9.9", "Rolled back", "ABANDON", "/gazette/web, i-0a/boot", "edited", snapshot]
        {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(said.len() + "compute/refresh: ".len() <= 512, "{} bytes: a condition cuts it", said.len());
    }

    #[test]
    fn back_to_what_stands_needs_no_refresh() {
        let rolled_back = have(1, &[1, 1], refresh(2, Phase::Failed));
        assert_eq!(InstanceRefresh::diff(&want(1), &rolled_back), Delta::Same);
    }

    #[test]
    fn it_settles_while_instances_are_replaced() {
        let settling = InstanceRefresh::state(&have(1, &[1, 2], refresh(2, Phase::Running("Baking"))));
        let State::Settling { usable: Some(rollout), reason: "Baking" } = settling else { panic!("{settling:?}") };
        assert_eq!((rollout.running, rollout.percent, rollout.replaced), (Some("Baking"), Some(34), 1));
        assert!(matches!(InstanceRefresh::state(&have(1, &[1], None)), State::Ready(Rollout { outdated: 0, .. })));
    }
}
