//! The Helm chart, rendered by helm and applied by us.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Client;
use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::core::{GroupVersionKind, ResourceExt};
use kube::discovery::{Scope, pinned_kind};
use kube::runtime::conditions::is_crd_established;
use kube::runtime::wait::Condition;

use super::tools;
use super::wait::eventually;

/// What `helm template` makes of a chart: CustomResourceDefinitions first.
#[derive(Debug, Clone)]
pub struct Chart {
    namespace: String,
    objects: Vec<DynamicObject>,
}

impl Chart {
    /// Renders the chart at `path` as the release `release` in `namespace`, with `values` as
    /// `--set` has them.
    pub fn render(path: &Path, release: &str, namespace: &str, values: &[(&str, &str)]) -> Result<Self> {
        let mut helm = Command::new(tools::binary("helm")?);
        helm.args(["template", release]).arg(path).args(["--namespace", namespace, "--include-crds"]);
        for (name, value) in values {
            helm.args(["--set", &format!("{name}={value}")]);
        }
        let output = helm.output().context("cannot run helm")?;
        if !output.status.success() {
            bail!("helm template failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        Self::parse(namespace, &String::from_utf8(output.stdout)?)
    }

    fn parse(namespace: &str, manifests: &str) -> Result<Self> {
        // "on" and "y" are text, as in YAML 1.2.
        let options = serde_saphyr::options! { strict_booleans: true };
        let parsed = serde_saphyr::from_multiple_with_options::<Option<DynamicObject>>(manifests, options);
        let mut objects: Vec<DynamicObject> =
            parsed.context("helm rendered something that is no list of objects")?.into_iter().flatten().collect();
        objects.sort_by_key(|object| kind(object) != "CustomResourceDefinition");
        Ok(Self { namespace: namespace.to_owned(), objects })
    }

    /// The objects, in the order in which they are applied.
    pub fn objects(&self) -> &[DynamicObject] {
        &self.objects
    }

    /// The name of its one ServiceAccount.
    pub fn service_account(&self) -> Result<String> {
        let mut accounts = self.objects.iter().filter(|object| kind(object) == "ServiceAccount");
        match (accounts.next(), accounts.next()) {
            (Some(account), None) => Ok(account.name_any()),
            _ => bail!("the chart has not exactly one ServiceAccount"),
        }
    }

    /// The value of an argument of its one Deployment's container.
    pub fn argument(&self, name: &str) -> Result<String> {
        let deployment = self.objects.iter().find(|object| kind(object) == "Deployment").context("no Deployment")?;
        let args = deployment.data["spec"]["template"]["spec"]["containers"][0]["args"].as_array();
        let mut args = args.into_iter().flatten().filter_map(|arg| arg.as_str()?.split_once('='));
        let found = args.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned());
        found.with_context(|| format!("the Deployment has no argument {name}"))
    }

    /// Applies everything, and waits until the resources that the chart defines are served.
    pub async fn apply(&self, client: &Client) -> Result<()> {
        ensure_namespace(client, &self.namespace).await?;
        for object in &self.objects {
            self.apply_one(client, object)
                .await
                .with_context(|| format!("cannot apply {} {}", kind(object), object.name_any()))?;
        }
        Ok(())
    }

    async fn apply_one(&self, client: &Client, object: &DynamicObject) -> Result<()> {
        let types = object.types.as_ref().context("an object without apiVersion and kind")?;
        let (resource, capabilities) = pinned_kind(client, &GroupVersionKind::try_from(types)?).await?;
        let api: Api<DynamicObject> = match capabilities.scope {
            Scope::Cluster => Api::all_with(client.clone(), &resource),
            Scope::Namespaced => {
                let namespace = object.namespace().unwrap_or_else(|| self.namespace.clone());
                Api::namespaced_with(client.clone(), &namespace, &resource)
            }
        };
        let name = object.name_any();
        api.patch(&name, &PatchParams::apply("helm").force().validation_strict(), &Patch::Apply(object)).await?;
        if kind(object) == "CustomResourceDefinition" {
            established(client, &name).await?;
        }
        Ok(())
    }
}

/// Makes the namespace unless it is there.
pub async fn ensure_namespace(client: &Client, name: &str) -> Result<()> {
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let object = serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    namespaces.patch(name, &PatchParams::apply("e2e"), &Patch::Apply(object)).await?;
    Ok(())
}

async fn established(client: &Client, name: &str) -> Result<()> {
    let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
    eventually(&format!("{name} to be served"), async || {
        let definition = definitions.get(name).await?;
        anyhow::ensure!(is_crd_established().matches_object(Some(&definition)), "it is not established");
        Ok(())
    })
    .await
}

fn kind(object: &DynamicObject) -> &str {
    object.types.as_ref().map_or("", |types| types.kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RENDERED: &str = "
---
# Source: chart/templates/empty.yaml
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: operator}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec: {}
";

    #[test]
    fn definitions_come_first_and_empty_documents_go() -> Result<()> {
        let chart = Chart::parse("sites", RENDERED)?;
        let kinds: Vec<_> = chart.objects().iter().map(kind).collect();
        assert_eq!(kinds, ["CustomResourceDefinition", "ServiceAccount"]);
        assert_eq!(chart.service_account()?, "operator");
        Ok(())
    }
}
