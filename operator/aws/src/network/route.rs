use aws_sdk_ec2::types::{Route as SdkRoute, RouteState, RouteTable as Sdk};
use wpc_blueprint::network::route::{
    CREATE, DELETE, Desired, Everywhere, Observed, REPLACE, Route, Target, id, name, parts,
};
use wpc_blueprint::network::route_table::{DESCRIBE, subnets};
use wpc_engine::{Change, Fault, Found, Id, Key, Kind, Removal, Verbs};

use crate::Cloud;
use crate::call::gone;
use crate::network::of_part;

const NOT_FOUND: &[&str] = &["InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"];

impl Verbs<Route> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Route>>, Fault> {
        let tables = self.route_tables().await?;
        let mut found = vec![];
        for sdk in tables.iter() {
            let Some(table) = self.listed_table(sdk) else { continue };
            let Some(subnets) = subnets(&table.key.name) else { continue };
            for have in Everywhere::ALL.into_iter().filter_map(|everywhere| observed(sdk, everywhere)) {
                let Observed { table: id, everywhere, target, blackhole: _ } = have.clone();
                let variant = Route::variant(&Desired { table: id, everywhere, target });
                let key = Key { name: name(subnets, everywhere), variant };
                found.push(Found { standing: of_part(&table.standing), key, have });
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Route>>, Fault> {
        let parts = parts(id);
        let (table, everywhere) =
            parts.ok_or_else(|| Fault::invalid(format!("{id} is no route's id")).in_action(DESCRIBE))?;
        let sdk = self.read_table(table).await?;
        Ok(sdk.as_ref().and_then(|sdk| observed(sdk, everywhere)).map(|have| Found::ours(key.clone(), have)))
    }

    async fn create(&self, _: &Key, want: &Desired) -> Result<Id, Fault> {
        let request = self.clients.ec2.create_route().route_table_id(&want.table.0);
        let request = match want.everywhere {
            Everywhere::Ipv4 => request.destination_cidr_block(want.everywhere.cidr()),
            Everywhere::Ipv6 => request.destination_ipv6_cidr_block(want.everywhere.cidr()),
        };
        let request = match &want.target {
            Target::NatGateway(id) => request.nat_gateway_id(&id.0),
            Target::EgressOnlyGateway(id) => request.egress_only_internet_gateway_id(&id.0),
            Target::InternetGateway(id) | Target::Other(id) => request.gateway_id(&id.0),
        };
        match self.call(CREATE, request.send()).await {
            Ok(_) => Ok(id(&want.table, want.everywhere)),
            // The table is ours, so its default route is.
            Err(fault) if fault.is(&["RouteAlreadyExists"]) => Ok(id(&want.table, want.everywhere)),
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, _: &Key, want: &Desired, _: &Observed, changes: &[Change]) -> Result<(), Fault> {
        if changes.is_empty() {
            return Ok(());
        }
        let request = self.clients.ec2.replace_route().route_table_id(&want.table.0);
        let request = match want.everywhere {
            Everywhere::Ipv4 => request.destination_cidr_block(want.everywhere.cidr()),
            Everywhere::Ipv6 => request.destination_ipv6_cidr_block(want.everywhere.cidr()),
        };
        let request = match &want.target {
            Target::NatGateway(id) => request.nat_gateway_id(&id.0),
            Target::EgressOnlyGateway(id) => request.egress_only_internet_gateway_id(&id.0),
            Target::InternetGateway(id) | Target::Other(id) => request.gateway_id(&id.0),
        };
        self.call(REPLACE, request.send()).await.map(drop)
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.ec2.delete_route().route_table_id(&have.table.0);
        let request = match have.everywhere {
            Everywhere::Ipv4 => request.destination_cidr_block(have.everywhere.cidr()),
            Everywhere::Ipv6 => request.destination_ipv6_cidr_block(have.everywhere.cidr()),
        };
        gone(self.call(DELETE, request.send()).await, NOT_FOUND)
    }
}

/// A table's default route.
fn observed(sdk: &Sdk, everywhere: Everywhere) -> Option<Observed> {
    let leads = |route: &&SdkRoute| {
        let to = match everywhere {
            Everywhere::Ipv4 => route.destination_cidr_block(),
            Everywhere::Ipv6 => route.destination_ipv6_cidr_block(),
        };
        to == Some(everywhere.cidr())
    };
    let route = sdk.routes().iter().find(leads)?;
    Some(Observed {
        table: Id(sdk.route_table_id()?.to_owned()),
        everywhere,
        target: target(route),
        blackhole: route.state() == Some(&RouteState::Blackhole),
    })
}

fn target(sdk: &SdkRoute) -> Target {
    if let Some(id) = sdk.nat_gateway_id() {
        return Target::NatGateway(id.into());
    }
    if let Some(id) = sdk.egress_only_internet_gateway_id() {
        return Target::EgressOnlyGateway(id.into());
    }
    match sdk.gateway_id() {
        Some(id) if id.starts_with("igw-") => Target::InternetGateway(id.into()),
        Some(id) => Target::Other(id.into()),
        None => {
            let others = [sdk.transit_gateway_id(), sdk.vpc_peering_connection_id(), sdk.network_interface_id()];
            Target::Other(others.into_iter().flatten().next().unwrap_or("elsewhere").into())
        }
    }
}
