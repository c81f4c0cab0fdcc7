//! The ground that the other tests stand on.

use anyhow::{Context, Result};
use k8s_openapi::api::core::v1::{ConfigMap, Secret, ServiceAccount};
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::Client;
use kube::api::{Api, ListParams, Patch, PatchParams};
use serde_json::json;
use wpc_e2e::harness::{CloudKind, Harness};

#[tokio::test]
async fn a_real_api_server_answers() -> Result<()> {
    let harness = Harness::new("answers", CloudKind::MiniStack).await?;
    let version = harness.client.apiserver_version().await?;
    assert_eq!(version.major, "1");
    Ok(())
}

#[tokio::test]
async fn a_service_account_has_the_rights_of_its_role_and_no_others() -> Result<()> {
    let harness = Harness::new("rights", CloudKind::MiniStack).await?;
    grant_reading_config_maps(&harness).await?;

    let file = harness.control_plane.kubeconfig_for_service_account(&harness.namespace, "reader").await?;
    let reader = harness.control_plane.client_from(&file).await?;
    let own: Api<ConfigMap> = Api::namespaced(reader.clone(), &harness.namespace);
    own.list(&ListParams::default()).await.context("its role lets it")?;
    assert_refused(Api::<Secret>::namespaced(reader.clone(), &harness.namespace)).await?;
    assert_refused(Api::<ConfigMap>::namespaced(reader, "default")).await
}

async fn grant_reading_config_maps(harness: &Harness) -> Result<()> {
    let Harness { client, namespace, .. } = harness;
    apply::<ServiceAccount>(client, namespace, json!({"apiVersion": "v1", "kind": "ServiceAccount"})).await?;
    apply::<Role>(
        client,
        namespace,
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}],
        }),
    )
    .await?;
    apply::<RoleBinding>(
        client,
        namespace,
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
            "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": namespace}],
        }),
    )
    .await
}

async fn apply<K>(client: &Client, namespace: &str, mut object: serde_json::Value) -> Result<()>
where
    K: kube::Resource<Scope = kube::core::NamespaceResourceScope, DynamicType = ()>,
    K: Clone + std::fmt::Debug + serde::de::DeserializeOwned,
{
    object["metadata"] = json!({"name": "reader"});
    let api: Api<K> = Api::namespaced(client.clone(), namespace);
    api.patch("reader", &PatchParams::apply("e2e"), &Patch::Apply(object)).await?;
    Ok(())
}

async fn assert_refused<K>(api: Api<K>) -> Result<()>
where
    K: Clone + std::fmt::Debug + serde::de::DeserializeOwned,
{
    match api.list(&ListParams::default()).await {
        Err(kube::Error::Api(status)) if status.code == 403 => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) => anyhow::bail!("it may list what its role does not name"),
    }
}
