use aws_sdk_ec2::types::{Route as SdkRoute, RouteState, RouteTable as Sdk};
use wpc_blueprint::network::route::{
    CREATE, DEFAULT, DELETE, Desired, Observed, REPLACE, Route, Target, id, name, table,
};
use wpc_blueprint::network::route_table::subnets;
use wpc_engine::{Change, Fault, Found, Id, Key, Kind, Removal, Verbs};

use crate::Cloud;
use crate::call::gone;
use crate::network::of_part;

const NOT_FOUND: &[&str] = &["InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"];

impl Verbs<Route> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Route>>, Fault> {
        let tables = self.route_tables().await?;
        let found = tables.iter().filter_map(|sdk| {
            let (table, have) = (self.listed_table(sdk)?, observed(sdk)?);
            let want = Desired { table: have.table.clone(), target: have.target.clone() };
            let key = Key { name: name(subnets(&table.key.name)?), variant: Route::variant(&want) };
            Some(Found { standing: of_part(&table.standing), key, have })
        });
        Ok(found.collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Route>>, Fault> {
        let sdk = self.read_table(table(id)).await?;
        Ok(sdk.as_ref().and_then(observed).map(|have| Found::ours(key.clone(), have)))
    }

    async fn create(&self, _: &Key, want: &Desired) -> Result<Id, Fault> {
        let request = self.clients.ec2.create_route().route_table_id(&want.table.0).destination_cidr_block(DEFAULT);
        let request = match &want.target {
            Target::NatGateway(id) => request.nat_gateway_id(&id.0),
            Target::InternetGateway(id) | Target::Other(id) => request.gateway_id(&id.0),
        };
        match self.call(CREATE, request.send()).await {
            Ok(_) => Ok(id(&want.table)),
            // The table is ours, so its default route is.
            Err(fault) if fault.is(&["RouteAlreadyExists"]) => Ok(id(&want.table)),
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, _: &Key, want: &Desired, _: &Observed, changes: &[Change]) -> Result<(), Fault> {
        if changes.is_empty() {
            return Ok(());
        }
        let request = self.clients.ec2.replace_route().route_table_id(&want.table.0).destination_cidr_block(DEFAULT);
        let request = match &want.target {
            Target::NatGateway(id) => request.nat_gateway_id(&id.0),
            Target::InternetGateway(id) | Target::Other(id) => request.gateway_id(&id.0),
        };
        self.call(REPLACE, request.send()).await.map(drop)
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.ec2.delete_route().route_table_id(&have.table.0).destination_cidr_block(DEFAULT);
        gone(self.call(DELETE, request.send()).await, NOT_FOUND)
    }
}

/// A table's default route.
fn observed(sdk: &Sdk) -> Option<Observed> {
    let route = sdk.routes().iter().find(|route| route.destination_cidr_block() == Some(DEFAULT))?;
    Some(Observed {
        table: Id(sdk.route_table_id()?.to_owned()),
        target: target(route),
        blackhole: route.state() == Some(&RouteState::Blackhole),
    })
}

fn target(sdk: &SdkRoute) -> Target {
    if let Some(id) = sdk.nat_gateway_id() {
        return Target::NatGateway(id.into());
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
