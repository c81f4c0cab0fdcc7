//! One control plane and one cloud of each kind for all tests of a binary, and a corner of each
//! for every test.

use std::path::Path;

use anyhow::Result;
use kube::Client;
use tokio::sync::OnceCell;

use super::chart::{Chart, ensure_namespace};
use super::operator::{Operator, OperatorOptions};
use super::{Account, Cloud, CloudKind, ControlPlane, Endpoints};
use crate::gateway::{Gateway, Profile};

static CONTROL_PLANE: OnceCell<ControlPlane> = OnceCell::const_new();
static MINISTACK: OnceCell<Cloud> = OnceCell::const_new();
static MOTO: OnceCell<Cloud> = OnceCell::const_new();

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
        };
        let cloud = cell.get_or_try_init(|| Cloud::start(kind)).await?;
        let control_plane = CONTROL_PLANE.get_or_try_init(ControlPlane::start).await?;
        let client = control_plane.client().await?;
        let unique = uuid::Uuid::new_v4().simple().to_string();
        let namespace = format!("{name}-{}", &unique[..8]);
        ensure_namespace(&client, &namespace).await?;
        Ok(Self { control_plane, cloud, client, namespace, account: Account::unused() })
    }

    /// A gateway before the cloud, the test's own: its record holds nobody else's calls.
    pub async fn gateway(&self, profile: Profile) -> Result<Gateway> {
        Gateway::start(self.cloud.endpoints().gateway(profile)).await
    }

    /// Installs the chart at `path` into the test's namespace and runs the operator with the
    /// rights that it renders, on that namespace alone.
    ///
    /// `endpoints` are the cloud's, or [`Endpoints::only`] a gateway before it.
    pub async fn operator(&self, path: &Path, endpoints: &Endpoints) -> Result<Operator> {
        let chart = Chart::render(path, &self.namespace, &self.namespace, &[])?;
        chart.apply(&self.client).await?;
        let rights =
            self.control_plane.kubeconfig_for_service_account(&self.namespace, &chart.service_account()?).await?;
        let options = OperatorOptions::new(rights).env(self.account.env(endpoints)).args([
            "--namespace",
            &self.namespace,
            "--cluster-id",
            &self.namespace,
        ]);
        Operator::start(options).await
    }
}
