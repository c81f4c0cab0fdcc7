//! The application load balancer. See "Application Load Balancers" in the Elastic Load Balancing User Guide.

use std::collections::{BTreeMap, BTreeSet};

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, Output, State, digest};

/// Lists and reads.
pub const DESCRIBE: Action = Action::read("elasticloadbalancing:DescribeLoadBalancers");
/// Reads what the list does not show: protection, timeouts.
pub const DESCRIBE_ATTRIBUTES: Action = Action::read("elasticloadbalancing:DescribeLoadBalancerAttributes");
/// Reads the tags, which no list shows.
pub const DESCRIBE_TAGS: Action = Action::read("elasticloadbalancing:DescribeTags");
/// Makes it.
pub const CREATE: Action = Action::write("elasticloadbalancing:CreateLoadBalancer");
/// Sets its attributes.
pub const MODIFY_ATTRIBUTES: Action = Action::write("elasticloadbalancing:ModifyLoadBalancerAttributes");
/// Moves it to other subnets.
pub const SET_SUBNETS: Action = Action::write("elasticloadbalancing:SetSubnets");
/// Gives it IPv6 addresses, or takes them away.
pub const SET_ADDRESS_TYPE: Action = Action::write("elasticloadbalancing:SetIpAddressType");
/// Puts it into other security groups.
pub const SET_SECURITY_GROUPS: Action = Action::write("elasticloadbalancing:SetSecurityGroups");
/// Writes tags, also at creation.
pub const ADD_TAGS: Action = Action::write("elasticloadbalancing:AddTags");
/// Removes it.
pub const DELETE: Action = Action::write("elasticloadbalancing:DeleteLoadBalancer");

/// The kind.
#[derive(Debug, Clone)]
pub struct LoadBalancer;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Reachable only from inside the VPC.
    pub internal: bool,
    /// Reachable by IPv6 too.
    pub dual_stack: bool,
    /// Where its interfaces are.
    pub subnets: BTreeSet<Id>,
    /// Who may reach it.
    pub security_groups: BTreeSet<Id>,
    /// Seconds after which an idle connection is closed.
    pub idle_timeout: u16,
    /// AWS's own protection against deletion.
    pub deletion_protection: bool,
    /// The bucket that it writes a log of requests into.
    pub access_logs: Option<Id>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its ARN.
    pub id: Id,
    /// What dependants learn.
    pub output: LoadBalancerOutput,
    /// Reachable by IPv6 too.
    pub dual_stack: bool,
    /// The subnets' IPv6 addresses, of which it has some then.
    pub addresses: Vec<Id>,
    /// Where its interfaces are.
    pub subnets: BTreeSet<Id>,
    /// Who may reach it.
    pub security_groups: BTreeSet<Id>,
    /// Its network's internet gateway, which cannot be detached while a public one is there.
    pub internet_gateway: Option<Id>,
    /// Its attributes, by AWS's own keys.
    pub attributes: BTreeMap<String, String>,
    /// How far it is.
    pub phase: Phase,
}

/// How far a load balancer is.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// Being set up.
    Provisioning,
    /// Serving.
    Active,
    /// Serving, without the resources to scale.
    Impaired(String),
    /// It could not be set up.
    Failed(String),
}

/// What dependants learn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalancerOutput {
    /// Its ARN.
    pub arn: Id,
    /// The name it answers under.
    pub dns_name: String,
    /// The hosted zone of that name, for alias records.
    pub zone: String,
}

impl Output for LoadBalancerOutput {
    fn unknown(node: &str) -> Self {
        let Id(text) = Id::unknown(node);
        Self { arn: Id(text.clone()), dns_name: text.clone(), zone: text }
    }
}

/// The path of the change that moves it to other subnets.
pub const SUBNETS: &str = "loadBalancer.subnets";
/// The path of the change that gives it IPv6 addresses, or takes them away.
pub const ADDRESS_TYPE: &str = "loadBalancer.ipAddressType";
/// The path of the change that puts it into other security groups.
pub const SECURITY_GROUPS: &str = "loadBalancer.securityGroups";
/// AWS's key of the protection against deletion.
pub const DELETION_PROTECTION: &str = "deletion_protection.enabled";

/// The path of the change of where its log goes.
pub const ACCESS_LOGS: &str = "loadBalancer.accessLogs";
/// AWS's keys of its log: whether there is one, in which bucket, under what prefix. Ours has none.
const LOG_KEYS: [&str; 3] = ["access_logs.s3.enabled", "access_logs.s3.bucket", "access_logs.s3.prefix"];

impl Desired {
    /// The attributes of its log of requests. Without one the rest of them means nothing.
    pub fn log_attributes(&self) -> Vec<(&'static str, String)> {
        let [enabled, bucket, prefix] = LOG_KEYS;
        let place = |name: &Id| [(bucket, name.0.clone()), (prefix, String::new())];
        let on = (enabled, self.access_logs.is_some().to_string());
        [on].into_iter().chain(self.access_logs.iter().flat_map(place)).collect()
    }

    /// The attributes that are set: the path of the change, AWS's key, the value.
    pub fn attributes(&self) -> [(&'static str, &'static str, String); 4] {
        [
            ("loadBalancer.deletionProtection", DELETION_PROTECTION, self.deletion_protection.to_string()),
            ("loadBalancer.idleTimeoutSeconds", "idle_timeout.timeout_seconds", self.idle_timeout.to_string()),
            ("loadBalancer.dropInvalidHeaders", "routing.http.drop_invalid_header_fields.enabled", "true".into()),
            ("loadBalancer.desyncMitigation", "routing.http.desync_mitigation_mode", "defensive".into()),
        ]
    }
}

impl Observed {
    /// The bucket and the prefix that its log goes to, if it has one.
    fn log(&self) -> Option<(Id, String)> {
        let [on, bucket, prefix] = LOG_KEYS.map(|key| self.attributes.get(key).cloned().unwrap_or_default());
        (on == "true").then_some((Id(bucket), prefix))
    }
}

impl Kind for LoadBalancer {
    const NAME: &'static str = "elasticloadbalancing/load-balancer";
    const ACTIONS: &'static [Action] = &[
        DESCRIBE,
        DESCRIBE_ATTRIBUTES,
        DESCRIBE_TAGS,
        CREATE,
        MODIFY_ATTRIBUTES,
        SET_SUBNETS,
        SET_ADDRESS_TYPE,
        SET_SECURITY_GROUPS,
        ADD_TAGS,
        DELETE,
    ];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = LoadBalancerOutput;

    /// Only the scheme cannot be changed in place.
    fn variant(want: &Desired) -> Option<String> {
        let scheme = if want.internal { "internal" } else { "internet-facing" };
        Some(digest(&[scheme]))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        // A bucket that it still writes to would fill again.
        let log = have.log().map(|(bucket, _)| bucket);
        let ways = have.addresses.iter().chain(&have.internet_gateway);
        have.subnets.iter().chain(&have.security_groups).chain(ways).cloned().chain(log).collect()
    }

    fn diff(want: &Desired, have: &Observed) -> Delta {
        let Desired {
            internal: _,
            dual_stack,
            subnets,
            security_groups,
            idle_timeout: _,
            deletion_protection: _,
            access_logs,
        } = want;
        let Observed {
            id: _,
            output: _,
            dual_stack: found_dual_stack,
            addresses: _,
            subnets: found_subnets,
            security_groups: found_groups,
            internet_gateway: _,
            attributes,
            phase: _,
        } = have;
        let mut changes = Changes::new();
        changes.compare(SUBNETS, found_subnets, subnets, Disruption::None);
        let kind = |dual_stack: &bool| if *dual_stack { "dualstack" } else { "ipv4" }.to_owned();
        changes.compare(ADDRESS_TYPE, &kind(found_dual_stack), &kind(dual_stack), Disruption::None);
        changes.compare(SECURITY_GROUPS, found_groups, security_groups, Disruption::None);
        for (path, key, value) in want.attributes() {
            changes.compare(path, &attributes.get(key).cloned(), &Some(value), Disruption::None);
        }
        let place = |(bucket, prefix): (Id, String)| format!("{bucket}/{prefix}");
        let wanted = access_logs.clone().map(|bucket| (bucket, String::new()));
        changes.compare(ACCESS_LOGS, &have.log().map(place), &wanted.map(place), Disruption::None);
        changes.delta()
    }

    /// Its name is known at once, and listeners can be added while it is being set up.
    fn state(have: &Observed) -> State<LoadBalancerOutput> {
        let output = have.output.clone();
        match &have.phase {
            Phase::Active => State::Ready(output),
            Phase::Provisioning => State::Settling { usable: Some(output), reason: "Provisioning" },
            Phase::Impaired(why) => State::Broken { usable: Some(output), message: why.clone() },
            Phase::Failed(why) => State::Dead { message: why.clone() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want() -> Desired {
        Desired {
            internal: false,
            dual_stack: false,
            subnets: ["subnet-1".into(), "subnet-2".into()].into(),
            security_groups: ["sg-1".into()].into(),
            idle_timeout: 60,
            deletion_protection: true,
            access_logs: None,
        }
    }

    fn have() -> Observed {
        let want = want();
        Observed {
            id: "arn:lb".into(),
            output: LoadBalancerOutput::unknown("traffic/load-balancer"),
            attributes: want.attributes().map(|(_, key, value)| (key.to_owned(), value)).into(),
            dual_stack: false,
            addresses: vec![],
            subnets: want.subnets,
            security_groups: want.security_groups,
            internet_gateway: Some("igw-1".into()),
            phase: Phase::Active,
        }
    }

    fn paths(want: &Desired, have: &Observed) -> Vec<String> {
        match LoadBalancer::diff(want, have) {
            Delta::Same => vec![],
            Delta::Update(changes) | Delta::Refused(changes) => changes.into_iter().map(|c| c.path).collect(),
        }
    }

    #[test]
    fn diff_knows_each_field() {
        let table: [(&str, Desired); 6] = [
            (ADDRESS_TYPE, Desired { dual_stack: true, ..want() }),
            (SUBNETS, Desired { subnets: ["subnet-1".into()].into(), ..want() }),
            (SECURITY_GROUPS, Desired { security_groups: ["sg-2".into()].into(), ..want() }),
            ("loadBalancer.idleTimeoutSeconds", Desired { idle_timeout: 90, ..want() }),
            (ACCESS_LOGS, Desired { access_logs: Some("b-1".into()), ..want() }),
            ("loadBalancer.deletionProtection", Desired { deletion_protection: false, ..want() }),
        ];
        assert_eq!(LoadBalancer::diff(&want(), &have()), Delta::Same);
        for (path, want) in table {
            assert_eq!(paths(&want, &have()), [path]);
        }
        let fresh = Observed { attributes: BTreeMap::new(), ..have() };
        assert_eq!(paths(&want(), &fresh).len(), 4);
    }

    #[test]
    fn it_writes_its_log_where_it_should_and_holds_the_bucket() {
        let logged = Desired { access_logs: Some("b-1".into()), ..want() };
        let mut found = have();
        found.attributes.extend(logged.log_attributes().into_iter().map(|(key, value)| (key.to_owned(), value)));
        assert_eq!(LoadBalancer::diff(&logged, &found), Delta::Same);
        assert_eq!(LoadBalancer::holds(&found).last(), Some(&"b-1".into()));
        let Delta::Update(changes) = LoadBalancer::diff(&want(), &found) else { panic!() };
        assert_eq!((changes[0].path.as_str(), changes[0].from.as_str()), (ACCESS_LOGS, "b-1/"));
        // Off, whatever else is still written there, or not said at all.
        found.attributes.extend(want().log_attributes().into_iter().map(|(key, value)| (key.to_owned(), value)));
        assert_eq!(LoadBalancer::diff(&want(), &found), Delta::Same);
        assert_eq!(LoadBalancer::holds(&found), LoadBalancer::holds(&have()));
    }

    #[test]
    fn another_scheme_is_another_load_balancer() {
        let internal = Desired { internal: true, ..want() };
        assert_ne!(LoadBalancer::variant(&want()), LoadBalancer::variant(&internal));
        assert_eq!(LoadBalancer::variant(&want()), LoadBalancer::variant(&Desired { idle_timeout: 7, ..want() }));
    }

    #[test]
    fn it_is_usable_before_it_is_ready() {
        let state = |phase| LoadBalancer::state(&Observed { phase, ..have() });
        assert!(matches!(state(Phase::Active), State::Ready(_)));
        assert!(matches!(state(Phase::Provisioning), State::Settling { usable: Some(_), reason: "Provisioning" }));
        assert!(matches!(state(Phase::Impaired("no room".into())), State::Broken { usable: Some(_), .. }));
        assert_eq!(state(Phase::Failed("no".into())), State::Dead { message: "no".into() });
        assert_eq!(LoadBalancer::holds(&have()), ["subnet-1", "subnet-2", "sg-1", "igw-1"].map(Id::from));
    }
}
