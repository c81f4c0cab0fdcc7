use std::sync::Arc;

use wpc_engine::{AnyKind, Bound, Verbs};

/// Declares every kind once: the struct, the list that cleanup goes through and the verbs that a cloud must have all
/// come from this one list, so no kind can be forgotten in one of them.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $kind:ty,)*) => {
        /// Every kind of thing that a stack may own, bound to the verbs that reach it.
        pub struct Kinds { $($(#[$doc])* pub $name: Bound<$kind>,)* }

        /// A cloud that has the verbs of every kind.
        pub trait AllVerbs: $(Verbs<$kind> +)* Send + Sync + 'static {}
        impl<V: $(Verbs<$kind> +)* Send + Sync + 'static> AllVerbs for V {}

        impl Kinds {
            /// The kinds of a cloud.
            pub fn of(cloud: &Arc<impl AllVerbs>) -> Self {
                Self { $($name: Bound::new(cloud.clone()),)* }
            }

            /// The kinds, for lists and cleanup.
            pub fn all(&self) -> Vec<Arc<dyn AnyKind>> {
                let Self { $($name,)* } = self;
                vec![$($name.any(),)*]
            }
        }
    };
}

kinds! {
    /// When a number says that something is wrong.
    alarm: crate::monitoring::alarm::Alarm,
    /// What several alarms say together.
    composite_alarm: crate::monitoring::composite_alarm::CompositeAlarm,
    /// Whom alarms tell.
    topic: crate::monitoring::topic::Topic,
    /// Pictures of the numbers.
    dashboard: crate::monitoring::dashboard::Dashboard,
    /// Where logs of one sort go.
    log_group: crate::monitoring::log_group::LogGroup,
    /// The private network.
    vpc: crate::network::vpc::Vpc,
    /// One zone's public or private part of it.
    subnet: crate::network::subnet::Subnet,
    /// Its IPv6 addresses.
    vpc_cidr_block: crate::network::vpc_cidr_block::VpcCidrBlock,
    /// A subnet's part of them.
    subnet_cidr_block: crate::network::subnet_cidr_block::SubnetCidrBlock,
    /// The way out of private subnets for IPv6.
    egress_only_gateway: crate::network::egress_only_gateway::EgressOnlyGateway,
    /// Generated values: the database's credentials, the cache's token.
    secret: crate::secret::StoredSecret,
    /// Its door to the internet.
    internet_gateway: crate::network::internet_gateway::InternetGateway,
    /// A public address for a NAT gateway.
    address: crate::network::address::Address,
    /// The way out of private subnets.
    nat_gateway: crate::network::nat_gateway::NatGateway,
    /// Where a subnet's traffic goes.
    route_table: crate::network::route_table::RouteTable,
    /// Such a table's default route.
    route: crate::network::route::Route,
    /// Which table a subnet follows.
    association: crate::network::association::Association,
    /// A record of its traffic.
    flow_log: crate::network::flow_log::FlowLog,
    /// Under which that is written.
    flow_log_role: crate::network::flow_log_role::FlowLogRole,
    /// The private way to Amazon S3.
    endpoint: crate::network::endpoint::Endpoint,
    /// Whom one part of the stack may talk to: the group itself.
    security_group: crate::network::security_group::SecurityGroup,
    /// One rule of such a group.
    security_group_rule: crate::network::security_group_rule::SecurityGroupRule,
    /// The subnets of the database's instances.
    database_subnets: crate::database::subnet_group::SubnetGroup,
    /// The database's parameters.
    database_parameters: crate::database::parameter_group::ParameterGroup,
    /// The database that is written to.
    database: crate::database::primary::Primary,
    /// The copy of it from before WordPress was upgraded.
    recovery_point: crate::database::recovery_point::RecoveryPoint,
    /// A database that is only read from.
    replica: crate::database::replica::Replica,
    /// Under which RDS monitors its instances.
    monitoring_role: crate::database::monitoring_role::MonitoringRole,
    /// The parameters of a cluster of databases.
    cluster_parameters: crate::database::cluster_parameter_group::ClusterParameterGroup,
    /// A cluster of databases that share their data.
    database_cluster: crate::database::cluster::Cluster,
    /// One of them.
    cluster_instance: crate::database::cluster_instance::ClusterInstance,
    /// The door of the compute pool.
    load_balancer: crate::traffic::load_balancer::LoadBalancer,
    /// The instances behind it.
    target_group: crate::traffic::target_group::TargetGroup,
    /// One of its ports.
    listener: crate::traffic::listener::Listener,
    /// Whom one of its ports lets in.
    entrance: crate::traffic::entrance::Entrance,
    /// What the instances may do.
    role: crate::compute::role::Role,
    /// How they wear it.
    instance_profile: crate::compute::instance_profile::InstanceProfile,
    /// What they are made from.
    launch_template: crate::compute::launch_template::LaunchTemplate,
    /// The instances.
    group: crate::compute::group::Group,
    /// When there are more of them.
    scaling_policy: crate::compute::policy::Policy,
    /// Other numbers of them at certain times.
    schedule: crate::compute::schedule::Schedule,
    /// How they are replaced.
    instance_refresh: crate::compute::instance_refresh::InstanceRefresh,
    /// The file system for uploads.
    file_system: crate::storage::file_system::FileSystem,
    /// Its address in one zone.
    mount_target: crate::storage::mount_target::MountTarget,
    /// The instances' door to the uploads in it.
    access_point: crate::storage::access_point::AccessPoint,
    /// The disk for uploads of a site with one instance.
    volume: crate::storage::volume::Volume,
    /// The subnets that the cache's nodes may lie in.
    cache_subnet_group: crate::cache::subnet_group::SubnetGroup,
    /// How the cache's engine is set up.
    cache_parameter_group: crate::cache::parameter_group::ParameterGroup,
    /// The cache's nodes.
    replication_group: crate::cache::replication_group::ReplicationGroup,
    /// The cache's nodes, of Memcached.
    cache_cluster: crate::cache::cluster::Cluster,
    /// Addresses that the firewall's rules name.
    ip_set: crate::firewall::ip_set::IpSet,
    /// The firewall.
    web_acl: crate::firewall::web_acl::WebAcl,
    /// That it stands before the load balancer.
    web_acl_association: crate::firewall::association::Association,
    /// Where it writes what it stopped.
    firewall_logging: crate::firewall::logging::Logging,
    /// What the content delivery network keeps.
    cache_policy: crate::cdn::cache_policy::CachePolicy,
    /// The distribution before the load balancer.
    distribution: crate::cdn::distribution::Distribution,
    /// That it tells of its requests.
    log_source: crate::cdn::log_source::LogSource,
    /// Where that goes.
    log_destination: crate::cdn::log_destination::LogDestination,
    /// That it does go there.
    log_delivery: crate::cdn::log_delivery::LogDelivery,
    /// A certificate for the site's names.
    certificate: crate::certificate::Certificate,
    /// The record by which a certificate is issued.
    validation: crate::dns::validation::Validation,
    /// One of the site's names.
    alias: crate::dns::alias::Alias,
    /// Whether the site answers, as seen from outside.
    health_check: crate::dns::health_check::HealthCheck,
    /// What everything is encrypted with.
    key: crate::encryption::key::Key,
    /// Where backups are kept.
    backup_vault: crate::backup::vault::Vault,
    /// What backups are made under.
    backup_role: crate::backup::role::Role,
    /// When backups are made.
    backup_plan: crate::backup::plan::Plan,
    /// What is backed up.
    backup_selection: crate::backup::selection::Selection,
    /// A limit on the bill.
    budget: crate::budget::Budget,
    /// How it signs what it asks of a bucket.
    origin_access_control: crate::cdn::origin_access_control::OriginAccessControl,
    /// Where uploads lie, or logs.
    bucket: crate::media::bucket::Bucket,
    /// Who may use it.
    bucket_policy: crate::media::bucket_policy::BucketPolicy,
    /// A record of the calls to AWS.
    trail: crate::audit::trail::Trail,
}

impl Kinds {
    /// The kinds of a cloud in which nothing exists, for plans without one.
    pub fn offline() -> Self {
        Self::of(&Arc::new(wpc_engine::Offline))
    }
}
