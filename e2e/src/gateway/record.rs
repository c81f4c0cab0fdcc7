//! What was called: one record per call, secrets masked, and who owns what.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::protocol::service::LOGS;
use super::protocol::{Answer, Protocol, Request};
use super::table;

/// The tag that says which stack owns a thing.
pub const STACK_TAG: &str = "wordpresscluster.dev/stack";

/// So many calls are kept; sums go on. A story has a tenth of them.
pub const KEPT: usize = 50_000;

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The cloud answered.
    Forwarded,
    /// A delete was accepted; the cloud hears of it when AWS's time is up.
    Deferred,
    /// A token was seen again; nothing was made.
    Replayed,
    /// A rule of AWS said no.
    Refused,
    /// The cloud did not answer.
    Unreachable,
    /// A fault took it: nothing was done, and nothing answered.
    Dropped,
    /// A fault answered it as it would have been answered before the last write.
    Stale,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Counts from 1 in the order of completion.
    pub sequence: u64,
    /// When it came, by the gateway's clock.
    pub at: Timestamp,
    /// Signing name of the service.
    pub service: String,
    /// Action.
    pub action: String,
    /// Is it meant to change anything?
    pub write: bool,
    /// Ids and names in the request, and the ids of what it made.
    pub targets: Vec<String>,
    /// The stack tag in the request, else the one owner of its targets.
    pub stack: Option<String>,
    /// Every stack that the request's tag and its targets belong to.
    pub stacks: Vec<String>,
    /// HTTP status of the cloud's answer; 0 where there was none.
    pub status: u16,
    /// AWS's error code, if it failed.
    pub error: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// The fault that struck it. One that ends in "after" let it take effect: outcome and status are the cloud's.
    #[serde(default)]
    pub fault: Option<String>,
    /// Who called.
    pub client: String,
    /// Access key id; the emulated clouds take the account's number for it.
    pub account: String,
    /// The ARN of the role that it was made under, if it was one.
    pub role: Option<String>,
    /// Region.
    pub region: String,
    /// Parameters, secrets masked.
    pub params: Vec<(String, String)>,
}

impl Call {
    /// Did it change the cloud, or begin to?
    pub fn took_effect(&self) -> bool {
        self.write && self.status < 400 && matches!(self.outcome, Outcome::Forwarded | Outcome::Deferred)
    }
}

/// Calls summed up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// All calls.
    pub calls: usize,
    /// Those that are meant to change something.
    pub writes: usize,
    /// Those that failed.
    pub errors: usize,
    /// Those that a fault struck, by fault.
    pub faults: BTreeMap<String, usize>,
    /// Those that AWS's rates refused, by bucket.
    pub exceeded: BTreeMap<String, usize>,
    /// Those that are in the sums and no more in the record.
    pub forgotten: usize,
    /// By service and action.
    pub actions: BTreeMap<String, BTreeMap<String, usize>>,
}

#[derive(Debug, Default)]
struct Inner {
    calls: VecDeque<Call>,
    stats: Stats,
    sequence: u64,
    owners: HashMap<(String, String), String>,
}

/// The record.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<Inner>);

/// Ids and names that a request speaks of, as far as they belong to one stack: not what AWS provides, and not
/// names that mean something only inside another thing.
fn targets(request: &Request) -> Vec<String> {
    const ENDS: &[&str] = &["Id", "Ids", "Identifier", "Name", "Names", "Arn", "ARN", "Arns", "Resource", "Bucket"];
    const NOT: &[&str] = &[
        "AccountId",
        "AttributeName",
        "DBName",
        "DeviceName",
        "DomainName",
        "HeaderName",
        "HttpHeaderName",
        "ImageId",
        "KmsKeyId",
        "LifecycleHookName",
        "MetricName",
        "ParameterName",
        "PolicyName",
        "RuleName",
        "SelectionName",
        "ServiceLinkedRoleARN",
        "ServiceName",
        "SubjectAlternativeNames",
    ];
    let part_of_body = |key: &str| request.protocol() == Protocol::RestXml && key.contains('.');
    let part_of_thing = |key: &str| {
        key.contains("Filter")
            || key.contains("RedactedFields")
            || key.starts_with("Dimensions.")
            || key.starts_with("Rules.")
    };
    let of_aws =
        |value: &str| value.starts_with("default") || value.starts_with("pl-") || value.contains(":aws:policy/");
    let mut found = Vec::new();
    for (key, value) in request.params.iter().filter(|(key, _)| !part_of_thing(key) && !part_of_body(key)) {
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let last = key.split('.').rfind(|part| !is_number(part) && *part != "member").unwrap_or(key);
        // CloudWatch Logs says no more of what delivers logs.
        let bare = request.service == LOGS && ["id", "name"].contains(&last);
        let names =
            bare || ENDS.iter().any(|end| last.ends_with(end)) && !NOT.contains(&last) && !last.contains("Zone");
        if names && !value.is_empty() && !of_aws(value) {
            found.push(value.to_owned());
        }
    }
    found
}

/// Ids of what an answer says was made.
pub fn made(request: &Request, answer: &Answer) -> Vec<String> {
    let tree = answer.tree();
    if let Some((_, path)) = LINKS.iter().find(|(action, _)| *action == request.action) {
        return tree.and_then(|tree| tree.text(path)).into_iter().collect();
    }
    table::creates(&request.service, &request.action)
        .flat_map(|(row, create)| match (&tree, create.param) {
            (Some(tree), "") => tree.items(create.items).iter().filter_map(|item| row.id_of(item)).collect(),
            (_, param) => request.params.get(param).map(str::to_owned).into_iter().collect::<Vec<_>>(),
        })
        .collect()
}

/// `<cluster-id>/<namespace>/<name>`.
fn is_stack(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && !part.contains(' '))
}

/// The stack that the title of a dashboard names: it takes no tags either.
fn shown(body: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    let title = body.pointer("/widgets/0/properties/markdown")?.as_str()?;
    title.strip_prefix("# ").filter(|text| is_stack(text)).map(str::to_owned)
}

/// What only ties things together has an id and no row.
const LINKS: &[(&str, &str)] = &[
    ("AssociateRouteTable", "associationId"),
    ("AssociateSubnetCidrBlock", "ipv6CidrBlockAssociation/associationId"),
    ("AssociateVpcCidrBlock", "ipv6CidrBlockAssociation/associationId"),
    ("ReplaceRouteTableAssociation", "newAssociationId"),
    // Nothing but ids is answered.
    ("CreateFlowLogs", "flowLogIdSet/item"),
];

impl Ledger {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a call down.
    pub fn add(
        &self,
        request: &Request,
        answer: &Answer,
        outcome: Outcome,
        fault: Option<String>,
        at: Timestamp,
    ) -> Call {
        let mut targets = targets(request);
        let account = request.scope.access_key.clone();
        // CloudFront's policies and access controls take no tags: their comment or description is the stack's id.
        let said = |key: &str| key.ends_with("Comment") || key.ends_with("OriginAccessControlConfig.Description");
        let comment = || request.params.iter().find(|(key, _)| said(key)).map(|(_, value)| value);
        let tag = request.params.tag(STACK_TAG).or_else(|| comment().filter(|text| is_stack(text))).map(str::to_owned);
        let tag = tag.or_else(|| shown(request.params.get("DashboardBody")?));
        let mut inner = self.inner();
        // A thing is called by its id or by an ARN that ends in it.
        let owner = |target: &str| {
            let named = |name: &str| inner.owners.get(&(account.clone(), name.to_owned())).cloned();
            named(target).or_else(|| named(target.strip_prefix("arn:")?.rsplit([':', '/']).next()?))
        };
        let owners = targets.iter().filter_map(|target| owner(target));
        let stacks: BTreeSet<String> = owners.chain(tag.clone()).collect();
        let stack = tag.or_else(|| (stacks.len() == 1).then(|| stacks.first().cloned()).flatten());
        let write = !request.is_read();
        if write && answer.ok() {
            for id in made(request, answer) {
                if !targets.contains(&id) {
                    targets.push(id);
                }
            }
            if let Some(stack) = &stack {
                for target in &targets {
                    inner.owners.entry((account.clone(), target.clone())).or_insert_with(|| stack.clone());
                }
            }
        }
        inner.sequence += 1;
        let call = Call {
            sequence: inner.sequence,
            at,
            service: request.service.clone(),
            action: request.action.clone(),
            write,
            targets,
            stack,
            stacks: stacks.into_iter().collect(),
            status: if outcome == Outcome::Dropped { 0 } else { answer.status.as_u16() },
            error: answer.error_code(),
            outcome,
            fault,
            client: request.client.clone(),
            account,
            role: request.role.clone(),
            region: request.scope.region.clone(),
            params: request.params.masked(),
        };
        inner.stats.add(&call);
        inner.calls.push_back(call.clone());
        if inner.calls.len() > KEPT {
            inner.calls.pop_front();
            inner.stats.forgotten += 1;
        }
        call
    }

    /// Counts a call that a bucket had no token for.
    pub fn exceeded(&self, bucket: String) {
        *self.inner().stats.exceeded.entry(bucket).or_default() += 1;
    }

    /// The latest calls since the last reset.
    pub fn calls(&self) -> Vec<Call> {
        self.inner().calls.iter().cloned().collect()
    }

    /// Forgets the calls; not who owns what, nor the count.
    pub fn reset(&self) {
        let mut inner = self.inner();
        inner.calls.clear();
        inner.stats = Stats::default();
    }

    /// All calls since the last reset, summed up.
    pub fn stats(&self) -> Stats {
        self.inner().stats.clone()
    }
}

impl Stats {
    fn add(&mut self, call: &Call) {
        self.calls += 1;
        self.writes += usize::from(call.write);
        self.errors += usize::from(call.status >= 400);
        if let Some(fault) = &call.fault {
            *self.faults.entry(fault.clone()).or_default() += 1;
        }
        *self.actions.entry(call.service.clone()).or_default().entry(call.action.clone()).or_default() += 1;
    }
}

/// Latency of the calls that match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Service, any of its names; empty is every service.
    #[serde(default)]
    pub service: String,
    /// Action; empty is every action.
    #[serde(default)]
    pub action: String,
    /// Milliseconds.
    pub millis: u64,
}

impl Latency {
    /// What a request has to wait: the last entry that matches wins.
    pub fn of(list: &[Latency], request: &Request) -> Duration {
        let matches = |latency: &&Latency| {
            let service = super::protocol::service::canonical(&latency.service);
            (service.is_empty() || service == request.service)
                && (latency.action.is_empty() || latency.action == request.action)
        };
        Duration::from_millis(list.iter().rfind(matches).map_or(0, |latency| latency.millis))
    }
}

#[cfg(test)]
mod tests {
    use super::super::protocol::Scope;
    use super::*;

    fn call(ledger: &Ledger, service: &str, action: &str, params: &[(&str, &str)], body: &str) -> Call {
        let request = Request::build(service, action, params, &Scope::new("eu-central-1")).unwrap();
        let mut answer = Answer::empty(200);
        answer.body = body.to_owned().into();
        ledger.add(&request, &answer, Outcome::Forwarded, None, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn owners_are_known_from_the_tag_at_creation_on() {
        let ledger = Ledger::default();
        let tag = [("TagSpecification.1.Tag.1.Key", STACK_TAG), ("TagSpecification.1.Tag.1.Value", "a")];
        let made = call(&ledger, "ec2", "CreateVpc", &tag, "<R><vpc><vpcId>vpc-1</vpcId></vpc></R>");
        assert_eq!((made.stack.as_deref(), made.targets.as_slice()), (Some("a"), ["vpc-1".to_owned()].as_slice()));
        let tag = [tag[0], ("TagSpecification.1.Tag.1.Value", "b")];
        call(&ledger, "ec2", "CreateVpc", &tag, "<R><vpc><vpcId>vpc-2</vpcId></vpc></R>");
        let deleted = call(&ledger, "ec2", "DeleteVpc", &[("VpcId", "vpc-1")], "");
        assert_eq!(deleted.stack.as_deref(), Some("a"));
        let arn = call(&ledger, "ec2", "Tag", &[("ResourceArn", "arn:aws:ec2:eu-central-1:1:vpc/vpc-1")], "");
        assert_eq!(arn.stack.as_deref(), Some("a"));
        let crossing = call(&ledger, "ec2", "Peer", &[("VpcId", "vpc-1"), ("PeerVpcId", "vpc-2")], "");
        assert_eq!((crossing.stack, crossing.stacks), (None, vec!["a".into(), "b".into()]));
        assert_eq!(call(&ledger, "ec2", "DeleteVpc", &[("VpcId", "vpc-9")], "").stack, None);
    }

    #[test]
    fn sums_and_resets() {
        let ledger = Ledger::default();
        call(&ledger, "ec2", "DescribeVpcs", &[], "");
        call(&ledger, "ec2", "CreateVpc", &[], "");
        call(&ledger, "rds", "CreateDBInstance", &[("MasterUserPassword", "hush")], "");
        let stats = ledger.stats();
        assert_eq!((stats.calls, stats.writes, stats.actions["rds"]["CreateDBInstance"]), (3, 2, 1));
        assert!(!serde_json::to_string(&ledger.calls()).unwrap().contains("hush"));
        ledger.reset();
        assert_eq!(ledger.stats(), Stats::default());
        assert_eq!(call(&ledger, "ec2", "DescribeVpcs", &[], "").sequence, 4);
    }

    #[test]
    fn a_long_record_is_cut_and_its_sums_are_not() {
        let ledger = Ledger::default();
        for _ in 0..KEPT + 3 {
            call(&ledger, "ec2", "DescribeVpcs", &[], "");
        }
        let stats = ledger.stats();
        assert_eq!((ledger.calls().len(), ledger.calls()[0].sequence), (KEPT, 4));
        assert_eq!((stats.calls, stats.forgotten, stats.actions["ec2"]["DescribeVpcs"]), (KEPT + 3, 3, KEPT + 3));
    }

    #[test]
    fn the_last_latency_that_matches_counts() {
        let latency =
            |service: &str, action: &str, millis| Latency { service: service.into(), action: action.into(), millis };
        let list = [latency("", "", 5), latency("efs", "", 50), latency("ec2", "CreateVpc", 500)];
        let wait = |service: &str, action: &str| {
            Latency::of(&list, &Request::build(service, action, &[], &Scope::new("r")).unwrap()).as_millis()
        };
        assert_eq!(wait("ec2", "DescribeVpcs"), 5);
        assert_eq!(wait("efs", "DescribeFileSystems"), 50);
        assert_eq!(wait("ec2", "CreateVpc"), 500);
    }
}
