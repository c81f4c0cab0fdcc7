//! What an emulator leaves out of its answers though AWS puts it in, and the operator may rely on it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::engine::Engine;
use super::protocol::{Element, Request, Tree};
use super::table::{self, Row};

/// What was learnt from requests, to be put into answers.
#[derive(Debug, Default)]
pub struct Repairs {
    /// NAT gateway -> allocation and public address.
    addresses: Mutex<HashMap<String, (String, String)>>,
}

impl Repairs {
    /// MiniStack 1.5 forgets which Elastic IP a NAT gateway was made with.
    pub async fn learn(&self, engine: &Engine, row: &'static Row, id: &str, request: &Request) {
        let (true, Some(allocation)) = (row.kind == "ec2/nat-gateway", request.params.get("AllocationId")) else {
            return;
        };
        let Some(address) = table::row("ec2/address") else { return };
        let found = engine.look(address, "AllocationId", allocation, &request.scope).await.unwrap_or_default();
        let public = found.first().and_then(|address| address.text("publicIp")).unwrap_or_default();
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        addresses.insert(id.to_owned(), (allocation.to_owned(), public));
    }

    /// Puts what was learnt into an item that lacks it.
    pub fn mend(&self, row: &'static Row, item: &mut Tree) {
        let (true, Some(id)) = (row.kind == "ec2/nat-gateway", row.id_of(item)) else { return };
        let addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let (Some((allocation, public)), Tree::Xml(gateway)) = (addresses.get(&id), item) else { return };
        let set = gateway.child_or_new("natGatewayAddressSet");
        if set.children.is_empty() {
            let leaf = |name: &str, text: &str| Element::new(name).with_text(text);
            let address = Element::new("item").with(leaf("allocationId", allocation)).with(leaf("publicIp", public));
            set.children.push(address);
        }
    }
}

/// AWS gives the group the configuration that a refresh was started with, once the refresh is done. MiniStack 1.5
/// answers Successful and leaves the group as it was, so that the next pass would refresh again.
pub fn afterwards(row: &'static Row, request: &Request) -> Option<Request> {
    const TEMPLATE: &str = "LaunchTemplate.";
    if row.kind != "autoscaling/instance-refresh" {
        return None;
    }
    let group = request.params.get("AutoScalingGroupName")?;
    let wanted: Vec<(&str, &str)> = request
        .params
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("DesiredConfiguration.")?, value)))
        .filter(|(name, _)| name.starts_with(TEMPLATE))
        .collect();
    let params = [&[("AutoScalingGroupName", group)], wanted.as_slice()].concat();
    (!wanted.is_empty()).then(|| Request::build(row.service, "UpdateAutoScalingGroup", &params, &request.scope).ok())?
}
