use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::{
    IpAddressType, LoadBalancer as Sdk, LoadBalancerAttribute, LoadBalancerSchemeEnum, LoadBalancerStateEnum,
    LoadBalancerTypeEnum,
};
use wpc_blueprint::traffic::load_balancer::{
    ACCESS_LOGS, ADDRESS_TYPE, CREATE, DELETE, DELETION_PROTECTION, DESCRIBE, DESCRIBE_ATTRIBUTES, Desired,
    LoadBalancer, LoadBalancerOutput, MODIFY_ATTRIBUTES, Observed, Phase, SECURITY_GROUPS, SET_ADDRESS_TYPE,
    SET_SECURITY_GROUPS, SET_SUBNETS, SUBNETS,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::NOT_FOUND;
use crate::Cloud;
use crate::call::{absent, claim, gone};

const NAME_LENGTH: usize = 32;

impl Verbs<LoadBalancer> for Cloud {
    async fn list(&self) -> Result<Vec<Found<LoadBalancer>>, Fault> {
        let doors = self.doors().await?;
        let mut found = vec![];
        for sdk in &doors.load_balancers {
            let Some(have) = observed(sdk) else { continue };
            if let Some(mut mine) = self.listed::<LoadBalancer>(&doors.tags(sdk.load_balancer_arn()), have) {
                mine.have.attributes = self.load_balancer_attributes(&mine.have.id).await?;
                mine.have.internet_gateway = self.internet_gateway_before(sdk).await?;
                mine.have.addresses = self.ipv6_of(&mine.have).await?;
                found.push(mine);
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<LoadBalancer>>, Fault> {
        let request = self.clients.elb.describe_load_balancers().load_balancer_arns(&id.0).send();
        let answer = absent(self.call(DESCRIBE, request).await, NOT_FOUND)?;
        self.found(key, answer.and_then(|answer| answer.load_balancers).unwrap_or_default()).await
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = self.name(key, NAME_LENGTH);
        let scheme = match want.internal {
            true => LoadBalancerSchemeEnum::Internal,
            false => LoadBalancerSchemeEnum::InternetFacing,
        };
        let request = self
            .clients
            .elb
            .create_load_balancer()
            .name(&name)
            .r#type(LoadBalancerTypeEnum::Application)
            .scheme(scheme)
            .ip_address_type(address_type(want))
            .set_subnets(Some(want.subnets.iter().map(|id| id.0.clone()).collect()))
            .set_security_groups(Some(want.security_groups.iter().map(|id| id.0.clone()).collect()))
            .set_tags(Some(self.new_elb_tags(key)))
            .send();
        match absent(self.call(CREATE, request).await, &["DuplicateLoadBalancerName"])? {
            Some(made) => CREATE.id(made.load_balancers().first().and_then(|made| made.load_balancer_arn())),
            None => {
                let request = self.clients.elb.describe_load_balancers().names(name).send();
                let answer = absent(self.call(DESCRIBE, request).await, NOT_FOUND)?;
                let named = answer.and_then(|answer| answer.load_balancers).unwrap_or_default();
                claim::<LoadBalancer>(CREATE, self.found(key, named).await?)
            }
        }
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |path: &str| changes.iter().any(|change| change.path == path);
        let elb = &self.clients.elb;
        if changed(SUBNETS) {
            let subnets = want.subnets.iter().map(|id| id.0.clone()).collect();
            let request = elb.set_subnets().load_balancer_arn(&have.id.0).set_subnets(Some(subnets)).send();
            self.call(SET_SUBNETS, request).await?;
        }
        if changed(ADDRESS_TYPE) {
            let request = elb.set_ip_address_type().load_balancer_arn(&have.id.0).ip_address_type(address_type(want));
            self.call(SET_ADDRESS_TYPE, request.send()).await?;
        }
        if changed(SECURITY_GROUPS) {
            let groups = want.security_groups.iter().map(|id| id.0.clone()).collect();
            let request = elb.set_security_groups().load_balancer_arn(&have.id.0).set_security_groups(Some(groups));
            self.call(SET_SECURITY_GROUPS, request.send()).await?;
        }
        let attributes = want.attributes().into_iter().filter(|(path, ..)| changed(path));
        let log = if changed(ACCESS_LOGS) { want.log_attributes() } else { vec![] };
        let attributes: Vec<_> = attributes.map(|(_, key, value)| (key, value)).chain(log).collect();
        match attributes.is_empty() {
            true => Ok(()),
            false => self.set_load_balancer_attributes(&have.id, attributes).await,
        }
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        if have.attributes.get(DELETION_PROTECTION).is_some_and(|on| on == "true") {
            let off = vec![(DELETION_PROTECTION, "false".to_owned())];
            return gone(self.set_load_balancer_attributes(&have.id, off).await, NOT_FOUND);
        }
        let request = self.clients.elb.delete_load_balancer().load_balancer_arn(&have.id.0).send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_elb(key, &have.id).await
    }
}

impl Cloud {
    async fn found(&self, key: &Key, sdk: Vec<Sdk>) -> Result<Option<Found<LoadBalancer>>, Fault> {
        let Some(sdk) = sdk.first() else { return Ok(None) };
        let Some(mut have) = observed(sdk) else { return Ok(None) };
        have.internet_gateway = self.internet_gateway_before(sdk).await?;
        have.addresses = self.ipv6_of(&have).await?;
        have.attributes = self.load_balancer_attributes(&have.id).await?;
        let tags = self.elb_tags(&have.id.0).await?;
        Ok(Some(self.at(key, &tags, have)))
    }

    /// What must stay attached while its addresses are public.
    async fn internet_gateway_before(&self, sdk: &Sdk) -> Result<Option<Id>, Fault> {
        match sdk.scheme() {
            Some(LoadBalancerSchemeEnum::InternetFacing) => self.internet_gateway_of(sdk.vpc_id()).await,
            _ => Ok(None),
        }
    }

    /// The addresses that must stay while it has some of them.
    async fn ipv6_of(&self, have: &Observed) -> Result<Vec<Id>, Fault> {
        match have.dual_stack {
            true => self.ipv6_of_subnets(|subnet| have.subnets.contains(subnet)).await,
            false => Ok(vec![]),
        }
    }

    async fn load_balancer_attributes(&self, id: &Id) -> Result<BTreeMap<String, String>, Fault> {
        let request = self.clients.elb.describe_load_balancer_attributes().load_balancer_arn(&id.0).send();
        let answer = absent(self.call(DESCRIBE_ATTRIBUTES, request).await, NOT_FOUND)?;
        let attributes = answer.and_then(|answer| answer.attributes).unwrap_or_default();
        Ok(attributes.into_iter().filter_map(|it| Some((it.key?, it.value?))).collect())
    }

    async fn set_load_balancer_attributes(&self, id: &Id, attributes: Vec<(&str, String)>) -> Result<(), Fault> {
        let attribute = |(key, value)| LoadBalancerAttribute::builder().key(key).value(value).build();
        let attributes = attributes.into_iter().map(attribute).collect();
        let request = self.clients.elb.modify_load_balancer_attributes().load_balancer_arn(&id.0);
        self.call(MODIFY_ATTRIBUTES, request.set_attributes(Some(attributes)).send()).await.map(drop)
    }
}

fn address_type(want: &Desired) -> IpAddressType {
    if want.dual_stack { IpAddressType::Dualstack } else { IpAddressType::Ipv4 }
}

/// Without its attributes, its addresses and its network's internet gateway, which take calls of their own.
fn observed(sdk: &Sdk) -> Option<Observed> {
    let why = || sdk.state().and_then(|state| state.reason()).unwrap_or("AWS gave no reason").to_owned();
    let arn = Id(sdk.load_balancer_arn()?.to_owned());
    Some(Observed {
        id: arn.clone(),
        output: LoadBalancerOutput {
            arn,
            dns_name: sdk.dns_name().unwrap_or_default().to_owned(),
            zone: sdk.canonical_hosted_zone_id().unwrap_or_default().to_owned(),
        },
        dual_stack: sdk.ip_address_type() == Some(&IpAddressType::Dualstack),
        addresses: vec![],
        subnets: sdk.availability_zones().iter().filter_map(|zone| zone.subnet_id()).map(Id::from).collect(),
        security_groups: sdk.security_groups().iter().map(|id| Id(id.clone())).collect(),
        internet_gateway: None,
        attributes: BTreeMap::new(),
        phase: match sdk.state().and_then(|state| state.code()) {
            Some(LoadBalancerStateEnum::Active) => Phase::Active,
            Some(LoadBalancerStateEnum::ActiveImpaired) => Phase::Impaired(why()),
            Some(LoadBalancerStateEnum::Failed) => Phase::Failed(why()),
            _ => Phase::Provisioning,
        },
    })
}
