use aws_sdk_ec2::types::{Address as Sdk, DomainType, ResourceType};
use wpc_blueprint::network::address::{Address, CREATE, DELETE, DESCRIBE, Desired, Observed};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, gone};
use crate::network::{every_stack, tags};

const NOT_FOUND: &[&str] = &["InvalidAllocationID.NotFound"];

impl Verbs<Address> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Address>>, Fault> {
        // The one EC2 list without pages.
        let request = self.clients.ec2.describe_addresses().filters(every_stack()).send();
        let answer = self.shared(DESCRIBE.name, self.call(DESCRIBE, request)).await?;
        self.ours(DESCRIBE, answer.addresses().iter().map(|sdk| (tags(sdk.tags()), observed(sdk))))
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Address>>, Fault> {
        let answer = self.call(DESCRIBE, self.clients.ec2.describe_addresses().allocation_ids(&id.0).send()).await;
        let addresses = absent(answer, NOT_FOUND)?.and_then(|answer| answer.addresses).unwrap_or_default();
        Ok(addresses.first().and_then(|sdk| Some(self.at(key, &tags(sdk.tags()), observed(sdk)?))))
    }

    async fn create(&self, key: &Key, _: &Desired) -> Result<Id, Fault> {
        let request = self.clients.ec2_once.allocate_address().domain(DomainType::Vpc);
        let request = request.tag_specifications(self.tag_specification(key, ResourceType::ElasticIp)).send();
        CREATE.id(self.call(CREATE, request).await?.allocation_id)
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        gone(self.call(DELETE, self.clients.ec2.release_address().allocation_id(&have.id.0).send()).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_ec2(key, &have.id).await
    }
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    Some(Observed { id: Id(sdk.allocation_id()?.to_owned()) })
}
