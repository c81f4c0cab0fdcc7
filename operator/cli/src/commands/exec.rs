use std::process::ExitCode;

use anyhow::{Result, bail};
use wpc_blueprint::compute::group_name;

use crate::args::{Exec, OnInstance, Wp};
use crate::drive::account;
use crate::manifest;
use crate::session::Session;

/// Where instances have it: not every shell looks there.
const WP: &str = "/usr/local/bin/wp";

pub async fn exec(args: Exec) -> Result<ExitCode> {
    let session = session(&args.on).await?;
    match args.command.is_empty() {
        true => session.shell().await,
        false => session.run(&args.command).await,
    }
}

pub async fn wp(args: Wp) -> Result<ExitCode> {
    let command: Vec<String> = std::iter::once(WP.to_owned()).chain(args.arguments).collect();
    session(&args.on).await?.run(&command).await
}

/// With the instance that was asked for, or the first that serves.
async fn session(on: &OnInstance) -> Result<Session> {
    let (object, stack) = manifest::read(&on.source, &on.cluster)?;
    let spec = &object.spec;
    let account = account(&spec.region, spec.role_arn.as_deref(), &stack, &on.cluster).await?;
    let group = group_name(&stack);
    let serving = account.serving(&group).await?;
    let instance = match (&on.instance, serving.first()) {
        (Some(wanted), _) if serving.contains(wanted) => wanted.clone(),
        (Some(wanted), Some(_)) => bail!("{wanted} serves nothing of this site; these do: {}", serving.join(", ")),
        (None, Some(first)) => first.clone(),
        (_, None) => bail!(
            "no instance of the group {group} in {} serves: see `wpc status`, and whether the manifest, --namespace and --cluster-id are the site's",
            spec.region
        ),
    };
    // Without a role the AWS CLI finds what we found, in its own way.
    let variables = match spec.role_arn {
        Some(_) => account.variables().await?,
        None => vec![],
    };
    Ok(Session { instance, region: spec.region.clone(), variables })
}
