//! Writes what a pass found.

use kube::api::{Patch, PatchParams};
use kube::{Api, ResourceExt};
use serde_json::json;
use wpc_api::{WordPressCluster, WordPressClusterStatus};

use crate::context::Context;

/// The field manager of everything that the operator writes.
pub(crate) const MANAGER: &str = "wordpress-operator";

/// Writes the status by server-side apply, unless it says nothing new.
pub(crate) async fn write(
    context: &Context,
    object: &WordPressCluster,
    status: WordPressClusterStatus,
) -> Result<(), kube::Error> {
    if object.status.as_ref() == Some(&status) {
        return Ok(());
    }
    let api = Api::<WordPressCluster>::namespaced(context.client.clone(), &object.namespace().unwrap_or_default());
    let patch = json!({
        "apiVersion": "wordpresscluster.dev/v1alpha1",
        "kind": "WordPressCluster",
        "metadata": { "name": object.name_any(), "uid": object.uid() },
        "status": status,
    });
    let params = PatchParams::apply(MANAGER).force();
    match api.patch_status(&object.name_any(), &params, &Patch::Apply(&patch)).await {
        // It is gone: nobody is left to tell.
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        written => written.map(drop),
    }
}
