//! A route table's default route, of IPv4 or IPv6. See "Configure route tables" in the Amazon VPC User Guide.
//!
//! # Caveats
//! Only the default routes are ours: others in the table (to a peered network, to an office) are people's, and stay.

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State, digest};

use super::route_table;

/// Makes it.
pub const CREATE: Action = Action::write("ec2:CreateRoute");
/// Leads it elsewhere, in place.
pub const REPLACE: Action = Action::write("ec2:ReplaceRoute");
/// Removes it.
pub const DELETE: Action = Action::write("ec2:DeleteRoute");

/// Everywhere that no other route leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Everywhere {
    /// In IPv4.
    Ipv4,
    /// In IPv6.
    Ipv6,
}

impl Everywhere {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ipv4, Self::Ipv6];

    /// As a range of addresses.
    pub fn cidr(self) -> &'static str {
        match self {
            Self::Ipv4 => "0.0.0.0/0",
            Self::Ipv6 => "::/0",
        }
    }
}

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
    /// Out, and not back in, for private ones in IPv6.
    EgressOnlyGateway(Id),
    /// Elsewhere: changed by hand.
    Other(Id),
}

impl Target {
    /// The id of what it leads to.
    pub fn id(&self) -> &Id {
        match self {
            Self::InternetGateway(id) | Self::NatGateway(id) | Self::EgressOnlyGateway(id) | Self::Other(id) => id,
        }
    }
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Its table.
    pub table: Id,
    /// What it is for.
    pub everywhere: Everywhere,
    /// Where it leads.
    pub target: Target,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its table.
    pub table: Id,
    /// What it is for.
    pub everywhere: Everywhere,
    /// Where it leads.
    pub target: Target,
    /// Whether what it leads to is gone.
    pub blackhole: bool,
}

/// The component's name of the default route in the table of some subnets.
pub fn name(subnets: &str, everywhere: Everywhere) -> String {
    match everywhere {
        Everywhere::Ipv4 => format!("network/route-{subnets}"),
        Everywhere::Ipv6 => format!("network/route-ipv6-{subnets}"),
    }
}

/// A route has no id of its own: it is its table's.
pub fn id(table: &Id, everywhere: Everywhere) -> Id {
    Id(format!("{table}/{}", everywhere.cidr()))
}

/// The table of a route's id, and what it is for.
pub fn parts(id: &Id) -> Option<(&str, Everywhere)> {
    let (table, cidr) = id.0.split_once('/')?;
    Some((table, Everywhere::ALL.into_iter().find(|everywhere| everywhere.cidr() == cidr)?))
}

impl Kind for Route {
    const NAME: &'static str = "ec2/route";
    const ACTIONS: &'static [Action] = &[route_table::DESCRIBE, CREATE, REPLACE, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { table, everywhere: _, target: _ }: &Desired) -> Option<String> {
        Some(digest(&[&table.0]))
    }

    fn id(have: &Observed) -> Id {
        id(&have.table, have.everywhere)
    }

    /// AWS would let its target go and the route lead nowhere.
    fn holds(have: &Observed) -> Vec<Id> {
        vec![have.table.clone(), have.target.id().clone()]
    }

    fn diff(Desired { table: _, everywhere: _, target }: &Desired, have: &Observed) -> Delta {
        let Observed { table: _, everywhere: _, target: found, blackhole: _ } = have;
        let mut changes = Changes::new();
        changes.compare(TARGET, found.id(), target.id(), Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        match have.blackhole {
            false => State::Ready(id(&have.table, have.everywhere)),
            true => State::Broken { usable: None, message: format!("it leads to {}, which is gone", have.target.id()) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_led_elsewhere_in_place() {
        let everywhere = Everywhere::Ipv4;
        let want = Desired { table: "rtb-1".into(), everywhere, target: Target::NatGateway("nat-1".into()) };
        let have = |target, blackhole| Observed { table: "rtb-1".into(), everywhere, target, blackhole };
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
        for (everywhere, id) in [(Everywhere::Ipv4, "rtb-1/0.0.0.0/0"), (Everywhere::Ipv6, "rtb-1/::/0")] {
            let target = Target::InternetGateway("igw-1".into());
            let have = Observed { table: "rtb-1".into(), everywhere, target, blackhole: false };
            assert_eq!(Route::holds(&have), ["rtb-1", "igw-1"].map(Id::from));
            assert_eq!((Route::id(&have), parts(&id.into())), (id.into(), Some(("rtb-1", everywhere))));
        }
    }
}
