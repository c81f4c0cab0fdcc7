//! What another tenant's object may not reach, whatever is written into it.

use std::collections::BTreeSet;

use wpc_api::annotations::{SCOPE, Scope};
use wpc_aws::Login;

use super::*;
use crate::Tenancy;

const PRESS: &str = "arn:aws:iam::210987654321:role/press";
const SHOP: &str = "arn:aws:iam::210987654321:role/shop";

/// An operator that allows each of two namespaces its role, and that must not call AWS.
fn strict(client: Client, require_role: bool) -> Arc<Context> {
    let grants = [format!("press={PRESS}"), format!("shop={SHOP}")];
    let allowed: BTreeSet<_> = grants.iter().map(|grant| grant.parse().expect("a grant")).collect();
    let config = Config { tenancy: Tenancy { allowed, require_role }, ..Config::default() };
    let accounts = Accounts::default().login(Login::of(|| panic!("AWS was called")));
    Arc::new(Context::new(client, config, accounts, "operator-uid".into()))
}

fn recorded(role: Option<&str>, stack: &str) -> String {
    let scope = Scope {
        account: "210987654321".into(),
        region: "eu-west-1".into(),
        role: role.map(Into::into),
        stack: stack.into(),
    };
    scope.to_annotation()
}

/// The object is Stalled for this reason, and nothing else was written to it.
async fn stalled(object: WordPressCluster, require_role: bool, reason: &str, parts: &[&str]) {
    let (client, kube) = Kube::new();
    let action = pass(&readable(object), &strict(client, require_role)).await.expect("a pass");
    assert_ne!(action, Action::await_change(), "it is looked at again");
    let calls = kube.taken();
    assert_eq!(calls.iter().map(Call::word).collect::<Vec<_>>(), ["POST event", "PATCH status"]);
    assert_eq!(calls[0].body["reason"], reason);
    let conditions = calls[1].body["status"]["conditions"].as_array().expect("conditions");
    let stalled = conditions.iter().find(|condition| condition["type"] == "Stalled").expect("Stalled");
    assert_eq!((&stalled["status"], &stalled["reason"]), (&json!("True"), &json!(reason)));
    let message = stalled["message"].as_str().expect("a message");
    assert!(parts.iter().all(|part| message.contains(part)), "{message}");
}

#[tokio::test]
async fn another_namespaces_role_is_refused_before_any_call() {
    let mut object = WordPressCluster::fixture();
    object.spec.role_arn = Some(SHOP.into());
    stalled(object, false, "RoleNotAllowed", &["press", SHOP, "--allow-role", "allowedRoles"]).await;
}

#[tokio::test]
async fn where_a_role_is_required_the_operators_own_identity_is_refused() {
    stalled(WordPressCluster::fixture(), true, "RoleNotAllowed", &["press", "spec.roleArn"]).await;
    let own = recorded(None, "default/press/gazette");
    stalled(WordPressCluster::fixture().deleting().annotated(SCOPE, &own), true, "RoleNotAllowed", &["press"]).await;
}

#[tokio::test]
async fn an_annotation_reaches_no_other_tenants_role() {
    let edited = recorded(Some(SHOP), "default/press/gazette");
    let object = WordPressCluster::fixture().deleting().annotated(SCOPE, &edited);
    stalled(object, false, "RoleNotAllowed", &["press", SHOP]).await;
}

#[tokio::test]
async fn an_annotation_reaches_no_other_stack() {
    for stack in ["default/shop/gazette", "default/press/herald", "other/press/gazette", "gazette"] {
        let edited = recorded(Some(PRESS), stack);
        let mut object = WordPressCluster::fixture().finalized().annotated(SCOPE, &edited);
        object.spec.role_arn = Some(PRESS.into());
        stalled(object.clone(), false, "StackChanged", &[stack, "default/press/gazette", "not touched"]).await;
        stalled(object.deleting(), false, "StackChanged", &[stack, "default/press/gazette"]).await;
    }
}
