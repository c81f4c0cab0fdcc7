//! Another number of instances from a certain time on. See "Scheduled scaling for Amazon EC2 Auto Scaling" in the Amazon
//! EC2 Auto Scaling User Guide.
//!
//! A schedule sets the group's least and greatest number, and they hold until the next schedule sets others. The desired
//! number follows by itself as far as it must.

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State};

use super::group;

/// Lists and reads.
pub const DESCRIBE: Action = group::DESCRIBE_SCHEDULES;
/// Makes it, and changes it.
pub const PUT: Action = Action::write("autoscaling:PutScheduledUpdateGroupAction");
/// Removes it.
pub const DELETE: Action = Action::write("autoscaling:DeleteScheduledAction");
/// Gives the group the numbers of a schedule that is in force while it is changed.
pub const UPDATE_GROUP: Action = group::UPDATE;

/// The kind.
#[derive(Debug, Clone)]
pub struct Schedule;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The group's name.
    pub group: Id,
    /// When: minute, hour, day of month, month, day of week.
    pub recurrence: String,
    /// Where it is that time.
    pub time_zone: String,
    /// At least so many instances.
    pub min: i32,
    /// At most so many.
    pub max: i32,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its name.
    pub id: Id,
    /// The group's name.
    pub group: Id,
    /// When, if more than once.
    pub recurrence: Option<String>,
    /// Where it is that time.
    pub time_zone: String,
    /// At least so many instances.
    pub min: Option<i32>,
    /// At most so many.
    pub max: Option<i32>,
    /// Whether its numbers are those that the group has now.
    pub in_force: bool,
}

/// The zone in which AWS reads a time where none is named.
pub const UTC: &str = "UTC";

/// The path of the change of when.
pub const CRON: &str = "compute.scaling.schedules.cron";
/// The path of the change of where it is that time.
pub const TIME_ZONE: &str = "compute.scaling.schedules.timeZone";
/// The path of the change of the least number.
pub const MIN: &str = "compute.scaling.schedules.min";
/// The path of the change of the greatest number.
pub const MAX: &str = "compute.scaling.schedules.max";

/// What every schedule's component is called, before its own name.
const PREFIX: &str = "compute/schedule";

/// The component's name, by the schedule's.
pub fn name(schedule: &str) -> String {
    format!("{PREFIX}-{schedule}")
}

/// What AWS calls a schedule is this, a hyphen, and the schedule's name as it stands in the spec: so each can be told
/// from the others, and its component from its name alone.
pub const FAMILY: &str = PREFIX;

impl Kind for Schedule {
    const NAME: &'static str = "autoscaling/scheduled-action";
    const ACTIONS: &'static [Action] = &[group::DESCRIBE, DESCRIBE, PUT, DELETE, UPDATE_GROUP];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = ();

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    /// AWS would delete it with its group; it goes first, so that each thing goes once.
    fn holds(have: &Observed) -> Vec<Id> {
        vec![have.group.clone()]
    }

    fn diff(Desired { group: _, recurrence, time_zone, min, max }: &Desired, have: &Observed) -> Delta {
        let Observed { id: _, group: _, recurrence: cron, time_zone: zone, min: least, max: most, in_force: _ } = have;
        let mut changes = Changes::new();
        changes.compare(CRON, cron, &Some(recurrence.clone()), Disruption::None);
        changes.compare(TIME_ZONE, zone, time_zone, Disruption::None);
        changes.compare(MIN, least, &Some(*min), Disruption::None);
        changes.compare(MAX, most, &Some(*max), Disruption::None);
        changes.delta()
    }

    fn state(_: &Observed) -> State<()> {
        State::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diff_knows_each_field() {
        let want = Desired {
            group: "gazette-group".into(),
            recurrence: "0 6 * * MON-FRI".into(),
            time_zone: "Europe/Berlin".into(),
            min: 6,
            max: 12,
        };
        let have = || Observed {
            id: "gazette-day".into(),
            group: "gazette-group".into(),
            recurrence: Some("0 6 * * MON-FRI".into()),
            time_zone: "Europe/Berlin".into(),
            min: Some(6),
            max: Some(12),
            in_force: false,
        };
        assert_eq!(Schedule::diff(&want, &have()), Delta::Same);
        assert_eq!(Schedule::diff(&want, &Observed { in_force: true, ..have() }), Delta::Same);
        let table = [
            (CRON, Observed { recurrence: None, ..have() }),
            (TIME_ZONE, Observed { time_zone: UTC.into(), ..have() }),
            (MIN, Observed { min: None, ..have() }),
            (MAX, Observed { max: Some(9), ..have() }),
        ];
        for (path, have) in table {
            let Delta::Update(list) = Schedule::diff(&want, &have) else { panic!("{have:?} is as wanted") };
            assert_eq!(list.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), [path]);
        }
        assert_eq!(Schedule::holds(&have()), [Id::from("gazette-group")]);
        assert_eq!(Schedule::state(&have()), State::Ready(()));
    }

    #[test]
    fn each_schedule_is_a_component() {
        assert_eq!(name("day--shift"), "compute/schedule-day--shift");
    }
}
