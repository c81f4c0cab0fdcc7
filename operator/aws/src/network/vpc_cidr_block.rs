use std::sync::Arc;

use aws_sdk_ec2::types::{Vpc as Sdk, VpcCidrBlockState, VpcCidrBlockStateCode, VpcIpv6CidrBlockAssociation};
use wpc_blueprint::network::vpc::{DESCRIBE, Vpc};
use wpc_blueprint::network::vpc_cidr_block::{COMPONENT, CREATE, DELETE, Desired, Observed, POOL, Phase, VpcCidrBlock};
use wpc_engine::{Change, Fault, Found, Id, Key, Kind, Removal, Verbs};

use crate::Cloud;
use crate::call::gone;
use crate::network::{of_part, tags};

const NOT_FOUND: &[&str] =
    &["InvalidVpcCidrBlockAssociationID.NotFound", "InvalidVpcCidrBlockAssociationIdError.NotFound"];

impl Verbs<VpcCidrBlock> for Cloud {
    async fn list(&self) -> Result<Vec<Found<VpcCidrBlock>>, Fault> {
        let vpcs = self.vpcs().await?;
        let mut found = vec![];
        for sdk in vpcs.iter() {
            let whole = super::vpc::observed(sdk).and_then(|have| self.listed::<Vpc>(&tags(sdk.tags()), have));
            let Some(whole) = whole else { continue };
            for have in blocks(sdk) {
                let variant = VpcCidrBlock::variant(&Desired { vpc: have.vpc.clone() });
                let key = Key { name: COMPONENT.to_owned(), variant };
                found.push(Found { standing: of_part(&whole.standing), key, have });
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<VpcCidrBlock>>, Fault> {
        let filter = aws_sdk_ec2::types::Filter::builder().name("ipv6-cidr-block-association.association-id");
        let request = self.clients.ec2.describe_vpcs().filters(filter.values(&id.0).build());
        let vpcs = self.call(DESCRIBE, request.send()).await?.vpcs.unwrap_or_default();
        let found = vpcs.iter().flat_map(blocks).find(|have| have.id == *id);
        Ok(found.map(|have| Found::ours(key.clone(), have)))
    }

    async fn create(&self, _: &Key, want: &Desired) -> Result<Id, Fault> {
        let request = self.clients.ec2_once.associate_vpc_cidr_block().vpc_id(&want.vpc.0);
        let made = self.call(CREATE, request.amazon_provided_ipv6_cidr_block(true).send()).await?;
        CREATE.id(made.ipv6_cidr_block_association.and_then(|made| made.association_id))
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.ec2.disassociate_vpc_cidr_block().association_id(&have.id.0).send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }
}

impl Cloud {
    /// The IPv6 addresses of every stack's networks.
    pub(super) async fn ipv6_of_networks(&self) -> Result<Vec<Observed>, Fault> {
        let vpcs: Arc<Vec<Sdk>> = self.vpcs().await?;
        Ok(vpcs.iter().flat_map(blocks).collect())
    }
}

/// What Amazon gave to a network.
fn blocks(sdk: &Sdk) -> Vec<Observed> {
    let from_amazon = |block: &&VpcIpv6CidrBlockAssociation| block.ipv6_pool().is_none_or(|pool| pool == POOL);
    let blocks = sdk.ipv6_cidr_block_association_set().iter().filter(from_amazon);
    blocks.filter_map(|block| observed(sdk.vpc_id()?, block)).collect()
}

fn observed(vpc: &str, sdk: &VpcIpv6CidrBlockAssociation) -> Option<Observed> {
    Some(Observed {
        id: Id(sdk.association_id()?.to_owned()),
        vpc: Id(vpc.to_owned()),
        cidr: sdk.ipv6_cidr_block()?.parse().ok()?,
        phase: phase(sdk.ipv6_cidr_block_state())?,
    })
}

/// `None` where it is gone: AWS goes on to show it for a while.
fn phase(sdk: Option<&VpcCidrBlockState>) -> Option<Phase> {
    let why = || sdk.and_then(|state| state.status_message()).unwrap_or("AWS gave no reason").to_owned();
    match sdk.and_then(|state| state.state())? {
        VpcCidrBlockStateCode::Disassociated => None,
        VpcCidrBlockStateCode::Associated => Some(Phase::Associated),
        VpcCidrBlockStateCode::Disassociating => Some(Phase::Leaving),
        VpcCidrBlockStateCode::Failing | VpcCidrBlockStateCode::Failed => Some(Phase::Failed(why())),
        _ => Some(Phase::Associating),
    }
}
