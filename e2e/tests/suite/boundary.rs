//! The permissions boundary that the operator is started with bounds every role of a site, whoever wears it.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use wpc_api::WordPressCluster;
use wpc_e2e::gateway::Profile;
use wpc_e2e::harness::CloudKind;
use wpc_e2e::stage::{Stage, sample};

/// What bounds the roles: a policy that every account has.
const OURS: &str = "arn:aws:iam::aws:policy/PowerUserAccess";
const THEIRS: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// The roles of a site, by component.
const ROLES: [&str; 3] = ["backup/role", "compute/role", "database/monitoring-role"];

/// Each role's boundary, by component.
async fn boundaries(stage: &Stage, object: &WordPressCluster) -> Result<BTreeMap<&'static str, Option<String>>> {
    let mut found = BTreeMap::new();
    for component in ROLES {
        let name = super::drift::id_of(object, component)?;
        let params = [("RoleName", name.as_str())];
        let role = stage.harness.cloud.call(&stage.harness.account, "iam", "GetRole", &params).await?;
        found.insert(component, role.text("GetRoleResult/Role/PermissionsBoundary/PermissionsBoundaryArn"));
    }
    Ok(found)
}

fn all(boundary: &str) -> BTreeMap<&'static str, Option<String>> {
    ROLES.map(|component| (component, Some(boundary.to_owned()))).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_bounds_every_role_and_is_put_back() -> Result<()> {
    let bounded = ["--permissions-boundary", OURS];
    let mut stage = Stage::with("bounded", CloudKind::MiniStack, Profile::instant(), &bounded).await?;
    stage.apply("gazette", sample("minimal.yaml")?).await?;
    let object = stage.ready("gazette").await?;
    ensure!(boundaries(&stage, &object).await? == all(OURS), "{:?}", boundaries(&stage, &object).await?);
    let roles = stage.inventory().await?.only(|item| item.kind == "iam/role").0.len();
    ensure!(roles == ROLES.len(), "{roles} roles: the list of this story is not whole");

    // Taken away from one, another one for the others: all three are corrected, by nothing else, in however many passes.
    let mark = stage.mark();
    for (component, call) in ROLES.into_iter().zip(["Delete", "Put", "Put"]) {
        let name = super::drift::id_of(&object, component)?;
        let params = [("RoleName", name.as_str()), ("PermissionsBoundary", THEIRS)];
        let params = if call == "Delete" { &params[..1] } else { &params };
        let action = format!("{call}RolePermissionsBoundary");
        stage.harness.cloud.call(&stage.harness.account, "iam", &action, params).await?;
    }
    stage.pass("gazette").await?;
    let settled = stage.ready("gazette").await?;
    let said = super::drift::said(&stage, &object, &settled).await?;
    for path in ["backup.role", "compute.role", "database.monitoringRole"] {
        let field = format!("{path}.permissionsBoundary");
        let named = said.iter().any(|(reason, message)| reason == "Corrected" && message.contains(&field));
        ensure!(named, "nothing said of {field}: {said:?}");
    }
    let writes = stage.writes_since(mark);
    ensure!(writes == [("PutRolePermissionsBoundary".to_owned(), 3)].into(), "{writes:?}");
    ensure!(boundaries(&stage, &settled).await? == all(OURS), "{:?}", boundaries(&stage, &settled).await?);
    Ok(())
}
