use std::process::ExitCode;

use anyhow::{Result, anyhow};
use comfy_table::{Table, presets};
use serde_json::json;
use wpc_aws::Access;
use wpc_blueprint::preflight::{Check, Verdict};
use wpc_controller::pass;
use wpc_engine::Options;

use crate::args::Preflight;
use crate::drive::{account, worker};
use crate::{manifest, output};

pub async fn preflight(args: Preflight) -> Result<ExitCode> {
    let (object, stack) = manifest::read(&args.source, &args.cluster)?;
    let account = account(&object.spec.region, object.spec.role_arn.as_deref(), &stack, &args.cluster).await?;
    let worker = worker(stack, false, Access::ReadOnly);
    let checks = pass::preflight(&worker, &object.spec, &account, &Options::plan()).await;
    let checks = checks.map_err(|stop| anyhow!("{stop}"))?;
    let failed = checks.iter().flatten().any(|check| check.verdict == Verdict::Failed);
    let printed = json!({ "exists": checks.is_none(), "ok": !failed, "checks": checks.as_deref().unwrap_or_default() });
    output::print(args.output, &printed, || text(checks.as_deref()))?;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn text(checks: Option<&[Check]>) -> String {
    let Some(checks) = checks else {
        return "The site exists: there is nothing to check before it is made. See `wpc plan`.".into();
    };
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["CHECK", "", "WHAT WAS FOUND"]);
    for Check { name, verdict, message, .. } in checks {
        table.add_row([name, &*format!("{verdict:?}"), message]);
    }
    table.to_string()
}
