//! Kubeconfig files for the identities of a test.

use std::path::Path;

use anyhow::{Context, Result};
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::api::{Api, PostParams};
use kube::config::{Kubeconfig, NamedAuthInfo};
use serde_json::json;

/// Longer than any suite.
const TOKEN_SECONDS: i64 = 24 * 60 * 60;

/// A kubeconfig for one server, its certificate authority and a bearer token.
pub fn with_token(server: &str, authority: &Path, token: &str) -> Result<Kubeconfig> {
    Ok(serde_json::from_value(json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "e2e", "cluster": {"server": server, "certificate-authority": authority}}],
        "users": [{"name": "e2e", "user": {"token": token}}],
        "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": "e2e"}}],
        "current-context": "e2e",
    }))?)
}

/// `admin`, with the identity of a ServiceAccount in place of the admin's.
pub async fn as_service_account(
    admin: &Kubeconfig,
    client: kube::Client,
    namespace: &str,
    name: &str,
) -> Result<Kubeconfig> {
    let accounts: Api<ServiceAccount> = Api::namespaced(client, namespace);
    let spec = TokenRequestSpec { expiration_seconds: Some(TOKEN_SECONDS), ..Default::default() };
    let answer = accounts
        .create_token_request(name, &PostParams::default(), &TokenRequest { spec, ..Default::default() })
        .await
        .with_context(|| format!("no token for ServiceAccount {namespace}/{name}"))?;
    let token = answer.status.context("a token request without a status")?.token;

    let mut config = admin.clone();
    let current = config.current_context.clone().context("a kubeconfig without a current context")?;
    config.contexts.retain(|context| context.name == current);
    let context = config.contexts.first_mut().and_then(|named| named.context.as_mut());
    let context = context.with_context(|| format!("the context {current} is missing"))?;
    context.user = Some(name.to_owned());
    context.namespace = Some(namespace.to_owned());
    config.auth_infos = vec![serde_json::from_value::<NamedAuthInfo>(json!({"name": name, "user": {"token": token}}))?];
    Ok(config)
}

/// Writes the file that kubectl, helm and the operator read.
pub fn write(config: &Kubeconfig, path: &Path) -> Result<()> {
    std::fs::write(path, serde_saphyr::to_string(config)?).with_context(|| format!("cannot write {}", path.display()))
}
