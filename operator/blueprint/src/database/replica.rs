//! An instance that WordPress only reads from. See "Working with DB instance read replicas" in the Amazon RDS User Guide.

use wpc_engine::{Action, Changes, Data, Delta, Disruption, Id, Identity, Key, Kind, Removal, State};

use super::end::{End, end};
use super::instance::{DELETE, DESCRIBE, DESCRIBE_SNAPSHOTS, Instance, MODIFY, REBOOT, SNAPSHOT, Shape, TAG};
use super::output::Member;
use crate::iam::PASS;

/// Makes it.
pub const CREATE: Action = Action::write("rds:CreateDBInstanceReadReplica");

/// What the names of replicas' components begin with.
const COMPONENT: &str = "database/replica-";

/// The name of a replica's component; they count from 1.
pub fn component(number: usize) -> String {
    format!("{COMPONENT}{number}")
}

/// Whether a component is a replica. RDS lists replicas and primaries alike, and a promoted one says no more what it was.
pub fn is_replica(key: &Key) -> bool {
    key.name.starts_with(COMPONENT)
}

/// The kind.
#[derive(Debug, Clone)]
pub struct Replica;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The instance it replicates.
    pub source: Id,
    /// The zone to make it in. One that is elsewhere stays there: the primary moves too.
    pub zone: Option<String>,
    /// What it shares with its source.
    pub shape: Shape,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// What every DB instance has.
    pub instance: Instance,
    /// RDS's word for the replication: `replicating`.
    pub replication: Option<String>,
}

impl Observed {
    /// It has been made a database of its own: by hand, or because its source was deleted.
    pub fn promoted(&self) -> bool {
        self.instance.source.is_none() && self.instance.status != "creating"
    }
}

impl Kind for Replica {
    const NAME: &'static str = "rds/replica";
    const ACTIONS: &'static [Action] =
        &[DESCRIBE, DESCRIBE_SNAPSHOTS, CREATE, MODIFY, REBOOT, TAG, DELETE, SNAPSHOT, PASS];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Member;

    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.instance.name.clone()
    }

    /// AWS would delete the source all the same, and make a database of its own of each replica.
    fn holds(have: &Observed) -> Vec<Id> {
        have.instance.holds().into_iter().chain(have.instance.source.clone()).collect()
    }

    fn diff(Desired { source, zone: _, shape }: &Desired, have: &Observed) -> Delta {
        let Observed { instance, replication: _ } = have;
        let mut changes = Changes::new();
        if !have.promoted() {
            changes.refuse("database.replicaSource", &instance.source.clone().unwrap_or(source.clone()), source);
            shape.compare(instance, Disruption::Restart, &mut changes);
        }
        changes.delta()
    }

    fn state(have: &Observed) -> State<Member> {
        let state = have.instance.state(|endpoint| have.instance.member(endpoint));
        match (have.replication.as_deref(), state) {
            (_, State::Ready(_)) if have.promoted() => State::Broken {
                usable: None,
                message:
                    "it was promoted and is a database of its own now: rename or remove it in RDS, and a replica is \
                          made in its place"
                        .into(),
            },
            (Some("terminated"), State::Ready(_)) => {
                State::Dead { message: "RDS has given up replication, which had stopped for too long".into() }
            }
            (Some(word @ ("error" | "stopped")), State::Ready(output)) => State::Broken {
                usable: Some(output),
                message: format!("replication: {word}; see SHOW REPLICA STATUS, or remove it, and it is made anew"),
            },
            (_, state) => state,
        }
    }

    /// What was promoted may hold what nothing else does.
    fn data(have: &Observed) -> Data {
        if have.promoted() { Data::Copied } else { Data::None }
    }
}

/// The next step towards a replica's end. One that was promoted ends as a primary does.
pub fn farewell(have: &Observed, removal: Removal) -> End {
    match have.promoted() || have.instance.protected {
        true => end(have.instance.ending(), removal),
        // RDS takes no last snapshot of a replica.
        false => End::Delete { snapshot: None, backups: true },
    }
}

#[cfg(test)]
mod tests {
    use super::super::instance::tests::{instance, paths, shape};
    use super::super::instance::{CLASS, VERSION};
    use super::*;

    fn want() -> Desired {
        Desired { source: "blog-primary".into(), zone: Some("us-east-1b".into()), shape: shape() }
    }

    fn have() -> Observed {
        let instance = Instance { name: "blog-replica".into(), source: Some("blog-primary".into()), ..instance() };
        Observed { instance, replication: Some("replicating".into()) }
    }

    fn promoted() -> Observed {
        Observed { instance: Instance { source: None, ..have().instance }, replication: None }
    }

    #[test]
    fn it_follows_the_shape_and_stays_in_its_zone() {
        assert_eq!(Replica::diff(&want(), &have()), Delta::Same);
        let shape = Shape { version: "8.4.9".into(), class: "db.m7g.xlarge".into(), ..shape() };
        assert_eq!(paths(Replica::diff(&Desired { shape, ..want() }, &have())), [VERSION, CLASS]);
        let elsewhere = Desired { source: "another".into(), ..want() };
        assert_eq!(paths(Replica::diff(&elsewhere, &have())), ["!database.replicaSource"]);
    }

    #[test]
    fn its_state_is_that_of_the_replication_too() {
        let of = |word: &str| Replica::state(&Observed { replication: Some(word.into()), ..have() });
        assert!(matches!(of("replicating"), State::Ready(output) if output.state == "available"));
        assert!(matches!(of("error"), State::Broken { usable: Some(_), .. }));
        assert!(matches!(of("terminated"), State::Dead { .. }));
    }

    #[test]
    fn it_goes_before_its_source() {
        assert_eq!(Replica::holds(&have()).last(), Some(&Id::from("blog-primary")));
        assert_eq!(Replica::data(&have()), Data::None);
        assert_eq!(farewell(&have(), Removal::Snapshot), End::Delete { snapshot: None, backups: true });
    }

    #[test]
    fn one_that_was_promoted_holds_data_and_is_left_alone() {
        let shape = Shape { class: "db.m7g.xlarge".into(), ..shape() };
        assert_eq!(Replica::diff(&Desired { shape, ..want() }, &promoted()), Delta::Same);
        assert!(matches!(Replica::state(&promoted()), State::Broken { usable: None, .. }));
        assert_eq!(Replica::data(&promoted()), Data::Copied);
        assert!(matches!(farewell(&promoted(), Removal::Snapshot), End::Delete { snapshot: Some(_), .. }));
    }
}
