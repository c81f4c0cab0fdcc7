use std::sync::Arc;

use aws_sdk_wafv2::types::{IpAddressVersion, IpSet as Sdk};
use wpc_blueprint::firewall::Scope;
use wpc_blueprint::firewall::ip_set::{CREATE, DELETE, Desired, GET, IpSet, LIST, Observed, UPDATE, keys};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use super::{Listed, NOT_FOUND, Place, described, sdk_scope};
use crate::Cloud;
use crate::answer::bounded;
use crate::call::{absent, claim, gone};

impl Verbs<IpSet> for Cloud {
    async fn list(&self) -> Result<Vec<Found<IpSet>>, Fault> {
        let mut found = vec![];
        for scope in Scope::ALL {
            let sets = self.ip_sets(scope).await?;
            for key in keys(scope) {
                let name = self.name(&key, 128);
                let Some(listed) = sets.iter().find(|set| set.name == name) else { continue };
                let about = format!("{} {}", listed.arn, listed.version);
                let arn = Id(listed.arn.clone());
                let read = async { Ok(self.read_ip_set(&arn).await?.map(|(set, _)| set)) };
                let Some(set) = self.seldom(&about, read).await? else { continue };
                found.push(self.at::<IpSet>(&key, &self.waf_tags(&listed.arn).await?, observed(&set)?));
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<IpSet>>, Fault> {
        let Some((set, _)) = self.read_ip_set(id).await? else { return Ok(None) };
        Ok(Some(self.at(key, &self.waf_tags(&set.arn).await?, observed(&set)?)))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let Desired { scope, list: _, version, networks } = want;
        let name = self.name(key, 128);
        let request = self
            .waf(*scope)
            .create_ip_set()
            .name(&name)
            .scope(sdk_scope(*scope))
            .ip_address_version(IpAddressVersion::from(version.name()))
            .set_addresses(Some(networks.iter().map(ToString::to_string).collect()))
            .set_tags(Some(self.new_waf_tags(key)?))
            .send();
        match self.call(CREATE, request).await {
            Ok(made) => CREATE.id(made.summary.and_then(|summary| summary.arn)),
            Err(fault) if fault.is(&["WAFDuplicateItemException"]) => {
                let sets = bounded(self.list_ip_sets(*scope)).await?;
                let Some(taken) = sets.iter().find(|set| set.name == name) else { return claim::<IpSet>(CREATE, None) };
                claim(CREATE, Verbs::<IpSet>::read(self, key, &Id(taken.arn.clone())).await?)
            }
            Err(fault) => Err(fault),
        }
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let (Place { scope, name, id }, false) = (Place::of(&have.arn)?, changes.is_empty()) else { return Ok(()) };
        let Some((set, version)) = self.read_ip_set(&have.arn).await? else {
            return Err(Fault::unclear(UPDATE, format!("{} is gone", have.arn)));
        };
        let request = self
            .waf(scope)
            .update_ip_set()
            .name(name)
            .scope(sdk_scope(scope))
            .id(id)
            .set_description(described(set.description))
            .set_addresses(Some(want.networks.iter().map(ToString::to_string).collect()))
            .set_lock_token(version);
        self.call(UPDATE, request.send()).await.map(drop)
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let Place { scope, name, id } = Place::of(&have.arn)?;
        let Some((_, version)) = self.read_ip_set(&have.arn).await? else { return Ok(()) };
        let request = self.waf(scope).delete_ip_set().name(name).scope(sdk_scope(scope)).id(id);
        gone(self.call(DELETE, request.set_lock_token(version).send()).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        self.relabel_waf(key, &have.arn).await
    }
}

impl Cloud {
    async fn ip_sets(&self, scope: Scope) -> Result<Arc<Vec<Listed>>, Fault> {
        self.shared(format!("{} {}", LIST.name, scope.name()), bounded(self.list_ip_sets(scope))).await
    }

    /// The SDK has no paginator for these.
    async fn list_ip_sets(&self, scope: Scope) -> Result<Vec<Listed>, Fault> {
        let (mut sets, mut marker) = (vec![], None);
        loop {
            let request = self.waf(scope).list_ip_sets().scope(sdk_scope(scope)).limit(100).set_next_marker(marker);
            let page = self.call(LIST, request.send()).await?;
            let listed = page.ip_sets().iter().map(|set| Listed::of(set.arn(), set.name(), set.lock_token()));
            sets.extend(listed.collect::<Option<Vec<_>>>().ok_or_else(|| crate::call::unknown(LIST))?);
            marker = page.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(sets);
            }
        }
    }

    /// A set, and the version that writes must name.
    async fn read_ip_set(&self, arn: &Id) -> Result<Option<(Sdk, Option<String>)>, Fault> {
        let Place { scope, name, id } = Place::of(arn)?;
        let request = self.waf(scope).get_ip_set().name(name).scope(sdk_scope(scope)).id(id).send();
        let answer = absent(self.call(GET, request).await, NOT_FOUND)?;
        Ok(answer.and_then(|answer| Some((answer.ip_set?, answer.lock_token))))
    }
}

fn observed(sdk: &Sdk) -> Result<Observed, Fault> {
    let networks: Result<_, _> = sdk.addresses().iter().map(|text| text.parse()).collect();
    let networks = networks.map_err(|error| Fault::unclear(GET, format!("an address cannot be read: {error}")))?;
    Ok(Observed { arn: Id(sdk.arn.clone()), networks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_however_they_are_written() {
        let sdk = Sdk::builder().name("n").id("i").arn("arn").ip_address_version(IpAddressVersion::Ipv6);
        let sdk = sdk.addresses("2001:0db8:0000:0000:0000:0000:0000:0000/32").build().unwrap();
        assert_eq!(observed(&sdk).unwrap().networks, ["2001:db8::/32".parse().unwrap()].into());
    }
}
