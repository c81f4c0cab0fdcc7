//! A route table's default route. See "Configure route tables" in the Amazon VPC User Guide.
//!
//! # Caveats
//! Only the default route is ours: others in the table (to a peered network, to an office) are people's, and stay.

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State, digest};

use super::route_table;

/// Makes it.
pub const CREATE: Action = Action::write("ec2:CreateRoute");
/// Leads it elsewhere, in place.
pub const REPLACE: Action = Action::write("ec2:ReplaceRoute");
/// Removes it.
pub const DELETE: Action = Action::write("ec2:DeleteRoute");

/// Everywhere that no other route leads to.
pub const DEFAULT: &str = "0.0.0.0/0";

/// The path of the change that leads it elsewhere.
pub const TARGET: &str = "network.route.target";

/// The kind.
#[derive(Debug, Clone)]
pub struct Route;

/// Where a route leads.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// To the internet, for public subnets.
    InternetGateway(Id),
    /// Out through a NAT gateway, for private ones.
    NatGateway(Id),
    /// Elsewhere: changed by hand.
    Other(Id),
}

impl Target {
    /// The id of what it leads to.
    pub fn id(&self) -> &Id {
        match self {
            Self::InternetGateway(id) | Self::NatGateway(id) | Self::Other(id) => id,
        }
    }
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Its table.
    pub table: Id,
    /// Where it leads.
    pub target: Target,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its table.
    pub table: Id,
    /// Where it leads.
    pub target: Target,
    /// Whether what it leads to is gone.
    pub blackhole: bool,
}

/// The component's name of the default route in the table of some subnets.
pub fn name(subnets: &str) -> String {
    format!("network/route-{subnets}")
}

/// A route has no id of its own: it is its table's.
pub fn id(table: &Id) -> Id {
    Id(format!("{table}/{DEFAULT}"))
}

/// The table of a route's id.
pub fn table(id: &Id) -> &str {
    id.0.split('/').next().unwrap_or_default()
}

impl Kind for Route {
    const NAME: &'static str = "ec2/route";
    const ACTIONS: &'static [Action] = &[route_table::DESCRIBE, CREATE, REPLACE, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { table, target: _ }: &Desired) -> Option<String> {
        Some(digest(&[&table.0]))
    }

    fn id(have: &Observed) -> Id {
        id(&have.table)
    }

    /// AWS would let its target go and the route lead nowhere.
    fn holds(have: &Observed) -> Vec<Id> {
        vec![have.table.clone(), have.target.id().clone()]
    }

    fn diff(Desired { table: _, target }: &Desired, have: &Observed) -> Delta {
        let Observed { table: _, target: found, blackhole: _ } = have;
        let mut changes = Changes::new();
        changes.compare(TARGET, found.id(), target.id(), Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        match have.blackhole {
            false => State::Ready(id(&have.table)),
            true => State::Broken { usable: None, message: format!("it leads to {}, which is gone", have.target.id()) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_led_elsewhere_in_place() {
        let want = Desired { table: "rtb-1".into(), target: Target::NatGateway("nat-1".into()) };
        let have = |target, blackhole| Observed { table: "rtb-1".into(), target, blackhole };
        assert_eq!(Route::diff(&want, &have(want.target.clone(), false)), Delta::Same);
        for target in [Target::NatGateway("nat-2".into()), Target::Other("eni-1".into())] {
            let moved = have(target, false);
            let Delta::Update(changes) = Route::diff(&want, &moved) else { panic!("{moved:?} is as wanted") };
            assert_eq!((changes[0].path.as_str(), changes[0].to.as_str()), (TARGET, "nat-1"));
        }
        let elsewhere = Desired { target: Target::NatGateway("nat-2".into()), ..want.clone() };
        assert_eq!(Route::variant(&want), Route::variant(&elsewhere));
        assert_ne!(Route::variant(&want), Route::variant(&Desired { table: "rtb-2".into(), ..want.clone() }));
        assert!(matches!(Route::state(&have(want.target.clone(), true)), State::Broken { .. }));
        assert_eq!(Route::state(&have(want.target, false)), State::Ready("rtb-1/0.0.0.0/0".into()));
    }

    #[test]
    fn it_holds_its_table_and_its_target() {
        let have =
            Observed { table: "rtb-1".into(), target: Target::InternetGateway("igw-1".into()), blackhole: false };
        assert_eq!(Route::holds(&have), ["rtb-1", "igw-1"].map(Id::from));
        assert_eq!(table(&Route::id(&have)), "rtb-1");
    }
}
