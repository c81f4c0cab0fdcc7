//! `spec.compute`: the web instances.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{quantity::Size, schema::rule};

/// The web instances, in one Auto Scaling group over the zones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Compute {
    /// The processor. It also decides the defaults of instance types and database class.
    pub architecture: Architecture,

    /// Instance types in order of preference. Left out: `m7g.large` on arm64, `m7i.large` on x86_64.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 10), inner(length(max = 32)), extend("x-kubernetes-validations" = [rule(
        "self.all(name, name.matches('^[a-z][a-z0-9-]*[.][a-z0-9-]+$'))",
        "compute.instanceTypes holds what is no instance type: write names such as m7g.large",
    )]))]
    pub instance_types: Option<Vec<String>>,

    /// The machine image.
    pub image: Image,

    /// How many instances.
    pub replicas: Replicas,

    /// When there are more of them.
    pub scaling: Scaling,

    /// How many percent of the instances are spot instances, 0 to 100. Several instance types find more of them.
    #[schemars(range(min = 0, max = 100))]
    pub spot_percent: u8,

    /// Each instance's own disk.
    pub root_volume: RootVolume,

    /// How instances are replaced when what they are made from changes.
    pub rollout: Rollout,

    /// The port on which instances serve HTTP to the load balancer.
    #[schemars(range(min = 1, max = 65535))]
    pub port: u16,
}

impl Default for Compute {
    fn default() -> Self {
        Self {
            architecture: Architecture::default(),
            instance_types: None,
            image: Image::default(),
            replicas: Replicas::default(),
            scaling: Scaling::default(),
            spot_percent: 0,
            root_volume: RootVolume::default(),
            rollout: Rollout::default(),
            port: 80,
        }
    }
}

impl Compute {
    /// The instance types, the preferred one first.
    pub fn instance_types(&self) -> Vec<String> {
        let default = match self.architecture {
            Architecture::Arm64 => "m7g.large",
            Architecture::X86_64 => "m7i.large",
        };
        let given = self.instance_types.clone().filter(|types| !types.is_empty());
        given.unwrap_or_else(|| vec![default.to_owned()])
    }
}

/// The processor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Architecture {
    /// AWS Graviton.
    #[default]
    #[serde(rename = "arm64")]
    Arm64,
    /// Intel and AMD.
    #[serde(rename = "x86_64")]
    X86_64,
}

impl Architecture {
    /// The name that EC2 and the images use.
    pub const fn name(self) -> &'static str {
        match self {
            Architecture::Arm64 => "arm64",
            Architecture::X86_64 => "x86_64",
        }
    }
}

/// The machine image. It is resolved once and pinned; status shows the id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Image {
    /// The distribution.
    pub family: ImageFamily,

    /// This very image. Left out: the family's newest when the site was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 21), extend("x-kubernetes-validations" = [rule(
        "self.matches('^ami-[0-9a-f]{8,17}$')",
        "compute.image.id is no image's id: write one such as ami-0123456789abcdef0",
    )]))]
    pub id: Option<String>,

    /// `Manual` keeps the image until `id` changes; `Automatic` follows the family's newest, one rollout each.
    pub update_policy: UpdatePolicy,
}

/// The distribution on the instances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ImageFamily {
    /// Amazon Linux 2023.
    #[default]
    AmazonLinux2023,
    /// Ubuntu 24.04.
    Ubuntu2404,
    /// Debian 13, which has no package to mount EFS: needs media.offload, or EBS.
    Debian13,
}

/// Whether the image follows the newest of its family.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum UpdatePolicy {
    /// It stays as it is.
    #[default]
    Manual,
    /// It follows.
    Automatic,
}

/// How many instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [rule(
    "self.min <= self.max",
    "compute.replicas.min is above max: lower min, or raise max",
)]))]
pub struct Replicas {
    /// At least so many.
    #[schemars(range(min = 1, max = 500))]
    pub min: u16,
    /// At most so many.
    #[schemars(range(min = 1, max = 500))]
    pub max: u16,
}

impl Default for Replicas {
    fn default() -> Self {
        Self { min: 3, max: 6 }
    }
}

/// When there are more instances than the least.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Scaling {
    /// The average CPU use to keep, in percent.
    #[serde(rename = "targetCPUUtilization")]
    #[schemars(range(min = 10, max = 95))]
    pub target_cpu_utilization: u8,

    /// The requests per instance and minute to keep. Left out: only CPU decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub target_requests_per_instance: Option<u32>,

    /// Other numbers of instances at certain times. Each holds until the next one, so write one for every change;
    /// `replicas` holds until the first.
    #[schemars(length(max = 20), extend("x-kubernetes-validations" = [rule(
        "self.all(schedule, self.exists_one(other, other.name == schedule.name))",
        "compute.scaling.schedules has two of one name: give each a name of its own",
    )]))]
    pub schedules: Vec<Schedule>,
}

impl Default for Scaling {
    fn default() -> Self {
        Self { target_cpu_utilization: 60, target_requests_per_instance: None, schedules: Vec::new() }
    }
}

/// Another number of instances from a certain time on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [rule(
    "self.min <= self.max",
    "a schedule's min is above its max: lower min, or raise max",
)]))]
pub struct Schedule {
    /// A name of its own.
    #[schemars(length(max = 40), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[a-z0-9]([a-z0-9-]*[a-z0-9])?$')",
        "a schedule's name is none: use lower-case letters, digits and hyphens",
    )]))]
    pub name: String,
    /// When: minute, hour, day of month, month, day of week.
    #[schemars(length(max = 64), extend("x-kubernetes-validations" = [rule(
        "self.matches('^([0-9A-Za-z*/,-]+ ){4}[0-9A-Za-z*/,-]+$')",
        "a schedule's cron has not five fields: write minute, hour, day of month, month and day of week, such as 0 6 * * MON-FRI",
    )]))]
    pub cron: String,
    /// At least so many instances.
    #[schemars(range(min = 1, max = 500))]
    pub min: u16,
    /// At most so many.
    #[schemars(range(min = 1, max = 500))]
    pub max: u16,
    /// The IANA time zone of `cron`.
    #[serde(default = "utc")]
    #[schemars(length(max = 64), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[A-Za-z][A-Za-z0-9_+/-]*$')",
        "a schedule's timeZone is none: write an IANA name such as Europe/Berlin or UTC",
    )]))]
    pub time_zone: String,
}

fn utc() -> String {
    "UTC".into()
}

/// Each instance's own disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct RootVolume {
    /// Its size, 8Gi to 16Ti.
    #[schemars(extend("x-kubernetes-validations" = [rule(
        "self.matches('^[1-9][0-9]{0,4}(Gi|Ti)$') && quantity(self).compareTo(quantity('8Gi')) >= 0 && quantity(self).compareTo(quantity('16Ti')) <= 0",
        "compute.rootVolume.size is none: write one from 8Gi to 16Ti, such as 30Gi",
    )]))]
    pub size: Size,
    /// Its kind of EBS volume.
    #[serde(rename = "type")]
    pub kind: VolumeType,
}

impl Default for RootVolume {
    fn default() -> Self {
        Self { size: Size::gibibytes(30), kind: VolumeType::default() }
    }
}

/// A kind of EBS volume.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VolumeType {
    /// General purpose, the present one.
    #[default]
    Gp3,
    /// General purpose, the one before.
    Gp2,
}

impl VolumeType {
    /// The name that AWS uses.
    pub const fn name(self) -> &'static str {
        match self {
            VolumeType::Gp3 => "gp3",
            VolumeType::Gp2 => "gp2",
        }
    }
}

/// How instances are replaced. See "Instance refresh" in the Amazon EC2 Auto Scaling User Guide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [rule(
    "self.maxHealthyPercent - self.minHealthyPercent <= 100",
    "compute.rollout.maxHealthyPercent is more than 100 above minHealthyPercent, which AWS refuses: bring them closer",
)]))]
pub struct Rollout {
    /// `Automatic` replaces instances when the template changes; `Manual` leaves that to a person.
    pub policy: RolloutPolicy,
    /// How many percent of the desired instances stay healthy meanwhile, 0 to 100.
    #[schemars(range(min = 0, max = 100))]
    pub min_healthy_percent: u8,
    /// How many percent there may be meanwhile, 100 to 200.
    #[schemars(range(min = 100, max = 200))]
    pub max_healthy_percent: u8,
    /// Seconds to watch the new instances before the old template is given up, 0 to 172800.
    #[schemars(range(min = 0, max = 172_800))]
    pub bake_seconds: u32,
    /// Goes back to the old template if the new instances fail.
    pub auto_rollback: bool,
}

impl Default for Rollout {
    fn default() -> Self {
        Self {
            policy: RolloutPolicy::default(),
            min_healthy_percent: 100,
            max_healthy_percent: 134,
            bake_seconds: 300,
            auto_rollback: true,
        }
    }
}

/// Who replaces instances when what they are made from changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RolloutPolicy {
    /// The operator.
    #[default]
    Automatic,
    /// A person.
    Manual,
}
