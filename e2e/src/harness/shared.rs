//! One control plane and one cloud of each kind for all tests of a binary, and a corner of each
//! for every test.

use anyhow::{Context, Result};
use kube::Client;
use tokio::sync::OnceCell;

use super::chart::ensure_namespace;
use super::{Account, Cloud, CloudKind, ControlPlane};
use crate::gateway::{Gateway, Profile};

static CONTROL_PLANE: OnceCell<ControlPlane> = OnceCell::const_new();
static MINISTACK: OnceCell<Cloud> = OnceCell::const_new();
static MOTO: OnceCell<Cloud> = OnceCell::const_new();
static LOCALSTACK: OnceCell<Cloud> = OnceCell::const_new();

/// A test's own corner: a namespace and an AWS account that nobody else uses.
///
/// # Assumptions
/// One test, one harness: the client belongs to the runtime of the test that made it.
#[derive(Clone)]
pub struct Harness {
    /// The control plane, shared by all tests of the binary.
    pub control_plane: &'static ControlPlane,
    /// The cloud, shared by all tests of the binary.
    pub cloud: &'static Cloud,
    /// A client with every right.
    pub client: Client,
    /// The test's own namespace, which exists.
    pub namespace: String,
    /// The test's own account.
    pub account: Account,
}

impl Harness {
    /// Starts what is not running yet, and makes room for one test; `name` begins the
    /// namespace's.
    pub async fn new(name: &str, kind: CloudKind) -> Result<Self> {
        let cell = match kind {
            CloudKind::MiniStack => &MINISTACK,
            CloudKind::Moto => &MOTO,
            CloudKind::LocalStack => &LOCALSTACK,
        };
        let cloud = cell.get_or_try_init(|| Cloud::start(kind)).await?;
        let control_plane = CONTROL_PLANE.get_or_try_init(ControlPlane::start).await?;
        let client = control_plane.client().await?;
        let namespace = unique(name);
        ensure_namespace(&client, &namespace).await?;
        Ok(Self { control_plane, cloud, client, namespace, account: Account::unused() })
    }

    /// Another namespace beside this one, in the same account.
    pub async fn neighbour(&self, name: &str) -> Result<Self> {
        let namespace = unique(name);
        ensure_namespace(&self.client, &namespace).await?;
        Ok(Self { namespace, ..self.clone() })
    }

    /// Makes a hosted zone in the account; answers its id.
    pub async fn zone(&self, name: &str) -> Result<String> {
        let body = format!(
            "<CreateHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Name>{name}</Name>\
             <CallerReference>{}</CallerReference></CreateHostedZoneRequest>",
            unique("zone")
        );
        let answer = self.cloud.send(&self.account, ("route53", "CreateHostedZone"), &[], &body, None).await?;
        let id = answer.tree().and_then(|tree| tree.text("HostedZone/Id")).context("no hosted zone")?;
        Ok(id.trim_start_matches("/hostedzone/").to_owned())
    }

    /// Makes a recovery point of a file system in a vault of nobody's; answers its ARN. MiniStack's gaps fail the jobs that
    /// restore a broken one.
    pub async fn recovery_point(&self, broken: bool) -> Result<String> {
        let vault = unique("elsewhere");
        let send = async |action: &str, params: &[(&str, &str)], body: &str| {
            self.cloud.send(&self.account, ("backup", action), params, body, None).await
        };
        send("CreateBackupVault", &[("BackupVaultName", &vault)], "{}").await?;
        let of = format!("arn:aws:elasticfilesystem:us-east-1:{}:file-system/fs-gone", self.account.number());
        let tags = if broken { r#"{"restore": "fails"}"# } else { "{}" };
        let job = format!(
            r#"{{"BackupVaultName": "{vault}", "ResourceArn": "{of}", "IamRoleArn": "arn:aws:iam::0:role/r", "RecoveryPointTags": {tags}}}"#
        );
        let answer = send("StartBackupJob", &[], &job).await?;
        answer.tree().and_then(|tree| tree.text("RecoveryPointArn")).context("no recovery point")
    }

    /// A gateway before the cloud, the test's own: its record holds nobody else's calls.
    pub async fn gateway(&self, profile: Profile) -> Result<Gateway> {
        Gateway::start(self.cloud.endpoints().gateway(profile)).await
    }
}

fn unique(name: &str) -> String {
    format!("{name}-{}", &uuid::Uuid::new_v4().simple().to_string()[..8])
}
