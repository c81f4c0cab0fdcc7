use aws_sdk_ec2::types::{Filter, Subnet as Sdk, SubnetCidrBlockStateCode, SubnetIpv6CidrBlockAssociation};
use wpc_blueprint::network::subnet::{self, DESCRIBE, Subnet};
use wpc_blueprint::network::subnet_cidr_block::{CREATE, DELETE, Desired, Observed, SubnetCidrBlock, name};
use wpc_blueprint::network::vpc_cidr_block::{self, Phase};
use wpc_engine::{Change, Fault, Found, Id, Key, Kind, Removal, Verbs};

use crate::Cloud;
use crate::call::gone;
use crate::network::{of_part, tags};

const NOT_FOUND: &[&str] = &["InvalidSubnetCidrBlockAssociationID.NotFound"];

impl Verbs<SubnetCidrBlock> for Cloud {
    async fn list(&self) -> Result<Vec<Found<SubnetCidrBlock>>, Fault> {
        let (subnets, networks) = (self.subnets().await?, self.ipv6_of_networks().await?);
        let mut found = vec![];
        for sdk in subnets.iter() {
            let whole = super::subnet::observed(sdk).and_then(|have| self.listed::<Subnet>(&tags(sdk.tags()), have));
            let Some(whole) = whole else { continue };
            let Some(side) = whole.key.name.strip_prefix(subnet::PREFIX) else { continue };
            for have in blocks(sdk, &networks) {
                let want = Desired { subnet: have.subnet.clone(), cidr: have.cidr };
                let key = Key { name: name(side), variant: SubnetCidrBlock::variant(&want) };
                found.push(Found { standing: of_part(&whole.standing), key, have });
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<SubnetCidrBlock>>, Fault> {
        let filter = Filter::builder().name("ipv6-cidr-block-association.association-id").values(&id.0).build();
        let answer = self.call(DESCRIBE, self.clients.ec2.describe_subnets().filters(filter).send()).await?;
        let (subnets, networks) = (answer.subnets.unwrap_or_default(), self.ipv6_of_networks().await?);
        let found = subnets.iter().flat_map(|sdk| blocks(sdk, &networks)).find(|have| have.id == *id);
        Ok(found.map(|have| Found::ours(key.clone(), have)))
    }

    async fn create(&self, _: &Key, want: &Desired) -> Result<Id, Fault> {
        let request = self.clients.ec2.associate_subnet_cidr_block().subnet_id(&want.subnet.0);
        match self.call(CREATE, request.ipv6_cidr_block(want.cidr.to_string()).send()).await {
            Ok(made) => CREATE.id(made.ipv6_cidr_block_association.and_then(|made| made.association_id)),
            // An answer that was lost: the subnet has it.
            Err(fault) if fault.is(&["InvalidSubnet.Conflict"]) => {
                let answer = self.call(DESCRIBE, self.clients.ec2.describe_subnets().subnet_ids(&want.subnet.0).send());
                let subnets = answer.await?.subnets.unwrap_or_default();
                let mut found = subnets.iter().flat_map(|sdk| blocks(sdk, &[]));
                found
                    .find(|have| have.cidr == want.cidr && have.phase != Phase::Leaving)
                    .map(|have| have.id)
                    .ok_or(fault)
            }
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.ec2.disassociate_subnet_cidr_block().association_id(&have.id.0).send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }
}

impl Cloud {
    /// The IPv6 addresses of these subnets: what has one of them holds them.
    pub(crate) async fn ipv6_of_subnets(&self, of: impl Fn(&Id) -> bool) -> Result<Vec<Id>, Fault> {
        let subnets = self.subnets().await?;
        let found = subnets.iter().flat_map(|sdk| blocks(sdk, &[])).filter(|have| of(&have.subnet));
        Ok(found.map(|have| have.id).collect())
    }
}

/// What a subnet has of its network's addresses.
fn blocks(sdk: &Sdk, networks: &[vpc_cidr_block::Observed]) -> Vec<Observed> {
    let blocks = sdk.ipv6_cidr_block_association_set().iter();
    blocks.filter_map(|block| observed(sdk.subnet_id()?, block, networks)).collect()
}

fn observed(
    subnet: &str,
    sdk: &SubnetIpv6CidrBlockAssociation,
    networks: &[vpc_cidr_block::Observed],
) -> Option<Observed> {
    let cidr = sdk.ipv6_cidr_block()?.parse().ok()?;
    let state = sdk.ipv6_cidr_block_state();
    let why = || state.and_then(|state| state.status_message()).unwrap_or("AWS gave no reason").to_owned();
    Some(Observed {
        id: Id(sdk.association_id()?.to_owned()),
        subnet: Id(subnet.to_owned()),
        cidr,
        network: networks.iter().find(|network| network.cidr.contains(&cidr)).map(|network| network.id.clone()),
        phase: match state.and_then(|state| state.state())? {
            // AWS goes on to show it for a while.
            SubnetCidrBlockStateCode::Disassociated => return None,
            SubnetCidrBlockStateCode::Associated => Phase::Associated,
            SubnetCidrBlockStateCode::Disassociating => Phase::Leaving,
            SubnetCidrBlockStateCode::Failing | SubnetCidrBlockStateCode::Failed => Phase::Failed(why()),
            _ => Phase::Associating,
        },
    })
}
