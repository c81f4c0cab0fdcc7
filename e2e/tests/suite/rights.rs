//! The operator's rights in Kubernetes: what it uses, and nothing else. The API server itself is asked.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::authorization::v1::{ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use kube::Client;
use kube::api::{Api, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::ResourceExt;
use serde_json::{Value, json};
use wpc_e2e::gateway::Profile;
use wpc_e2e::harness::{Chart, CloudKind, Deed, Harness, eventually};
use wpc_e2e::stage::{Stage, chart, sample};

const GROUP: &str = "wordpresscluster.dev";

/// Granted, and used only where a story of seconds does not lead.
const SELDOM: &[(&str, &str, &str, &str)] = &[
    (GROUP, "wordpressclusters", "get", "an object that another version allowed is read raw when it is deleted"),
    ("events.k8s.io", "events", "patch", "an event that comes again counts up"),
    ("coordination.k8s.io", "leases", "get", "somebody else was faster, or the answer to a renewal was lost"),
];

/// What it must not do anywhere: in its own namespace, in others', in the cluster's.
const FORBIDDEN: &[(&str, &str, &[&str])] = &[
    ("", "secrets", &["get", "list", "watch", "create", "update", "patch", "delete"]),
    ("", "configmaps", &["get", "list", "watch", "create", "update", "patch", "delete"]),
    ("", "pods", &["get", "list", "create", "delete"]),
    ("", "pods/exec", &["create"]),
    ("", "nodes", &["get", "list"]),
    ("", "namespaces", &["list", "watch", "create", "patch", "delete"]),
    ("", "serviceaccounts", &["impersonate", "create", "patch"]),
    ("", "serviceaccounts/token", &["create"]),
    ("", "users", &["impersonate"]),
    ("apps", "deployments", &["create", "patch", "delete"]),
    ("rbac.authorization.k8s.io", "roles", &["create", "update", "patch", "bind", "escalate"]),
    ("rbac.authorization.k8s.io", "rolebindings", &["create", "update", "patch"]),
    ("rbac.authorization.k8s.io", "clusterroles", &["create", "update", "patch", "bind", "escalate"]),
    ("rbac.authorization.k8s.io", "clusterrolebindings", &["create", "update", "patch"]),
    ("apiextensions.k8s.io", "customresourcedefinitions", &["create", "update", "patch", "delete"]),
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations", &["create", "patch"]),
    (GROUP, "wordpressclusters", &["create", "update", "delete", "deletecollection"]),
    ("*", "*", &["*"]),
];

fn kind(object: &DynamicObject) -> &str {
    object.types.as_ref().map_or("", |types| types.kind.as_str())
}

/// The rules that bindings of this kind give the chart's ServiceAccount.
fn rules(chart: &Chart, binding: &str) -> Result<Vec<Value>> {
    let account = chart.service_account()?;
    let mine = |object: &&DynamicObject| {
        let subjects = object.data["subjects"].as_array();
        kind(object) == binding && subjects.into_iter().flatten().any(|subject| subject["name"] == account.as_str())
    };
    let mut rules = vec![];
    for bound in chart.objects().iter().filter(mine) {
        let to = &bound.data["roleRef"];
        let role = chart.objects().iter().find(|object| {
            to["kind"] == kind(object)
                && to["name"] == object.name_any().as_str()
                && object.namespace() == bound.namespace()
        });
        let role = role.with_context(|| format!("{} binds what the chart does not have", bound.name_any()))?;
        rules.extend(role.data["rules"].as_array().cloned().unwrap_or_default());
    }
    Ok(rules)
}

fn deeds(rules: &[Value]) -> BTreeSet<Deed> {
    let texts = |rule: &Value, name: &str| -> Vec<String> {
        rule[name].as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
    };
    let mut all = BTreeSet::new();
    for rule in rules {
        for group in texts(rule, "apiGroups") {
            for resource in texts(rule, "resources") {
                all.extend(texts(rule, "verbs").iter().map(|verb| Deed::new(&group, &resource, verb)));
            }
        }
    }
    all
}

/// Whether the API server would let a ServiceAccount.
async fn may(client: &Client, account: (&str, &str), attributes: ResourceAttributes) -> Result<bool> {
    let (namespace, name) = account;
    let groups = ["system:serviceaccounts", &format!("system:serviceaccounts:{namespace}"), "system:authenticated"];
    let spec = SubjectAccessReviewSpec {
        user: Some(format!("system:serviceaccount:{namespace}:{name}")),
        groups: Some(groups.map(str::to_owned).into()),
        resource_attributes: Some(attributes),
        ..Default::default()
    };
    let review = SubjectAccessReview { spec, ..Default::default() };
    let answer = Api::<SubjectAccessReview>::all(client.clone()).create(&PostParams::default(), &review).await?;
    Ok(answer.status.context("a review without a status")?.allowed)
}

fn attributes(namespace: Option<&str>, (group, resource, verb): (&str, &str, &str), name: &str) -> ResourceAttributes {
    let (resource, part) = resource.split_once('/').unwrap_or((resource, ""));
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    ResourceAttributes {
        namespace: namespace.map(str::to_owned),
        group: some(group),
        resource: some(resource),
        subresource: some(part),
        verb: some(verb),
        name: some(name),
        ..Default::default()
    }
}

/// What it may of what it must not.
async fn too_much(client: &Client, account: (&str, &str)) -> Result<Vec<String>> {
    let mut found = vec![];
    for place in [Some(account.0), Some("default"), Some("kube-system"), None] {
        for (group, resource, verbs) in FORBIDDEN {
            for verb in *verbs {
                if may(client, account, attributes(place, (group, resource, verb), "")).await? {
                    found.push(format!("{verb} {resource}.{group} in {place:?}"));
                }
            }
        }
    }
    Ok(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_chart_grants_is_used() -> Result<()> {
    let mut stage = Stage::with("rights", CloudKind::MiniStack, Profile::instant(), &["--leader-elect"]).await?;
    // One that stands by watches the Lease.
    let _standby = stage.operator.replica().await?;
    let (namespace, account) = (stage.harness.namespace.clone(), stage.service_account()?);
    stage.apply("gazette", sample("minimal.yaml")?).await?;
    stage.ready("gazette").await?;
    stage.delete("gazette").await?;
    stage.gone("gazette").await?;

    let rendered = chart(&namespace, &[])?;
    let granted: BTreeSet<Deed> = ["ClusterRoleBinding", "RoleBinding"]
        .iter()
        .map(|kind| rules(&rendered, kind))
        .collect::<Result<Vec<_>>>()?
        .iter()
        .flat_map(|rules| deeds(rules))
        .collect();
    let seldom: BTreeSet<Deed> =
        SELDOM.iter().map(|(group, resource, verb, _)| Deed::new(group, resource, verb)).collect();
    // The log may be a moment behind.
    eventually("every right to be used", async || {
        let used = stage.harness.control_plane.deeds(&namespace, &account)?;
        let unused: Vec<_> = granted.difference(&used).filter(|deed| !seldom.contains(deed)).collect();
        ensure!(unused.is_empty(), "granted and not used: {unused:#?}");
        let refused: Vec<_> = used.difference(&granted).collect();
        ensure!(refused.is_empty(), "asked for and not granted: {refused:#?}");
        Ok(())
    })
    .await?;
    ensure!(seldom.is_subset(&granted), "not granted any more: {:#?}", seldom.difference(&granted));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_may_do_nothing_else() -> Result<()> {
    let Harness { client, namespace, .. } = Harness::new("least", CloudKind::MiniStack).await?;
    let rendered = chart(&namespace, &[])?;
    rendered.apply(&client).await?;
    let name = rendered.service_account()?;
    let account = (namespace.as_str(), name.as_str());
    let patch = (GROUP, "wordpressclusters/status", "patch");
    eventually("the chart's rights", async || {
        ensure!(may(&client, account, attributes(Some("default"), patch, "")).await?, "not yet");
        Ok(())
    })
    .await?;
    let found = too_much(&client, account).await?;
    ensure!(found.is_empty(), "it may {found:#?}");
    for (namespace, allowed) in [("kube-system", true), ("default", false)] {
        let get = attributes(None, ("", "namespaces", "get"), namespace);
        ensure!(may(&client, account, get).await? == allowed, "namespace {namespace}");
    }

    // The guard sees it if somebody adds what must not be.
    let rule = json!([{ "apiGroups": [""], "resources": ["secrets"], "verbs": ["get"] }]);
    grant_too_much(&client, account, rule).await?;
    eventually("the guard to see a right to Secrets", async || {
        let found = too_much(&client, account).await?;
        ensure!(found.len() == 4 && found.iter().all(|what| what.starts_with("get secrets")), "{found:#?}");
        Ok(())
    })
    .await
}

async fn grant_too_much(client: &Client, (namespace, account): (&str, &str), rules: Value) -> Result<()> {
    let name = format!("{namespace}-too-much");
    let version = "rbac.authorization.k8s.io/v1";
    let role = json!({ "apiVersion": version, "kind": "ClusterRole", "metadata": { "name": name }, "rules": rules });
    let binding = json!({
        "apiVersion": version,
        "kind": "ClusterRoleBinding",
        "metadata": { "name": name },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name },
        "subjects": [{ "kind": "ServiceAccount", "name": account, "namespace": namespace }],
    });
    let params = PatchParams::apply("e2e");
    Api::<ClusterRole>::all(client.clone()).patch(&name, &params, &Patch::Apply(role)).await?;
    Api::<ClusterRoleBinding>::all(client.clone()).patch(&name, &params, &Patch::Apply(binding)).await?;
    Ok(())
}

#[test]
fn in_some_namespaces_only_nothing_but_one_name_is_read_in_the_cluster() -> Result<()> {
    let rendered = chart("operators", &[("watchNamespaces", "{press,shop}")])?;
    let cluster = rules(&rendered, "ClusterRoleBinding")?;
    ensure!(deeds(&cluster) == BTreeSet::from([Deed::new("", "namespaces", "get")]), "{cluster:#?}");
    ensure!(cluster.iter().all(|rule| rule["resourceNames"] == json!(["kube-system"])), "{cluster:#?}");
    Ok(())
}

/// The resource refers to no Secret of Kubernetes: there is nothing by which one of another namespace could be read. A
/// field that does needs its own test that only the object's namespace is looked into.
#[test]
fn no_field_refers_to_a_secret() -> Result<()> {
    let crd = serde_json::to_value(wpc_api::crd())?;
    let spec = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
    let mut found = vec![];
    fields(spec, "spec", &mut found);
    ensure!(found.len() > 100, "the schema was not read: {found:?}");
    let secrets: Vec<_> = found.iter().filter(|path| path.to_ascii_lowercase().contains("secret")).collect();
    ensure!(secrets.is_empty(), "{secrets:?}");
    Ok(())
}

fn fields(schema: &Value, path: &str, found: &mut Vec<String>) {
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        fields(field, &path, found);
        found.push(path);
    }
    if schema["items"].is_object() {
        fields(&schema["items"], path, found);
    }
}
