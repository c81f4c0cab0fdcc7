use aws_sdk_wafv2::types::ResourceType;
use wpc_blueprint::firewall::association::{ASSOCIATE, Association, COMPONENT, DISASSOCIATE, Desired, GET, LIST};
use wpc_blueprint::firewall::{Scope, web_acl};
use wpc_engine::{Change, Fault, Found, Id, Key, Kind, Owner, Removal, Verbs};

use super::NOT_FOUND;
use crate::Cloud;
use crate::call::{absent, gone};

impl Verbs<Association> for Cloud {
    /// What our web ACL stands before. A load balancer that a person put behind it is theirs.
    async fn list(&self) -> Result<Vec<Found<Association>>, Fault> {
        let Some(web_acl) = self.web_acl_of(&web_acl::key(Scope::Regional)).await? else { return Ok(vec![]) };
        let doors = self.doors_behind(&web_acl).await?;
        let ours = doors.into_iter().filter(|arn| {
            let name = arn.rsplit('/').nth(1).unwrap_or_default();
            self.labels.stack.may_have_named(name)
        });
        let found = ours.map(|arn| {
            let have = Desired { web_acl: web_acl.clone(), load_balancer: Id(arn) };
            Found::ours(Key { name: COMPONENT.into(), variant: Association::variant(&have) }, have)
        });
        Ok(found.collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Association>>, Fault> {
        let have = Desired::of(id).ok_or_else(|| Fault::invalid(format!("{id} is no association")))?;
        let doors = self.doors_behind(&have.web_acl).await?;
        Ok(doors.contains(&have.load_balancer.0).then(|| Found::ours(key.clone(), have)))
    }

    /// AWS would put it in the place of another that somebody chose: that one stays, unless it is to be taken over.
    async fn create(&self, _: &Key, want: &Desired) -> Result<Id, Fault> {
        let request = self.clients.waf.get_web_acl_for_resource().resource_arn(&want.load_balancer.0).send();
        let there = absent(self.call(GET, request).await, NOT_FOUND)?.and_then(|answer| answer.web_acl);
        if let Some(other) = there.filter(|acl| !self.labels.stack.may_have_named(&acl.name) && !self.labels.adopt) {
            let owner = Owner::Stranger("nobody that says so".into());
            let what = format!("before the load balancer, web ACL {}", other.arn);
            return Err(Fault::not_ours(what, Some(&owner)).in_action(ASSOCIATE));
        }
        let request = self.clients.waf.associate_web_acl().web_acl_arn(&want.web_acl.0);
        self.call(ASSOCIATE, request.resource_arn(&want.load_balancer.0).send()).await?;
        Ok(want.id())
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Desired, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Desired, _: Removal) -> Result<(), Fault> {
        let request = self.clients.waf.disassociate_web_acl().resource_arn(&have.load_balancer.0).send();
        gone(self.call(DISASSOCIATE, request).await, NOT_FOUND)
    }
}

impl Cloud {
    /// The load balancers that a web ACL stands before, by ARN.
    async fn doors_behind(&self, web_acl: &Id) -> Result<Vec<String>, Fault> {
        let request = self.clients.waf.list_resources_for_web_acl().web_acl_arn(&web_acl.0);
        let request = request.resource_type(ResourceType::ApplicationLoadBalancer).send();
        let answer = absent(self.call(LIST, request).await, NOT_FOUND)?;
        Ok(answer.and_then(|answer| answer.resource_arns).unwrap_or_default())
    }
}
