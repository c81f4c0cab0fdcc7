use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{
    Filter, IpPermission, IpRange, Ipv6Range, PrefixListId, ResourceType, SecurityGroupRule as Sdk, UserIdGroupPair,
};
use wpc_blueprint::network::security_group::{SecurityGroup, part};
use wpc_blueprint::network::security_group_rule::{
    ALLOW_IN, ALLOW_OUT, DESCRIBE, Desired, Direction, Observed, Peer, REVOKE_IN, REVOKE_OUT, SecurityGroupRule,
    Traffic,
};
use wpc_engine::{Change, Disruption, Fault, Found, Id, Key, Kind, Removal, Standing, Verbs};

use crate::Cloud;
use crate::call::{absent, gone};
use crate::network::tags;

const NOT_FOUND: &[&str] =
    &["InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound", "InvalidGroup.NotFound"];

/// EC2 takes at most so many values in one filter.
const FILTER_VALUES: usize = 200;

impl Verbs<SecurityGroupRule> for Cloud {
    async fn list(&self) -> Result<Vec<Found<SecurityGroupRule>>, Fault> {
        let mine: BTreeMap<Id, Found<SecurityGroup>> =
            Verbs::<SecurityGroup>::list(self).await?.into_iter().map(|group| (group.have.id.clone(), group)).collect();
        let rules = self.rules_of(mine.keys().cloned().collect()).await?;
        Ok(rules.iter().filter_map(|sdk| self.rule_in(&mine, sdk)).collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<SecurityGroupRule>>, Fault> {
        let request = self.clients.ec2.describe_security_group_rules().security_group_rule_ids(&id.0).send();
        let rules =
            absent(self.call(DESCRIBE, request).await, NOT_FOUND)?.and_then(|answer| answer.security_group_rules);
        let rules = rules.unwrap_or_default();
        Ok(rules.first().and_then(|sdk| Some(self.rule(key.clone(), sdk, observed(sdk)?))))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let ec2 = &self.clients.ec2;
        let (group, permission) = (&want.group.0, permission(want));
        let tags = self.tag_specification(key, ResourceType::SecurityGroupRule);
        let (action, made) = match want.traffic.direction {
            Direction::In => {
                let request = ec2.authorize_security_group_ingress().group_id(group).ip_permissions(permission);
                let answer = self.call(ALLOW_IN, request.tag_specifications(tags).send()).await;
                (ALLOW_IN, answer.map(|answer| answer.security_group_rules))
            }
            Direction::Out => {
                let request = ec2.authorize_security_group_egress().group_id(group).ip_permissions(permission);
                let answer = self.call(ALLOW_OUT, request.tag_specifications(tags).send()).await;
                (ALLOW_OUT, answer.map(|answer| answer.security_group_rules))
            }
        };
        let same = |rules: Vec<Sdk>| rules.iter().filter_map(observed).find(|have| have.rule == *want);
        let made = match made {
            Ok(rules) => rules.unwrap_or_default().into_iter().next().and_then(|sdk| sdk.security_group_rule_id),
            Err(fault) if fault.is(&["InvalidPermission.Duplicate"]) => {
                same(self.read_rules(&[&want.group]).await?).map(|have| have.id.0)
            }
            Err(fault) => return Err(fault),
        };
        action.id(made)
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, Observed { id, rule }: &Observed, _: Removal) -> Result<(), Fault> {
        let (ec2, group) = (&self.clients.ec2, &rule.group.0);
        match rule.traffic.direction {
            Direction::In => {
                let request = ec2.revoke_security_group_ingress().group_id(group).security_group_rule_ids(&id.0);
                gone(self.call(REVOKE_IN, request.send()).await, NOT_FOUND)
            }
            Direction::Out => {
                let request = ec2.revoke_security_group_egress().group_id(group).security_group_rule_ids(&id.0);
                gone(self.call(REVOKE_OUT, request.send()).await, NOT_FOUND)
            }
        }
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_ec2(key, &have.id).await
    }
}

impl Cloud {
    /// The rules of these groups, from one list of all stacks' groups. Rules cannot be found by tag: one that a person
    /// added has none.
    async fn rules_of(&self, mine: BTreeSet<Id>) -> Result<Vec<Sdk>, Fault> {
        if mine.is_empty() {
            return Ok(vec![]);
        }
        let all = async {
            let groups = self.security_groups().await?;
            let groups: BTreeSet<Id> =
                groups.iter().filter_map(|group| Some(Id(group.group_id()?.to_owned()))).collect();
            let rules = self.read_rules(&groups.iter().collect::<Vec<_>>()).await?;
            Ok((groups, rules))
        };
        let answer = self.shared(DESCRIBE.name, all).await?;
        let (asked, rules) = answer.as_ref();
        // Another stack asked before our newest group was listed.
        match mine.is_subset(asked) {
            true => Ok(rules.clone()),
            false => self.read_rules(&mine.iter().collect::<Vec<_>>()).await,
        }
    }

    async fn read_rules(&self, groups: &[&Id]) -> Result<Vec<Sdk>, Fault> {
        let mut rules = vec![];
        for groups in groups.chunks(FILTER_VALUES) {
            let ids = groups.iter().map(|id| id.0.clone()).collect();
            let filter = Filter::builder().name("group-id").set_values(Some(ids)).build();
            let request = self
                .clients
                .ec2
                .describe_security_group_rules()
                .filters(filter)
                .into_paginator()
                .stop_on_duplicate_token(false)
                .items();
            rules.extend(self.call(DESCRIBE, request.send().collect::<Result<Vec<_>, _>>()).await?);
        }
        Ok(rules)
    }

    /// A rule of one of our groups: whose the group is, decides whose the rule is.
    fn rule_in(&self, mine: &BTreeMap<Id, Found<SecurityGroup>>, sdk: &Sdk) -> Option<Found<SecurityGroupRule>> {
        let have = observed(sdk)?;
        let group = mine.get(&have.rule.group)?;
        let peer = match &have.rule.peer {
            Peer::Group(id) => mine.get(id).and_then(|peer| part(&peer.key.name)).unwrap_or(&id.0),
            peer => peer.as_str(),
        };
        let name = have.rule.traffic.name(part(&group.key.name)?, peer);
        let key = Key { name, variant: SecurityGroupRule::variant(&have.rule) };
        let mut found = self.rule(key, sdk, have);
        if let Standing::Foreign(owner) = &group.standing {
            found.standing = Standing::Foreign(owner.clone());
        }
        Some(found)
    }

    fn rule(&self, key: Key, sdk: &Sdk, have: Observed) -> Found<SecurityGroupRule> {
        let mut found: Found<SecurityGroupRule> = self.at(&key, &tags(sdk.tags()), have);
        if let Standing::Foreign(owner) = found.standing {
            let (path, from, to) = ("tags".into(), owner.to_string(), "ours".into());
            found.standing = Standing::Mislabelled(vec![Change { path, from, to, disruption: Disruption::None }]);
        }
        found
    }
}

fn permission(want: &Desired) -> IpPermission {
    let Desired { group: _, traffic, peer } = want;
    let permission = IpPermission::builder()
        .ip_protocol(&traffic.protocol)
        .set_from_port(traffic.ports.map(|(first, _)| first))
        .set_to_port(traffic.ports.map(|(_, last)| last));
    match peer {
        Peer::Group(id) => permission.user_id_group_pairs(UserIdGroupPair::builder().group_id(&id.0).build()),
        Peer::Ipv4(range) => permission.ip_ranges(IpRange::builder().cidr_ip(range).build()),
        Peer::Ipv6(range) => permission.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(range).build()),
        Peer::PrefixList(id) => permission.prefix_list_ids(PrefixListId::builder().prefix_list_id(&id.0).build()),
    }
    .build()
}

fn observed(sdk: &Sdk) -> Option<Observed> {
    let id = |id: &str| Id(id.to_owned());
    let peer = sdk.referenced_group_info().and_then(|group| group.group_id()).map(|group| Peer::Group(id(group)));
    let peer = peer
        .or_else(|| sdk.cidr_ipv4().map(|range| Peer::Ipv4(range.to_owned())))
        .or_else(|| sdk.cidr_ipv6().map(|range| Peer::Ipv6(range.to_owned())))
        .or_else(|| sdk.prefix_list_id().map(|list| Peer::PrefixList(id(list))))?;
    let direction = if sdk.is_egress()? { Direction::Out } else { Direction::In };
    // Where a protocol has no ports, AWS answers -1.
    let ports = sdk.from_port().zip(sdk.to_port()).filter(|(first, _)| *first >= 0);
    let traffic = Traffic { direction, protocol: sdk.ip_protocol()?.to_owned(), ports };
    Some(Observed {
        id: id(sdk.security_group_rule_id()?),
        rule: Desired { group: id(sdk.group_id()?), traffic, peer },
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::ReferencedSecurityGroup;

    use super::*;

    #[test]
    fn a_rule_is_read_as_it_was_written() {
        let rule = Sdk::builder().security_group_rule_id("sgr-1").group_id("sg-1");
        let web = ReferencedSecurityGroup::builder().group_id("sg-2").build();
        let inward = rule.clone().is_egress(false).ip_protocol("tcp").from_port(80).to_port(80);
        let outward = rule.is_egress(true).ip_protocol("-1").from_port(-1).to_port(-1);
        let table = [
            (inward.clone().referenced_group_info(web), Traffic::tcp(Direction::In, 80), Peer::Group("sg-2".into())),
            (inward.cidr_ipv6("::/0"), Traffic::tcp(Direction::In, 80), Peer::Ipv6("::/0".into())),
            (outward.cidr_ipv4("0.0.0.0/0"), Traffic::all(Direction::Out), Peer::Ipv4("0.0.0.0/0".into())),
        ];
        for (sdk, traffic, peer) in table {
            let rule = Desired { group: "sg-1".into(), traffic, peer };
            assert_eq!(observed(&sdk.build()), Some(Observed { id: "sgr-1".into(), rule }));
        }
    }
}
