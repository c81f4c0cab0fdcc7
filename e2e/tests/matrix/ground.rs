//! What lives share, and what each follows: the operators' rights, the object.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use futures::StreamExt;
use kube::api::Api;
use kube::runtime::watcher::watch_object;
use tokio::sync::{OnceCell, watch};
use tokio::time::sleep;
use wpc_api::WordPressCluster;
use wpc_e2e::harness::tools::own;
use wpc_e2e::harness::{Chart, Harness};

static CHART: OnceCell<PathBuf> = OnceCell::const_new();

/// The chart, installed once for all operators of this process: their rights.
pub async fn rights(harness: &Harness) -> Result<PathBuf> {
    let install = async || {
        let namespace = "matrix-operator";
        let chart = Chart::render(&own("../charts/wordpress-operator"), namespace, namespace, &[])?;
        chart.apply(&harness.client).await?;
        harness.control_plane.kubeconfig_for_service_account(namespace, &chart.service_account()?).await
    };
    CHART.get_or_try_init(install).await.cloned()
}

/// The object as it is, by a watch; `None` while it is not there.
pub fn follow(harness: &Harness, name: &str) -> watch::Receiver<Option<Arc<WordPressCluster>>> {
    let api = Api::<WordPressCluster>::namespaced(harness.client.clone(), &harness.namespace);
    let name = name.to_owned();
    let (sender, receiver) = watch::channel(None);
    tokio::spawn(async move {
        let mut changes = std::pin::pin!(watch_object(api, &name));
        while let Some(change) = changes.next().await {
            match change {
                Ok(object) => {
                    if sender.send(object.map(Arc::new)).is_err() {
                        return;
                    }
                }
                // The watch repairs itself, at its own pace.
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        }
    });
    receiver
}
