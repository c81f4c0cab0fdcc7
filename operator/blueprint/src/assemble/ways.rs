use wpc_api::v1alpha1::NatGateways;
use wpc_engine::{Graph, Handle, Id};

use super::ipv6::{Ipv6, ipv6};
use crate::network::endpoint::Way;
use crate::network::route::{Everywhere, Target};
use crate::network::{address, association, endpoint, internet_gateway, nat_gateway, route, route_table};
use crate::{Blueprint, Kinds, Zone};

/// What the ways lead through.
pub(super) struct Subnets<'a> {
    pub(super) vpc: Handle<Id>,
    pub(super) public: &'a [Handle<Id>],
    pub(super) private: &'a [Handle<Id>],
}

/// What must be there before traffic gets through.
pub(super) struct Ways {
    pub(super) inward: Vec<Handle<Id>>,
    pub(super) outward: Vec<Handle<Id>>,
    /// And what the same takes in IPv6, where that is wanted.
    pub(super) ipv6: Option<Ipv6>,
}

/// The ways between the subnets and the world: the internet gateway for the public ones, NAT gateways (one in each zone,
/// one for all, or none) for the private ones, and the private way to Amazon S3.
pub(super) fn ways(graph: &mut Graph, kinds: &Kinds, blueprint: &Blueprint, subnets: &Subnets<'_>) -> Ways {
    let Subnets { vpc, public, private } = *subnets;
    let door =
        graph.add("network/internet-gateway", &kinds.internet_gateway, vpc, |vpc| internet_gateway::Desired { vpc });
    let mut tables = vec![table(graph, kinds, "public", vpc)];
    let mut inward =
        vec![default(graph, kinds, "public", Everywhere::Ipv4, (tables[0], door), Target::InternetGateway)];
    for (zone, subnet) in blueprint.zones.iter().zip(public) {
        inward.push(associate(graph, kinds, &format!("public-{}", zone.letter), (*subnet, tables[0])));
    }

    let gateways = nat_gateways(graph, kinds, blueprint, public, door);
    let mut outward = inward.clone();
    for (index, (zone, subnet)) in blueprint.zones.iter().zip(private).enumerate() {
        let name = format!("private-{}", zone.letter);
        let table = table(graph, kinds, &name, vpc);
        outward.push(associate(graph, kinds, &name, (*subnet, table)));
        // Its own zone's gateway, or the only one.
        if let Some(gateway) = gateways.get(index).or(gateways.first()) {
            outward.push(default(graph, kinds, &name, Everywhere::Ipv4, (table, *gateway), Target::NatGateway));
        }
        tables.push(table);
    }

    let service = endpoint::service(&blueprint.spec.region, "s3");
    let files = graph.add(endpoint::name("s3"), &kinds.endpoint, (vpc, tables.clone()), move |(vpc, tables)| {
        endpoint::Desired { vpc, service: service.clone(), way: Way::Gateway { tables: tables.into_iter().collect() } }
    });
    // Then it is the only way to packages.
    if gateways.is_empty() {
        outward.push(files);
    }
    let ipv6 = blueprint.spec.network.ipv6.then(|| ipv6(graph, kinds, blueprint, subnets, door, &tables));
    Ways { inward, outward, ipv6 }
}

/// The private ways to the services that instances call, if they are wanted: an endpoint for each in every zone, under
/// the services' own names. Nobody is led to one before its door is open.
pub(super) fn interface_endpoints(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    (vpc, private): (Handle<Id>, &[Handle<Id>]),
    door: Option<(Handle<Id>, Handle<Id>)>,
) -> Vec<Handle<Id>> {
    let mut endpoint = |(group, rule), short: &str| {
        let service = endpoint::service(&blueprint.spec.region, short);
        let inputs = (vpc, private.to_vec(), group, rule);
        graph.add(endpoint::name(short), &kinds.endpoint, inputs, move |(vpc, subnets, group, _)| {
            let way = Way::Interface { subnets: subnets.into_iter().collect(), groups: [group].into() };
            endpoint::Desired { vpc, service: service.clone(), way }
        })
    };
    door.map_or_else(Vec::new, |door| endpoint::SERVICES.iter().map(|short| endpoint(door, short)).collect())
}

/// The default route of some subnets' table.
pub(super) fn default(
    graph: &mut Graph,
    kinds: &Kinds,
    subnets: &str,
    everywhere: Everywhere,
    edges: (Handle<Id>, Handle<Id>),
    target: fn(Id) -> Target,
) -> Handle<Id> {
    graph.add(route::name(subnets, everywhere), &kinds.route, edges, move |(table, to)| route::Desired {
        table,
        everywhere,
        target: target(to),
    })
}

fn table(graph: &mut Graph, kinds: &Kinds, subnets: &str, vpc: Handle<Id>) -> Handle<Id> {
    graph.add(route_table::name(subnets), &kinds.route_table, vpc, |vpc| route_table::Desired { vpc })
}

fn associate(graph: &mut Graph, kinds: &Kinds, name: &str, edges: (Handle<Id>, Handle<Id>)) -> Handle<Id> {
    let name = association::name(name);
    graph.add(name, &kinds.association, edges, |(subnet, table)| association::Desired { subnet, table })
}

/// The NAT gateways, with an address each, in the order of zones. AWS lets one fail that is made before its network has
/// a door.
fn nat_gateways(
    graph: &mut Graph,
    kinds: &Kinds,
    blueprint: &Blueprint,
    public: &[Handle<Id>],
    door: Handle<Id>,
) -> Vec<Handle<Id>> {
    let count = match blueprint.spec.network.nat_gateways {
        NatGateways::PerZone => blueprint.zones.len(),
        NatGateways::Single => 1,
        NatGateways::None => 0,
    };
    let mut gateway = |(Zone { letter, .. }, subnet): (&Zone, &Handle<Id>)| {
        let address = graph.add(format!("network/address-{letter}"), &kinds.address, (), |()| address::Desired);
        let inputs = (*subnet, address, door);
        graph.add(format!("network/nat-gateway-{letter}"), &kinds.nat_gateway, inputs, |(subnet, address, _)| {
            nat_gateway::Desired { subnet, address }
        })
    };
    blueprint.zones.iter().zip(public).take(count).map(&mut gateway).collect()
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;

    use super::*;
    use crate::{Facts, Stack, assemble};

    fn graph(nat: NatGateways) -> Graph {
        let mut spec = WordPressCluster::fixture().in_zones(2).spec;
        spec.network.nat_gateways = nat;
        let facts = Facts::assumed(&spec.region);
        let blueprint = Blueprint::new(spec, Stack::new("test", "press", "gazette"), &facts).unwrap();
        assemble(&blueprint, &Kinds::offline()).graph
    }

    fn needs(graph: &Graph, to: &str) -> Vec<String> {
        graph.edges().into_iter().filter(|edge| edge.to == to).map(|edge| edge.from).collect()
    }

    #[test]
    fn a_gateway_for_each_zone_for_all_or_for_none() {
        let of_kinds = |nat| {
            let graph = graph(nat);
            let kinds = ["ec2/address", "ec2/nat-gateway", "ec2/route"];
            let names = kinds.map(|kind| {
                graph.nodes().filter(|(_, of)| *of == kind).map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
            });
            names.map(|names| names.join(" "))
        };
        let (public, private) = ("network/route-public", "network/route-private-a network/route-private-b");
        let routes = format!("{public} {private}");
        let both =
            ["network/address-a network/address-b", "network/nat-gateway-a network/nat-gateway-b", routes.as_str()];
        assert_eq!(of_kinds(NatGateways::PerZone), both);
        assert_eq!(of_kinds(NatGateways::Single), ["network/address-a", "network/nat-gateway-a", routes.as_str()]);
        assert_eq!(of_kinds(NatGateways::None), ["", "", public]);
    }

    #[test]
    fn a_route_leads_through_its_own_zone_or_the_only_gateway() {
        let way = |nat| needs(&graph(nat), "network/route-private-b");
        assert_eq!(way(NatGateways::PerZone), ["network/nat-gateway-b", "network/route-table-private-b"]);
        assert_eq!(way(NatGateways::Single), ["network/nat-gateway-a", "network/route-table-private-b"]);
    }

    #[test]
    fn without_nat_gateways_the_instances_wait_for_their_endpoints() {
        let endpoints = |graph: &Graph| {
            let all = graph.nodes().filter(|(_, kind)| *kind == "ec2/vpc-endpoint").map(|(name, _)| name.to_owned());
            all.collect::<Vec<_>>()
        };
        let services =
            ["s3", "secretsmanager", "ssm", "ssmmessages", "ec2messages", "logs", "monitoring", "autoscaling"];
        let none = graph(NatGateways::None);
        assert_eq!(endpoints(&none), services.map(endpoint::name));
        let awaited = needs(&none, "compute/group");
        assert!(services.iter().all(|service| awaited.contains(&endpoint::name(service))), "{awaited:?}");
        let door = ["network/security-group-endpoints", "network/rule-endpoints-in-tcp-443-web"];
        assert!(door.iter().all(|it| needs(&none, "network/endpoint-ssm").contains(&(*it).to_owned())));
        assert_eq!(endpoints(&graph(NatGateways::Single)), [endpoint::name("s3")]);
    }

    #[test]
    fn a_nat_gateway_waits_for_the_door() {
        let needs = needs(&graph(NatGateways::Single), "network/nat-gateway-a");
        assert_eq!(needs, ["network/subnet-public-a", "network/internet-gateway", "network/address-a"]);
    }
}
