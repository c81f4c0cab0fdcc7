use std::collections::BTreeMap;

use aws_sdk_ec2::types::{
    Filter, RouteTable as SdkTable, RouteTableAssociation as Sdk, RouteTableAssociationStateCode as Code,
};
use wpc_blueprint::network::association::{Association, CREATE, DELETE, Desired, Observed, Phase, REPLACE, name};
use wpc_blueprint::network::route_table::DESCRIBE;
use wpc_blueprint::network::subnet::{PREFIX, Subnet};
use wpc_engine::{Change, Fault, Found, Id, Key, Kind, Removal, Verbs};

use crate::Cloud;
use crate::call::gone;
use crate::network::of_part;

const NOT_FOUND: &[&str] = &["InvalidAssociationID.NotFound"];

impl Verbs<Association> for Cloud {
    /// What our tables say of our subnets.
    async fn list(&self) -> Result<Vec<Found<Association>>, Fault> {
        let subnets = Verbs::<Subnet>::list(self).await?;
        let subnets: BTreeMap<Id, String> =
            subnets.into_iter().map(|subnet| (subnet.have.id, subnet.key.name)).collect();
        let mut found = vec![];
        for sdk in self.route_tables().await?.iter() {
            let Some(table) = self.listed_table(sdk) else { continue };
            for have in sdk.associations().iter().filter_map(observed) {
                let Some(name) = subnets.get(&have.subnet).and_then(|subnet| subnet.strip_prefix(PREFIX)).map(name)
                else {
                    continue;
                };
                let want = Desired { subnet: have.subnet.clone(), table: have.table.clone() };
                let key = Key { name, variant: Association::variant(&want) };
                found.push(Found { standing: of_part(&table.standing), key, have });
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Association>>, Fault> {
        let tables = self.tables_with("association.route-table-association-id", id).await?;
        let mut all = tables.iter().flat_map(|table| table.associations()).filter_map(observed);
        Ok(all.find(|have| have.id == *id).map(|have| Found::ours(key.clone(), have)))
    }

    async fn create(&self, _: &Key, want: &Desired) -> Result<Id, Fault> {
        let request = self.clients.ec2.associate_route_table();
        let request = request.subnet_id(&want.subnet.0).route_table_id(&want.table.0).send();
        match self.call(CREATE, request).await {
            Ok(made) => CREATE.id(made.association_id),
            // With another table than any of ours, else it were listed. The subnet is ours, so its association is.
            Err(fault) if fault.is(&["Resource.AlreadyAssociated"]) => {
                let tables = self.tables_with("association.subnet-id", &want.subnet).await?;
                let mut all = tables.iter().flat_map(|table| table.associations()).filter_map(observed);
                CREATE.id(all.find(|have| have.subnet == want.subnet).map(|have| have.id.0))
            }
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        if changes.is_empty() {
            return Ok(());
        }
        let request = self.clients.ec2.replace_route_table_association();
        let request = request.association_id(&have.id.0).route_table_id(&want.table.0).send();
        self.call(REPLACE, request).await.map(drop)
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.ec2.disassociate_route_table().association_id(&have.id.0).send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }
}

impl Cloud {
    async fn tables_with(&self, filter: &str, id: &Id) -> Result<Vec<SdkTable>, Fault> {
        let filter = Filter::builder().name(filter).values(&id.0).build();
        let answer = self.call(DESCRIBE, self.clients.ec2.describe_route_tables().filters(filter).send()).await?;
        Ok(answer.route_tables.unwrap_or_default())
    }
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    let why = || sdk.association_state().and_then(|state| state.status_message()).unwrap_or("AWS gave no reason");
    let phase = match sdk.association_state().and_then(|state| state.state()) {
        Some(Code::Associating) => Phase::Associating,
        Some(Code::Disassociating) => Phase::Leaving,
        Some(Code::Disassociated) => return None,
        Some(Code::Failed) => Phase::Failed(why().to_owned()),
        _ => Phase::Associated,
    };
    Some(Observed {
        id: Id(sdk.route_table_association_id()?.to_owned()),
        subnet: Id(sdk.subnet_id()?.to_owned()),
        table: Id(sdk.route_table_id()?.to_owned()),
        phase,
    })
}
