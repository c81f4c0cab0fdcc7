use serde_json::Value;

use crate::{command, minimal, repository, stderr, stdout, wpc, wpc_with_input};

const MINIMAL: &str = "
apiVersion: wordpresscluster.dev/v1alpha1
kind: WordPressCluster
metadata: {name: gazette}
spec:
  region: us-east-1
  site: {domains: [gazette.example.com], adminEmail: web@example.com}
";

/// A valid manifest, and a line more in its spec.
fn with(line: &str) -> String {
    format!("{MINIMAL}  {line}\n")
}

#[test]
fn bad_input_is_refused_with_the_path_and_what_to_write() {
    let table = [
        ("compute: {replicas: {min: 9, max: 6}}", "spec.compute.replicas", "lower min, or raise max"),
        ("database: {storage: {size: 100Gi, max: 50Gi}}", "spec.database.storage", "raise max to size or more"),
        ("network: {cidr: 10.42.0.0/28}", "spec.network.cidr", "/16 to /22"),
        ("network: {availabilityZones: {count: 7}}", "spec.network.availabilityZones.count", "6"),
        ("database: {readReplicas: 2, backupRetentionDays: 0}", "spec.database", "backupRetentionDays to 1 or more"),
        ("hibernate: true", "spec.hibernate", "not supported yet: leave it out, or write false"),
        ("tags: {'aws:owner': me}", "spec.tags", "choose another prefix"),
    ];
    for (line, path, advice) in table {
        let output = wpc_with_input(&["validate", "-f", "-"], &with(line));
        assert_eq!(output.status.code(), Some(1), "{line}");
        let said = stderr(&output);
        assert!(said.contains(path) && said.contains(advice), "{line}: {said}");
        assert_eq!(stdout(&output), "", "{line}: errors go to standard error");
    }
}

#[test]
fn a_field_that_does_not_exist_gets_a_hint() {
    let output = wpc_with_input(&["validate", "-f", "-"], &with("databse: {}"));
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("spec.databse: is no field; did you mean `database`?"), "{}", stderr(&output));
}

#[test]
fn programs_get_the_problems_as_json() {
    let output = wpc_with_input(&["validate", "-o", "json", "-f", "-"], &with("compute: {replicas: {min: 9, max: 6}}"));
    assert_eq!(output.status.code(), Some(1));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["valid"], false);
    assert_eq!(answer["problems"][0]["path"], "spec.compute.replicas");
    let answer: Value =
        serde_json::from_slice(&wpc_with_input(&["validate", "-o", "json", "-f", "-"], MINIMAL).stdout).unwrap();
    assert_eq!(answer, serde_json::json!({"valid": true, "problems": []}));
}

#[test]
fn what_is_not_valid_is_not_planned_either() {
    let output = wpc_with_input(&["plan", "--offline", "-f", "-"], &with("compute: {replicas: {min: 9, max: 6}}"));
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("spec.compute.replicas"), "{}", stderr(&output));
    let output = wpc(&["plan", "--offline", "-f", "no-such-file.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("no-such-file.yaml"), "{}", stderr(&output));
}

#[test]
fn a_plan_reads_standard_input_and_prints_every_format() {
    for format in ["text", "json", "yaml"] {
        let output = wpc_with_input(&["plan", "--offline", "-o", format, "-f", "-"], MINIMAL);
        assert_eq!(output.status.code(), Some(2), "{format}: {}", stderr(&output));
        assert!(stdout(&output).contains("network/vpc"), "{format}");
        assert_eq!(stderr(&output), "", "{format}");
    }
}

#[test]
fn the_checked_in_definition_is_the_one_that_is_printed() {
    let printed = stdout(&wpc(&["crd"]));
    let name = "wordpressclusters.wordpresscluster.dev.yaml";
    for folder in ["crds", "charts/wordpress-operator/files"] {
        let kept = std::fs::read_to_string(repository(folder).join(name)).unwrap();
        assert!(kept == printed, "{folder}/{name} is stale: run make crds");
    }
}

#[test]
fn the_checked_in_policies_are_the_ones_that_are_printed() {
    let output = wpc(&["iam-policy", "-o", "json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let printed: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let file = |number: usize| repository(&format!("config/iam/operator-{number}.json"));
    for (document, number) in printed.iter().zip(1..) {
        let kept: Value = serde_json::from_str(&std::fs::read_to_string(file(number)).unwrap()).unwrap();
        assert!(kept == *document, "config/iam/operator-{number}.json is stale: run make iam");
    }
    assert!(!file(printed.len() + 1).exists(), "config/iam holds too much: run make iam");
}

#[test]
fn a_manifest_needs_no_more_than_it_wants() {
    let without = with("firewall: {enabled: false}");
    let allowed = |manifest: &str| stdout(&wpc_with_input(&["iam-policy", "-o", "json", "-f", "-"], manifest));
    assert!(allowed(MINIMAL).contains("wafv2:CreateWebACL") && !allowed(&without).contains("wafv2:CreateWebACL"));
    assert!(allowed(MINIMAL).contains("\"aws:ResourceTag/wordpresscluster.dev/stack\": \"default/default/gazette\""));
    let reasons = stdout(&wpc(&["iam-policy"]));
    assert!(
        reasons.contains("elasticloadbalancing:SetWebACL") && reasons.contains("wafv2:AssociateWebACL: "),
        "{reasons}"
    );
}

#[test]
fn a_graph_is_dot() {
    let output = wpc(&["graph", "-f", &minimal()]);
    assert!(output.status.success(), "{}", stderr(&output));
    let dot = stdout(&output);
    assert!(dot.starts_with("digraph ") && dot.trim_end().ends_with('}'), "{dot}");
    assert!(dot.contains("\"network/vpc\" -> \"network/subnet-public-a\""), "{dot}");
}

#[test]
fn whoever_reads_only_the_beginning_hears_no_complaint() {
    for args in [&["crd"][..], &["graph", "-f", &minimal()], &["plan", "--offline", "-o", "json", "-f", &minimal()]] {
        let mut child = command(args).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(stderr(&output), "", "{args:?}");
        assert!(matches!(output.status.code(), Some(0 | 2)), "{args:?}");
    }
}

#[test]
fn every_command_explains_itself() {
    let all = stdout(&wpc(&["--help"]));
    for command in ["run", "crd", "validate", "plan", "apply", "destroy", "status", "graph"] {
        assert!(all.lines().any(|line| line.trim_start().starts_with(command)), "--help leaves out {command}");
        let output = wpc(&[command, "--help"]);
        assert!(output.status.success(), "{command}");
        let help = stdout(&output);
        assert!(help.contains("Usage: wpc") && help.lines().next().is_some_and(|line| line.len() > 10), "{command}");
    }
}

#[test]
fn a_wrong_command_line_is_an_error_and_no_plan() {
    let output = wpc(&["plan"]);
    assert!(stderr(&output).contains("--file"), "{}", stderr(&output));
    // Two would mean: there is something to change.
    assert_eq!(output.status.code(), Some(1));
    let output = wpc(&["destroy", "--stack", "default/press/gazette"]);
    assert!(stderr(&output).contains("--region"), "{}", stderr(&output));
    let output = wpc(&["plan", "--cluster-id", "A/B", "--offline", "-f", &minimal()]);
    assert!(stderr(&output).contains("no cluster id; write up to 63"), "{}", stderr(&output));
}

#[test]
fn an_unconfirmed_or_misspelt_destruction_touches_nothing() {
    let args = ["destroy", "--stack", "default/press/gazette", "--region", "us-east-1", "--confirm", "gazete"];
    let output = wpc(&args);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("nothing was done"), "{}", stderr(&output));
}

#[test]
fn without_a_cluster_status_says_what_is_missing() {
    let output = wpc(&["status", "gazette"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("KUBECONFIG"), "{}", stderr(&output));
}
