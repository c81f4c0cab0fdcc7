use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use kube::ResourceExt;
use wpc_api::v1alpha1::DeletionPolicy;
use wpc_aws::Access;
use wpc_blueprint::Stack;
use wpc_controller::pass;
use wpc_engine::{Memory, Options, Removal, Report};

use crate::args::Destroy;
use crate::drive::{Until, account, drive, worker};
use crate::manifest;

/// What is to be destroyed.
struct Target {
    stack: Stack,
    region: String,
    role: Option<String>,
    removal: Removal,
}

pub async fn destroy(args: Destroy) -> Result<ExitCode> {
    let Target { stack, region, role, removal } = target(&args)?;
    let account = account(&region, role.as_deref(), &stack, &args.cluster).await?;
    let worker = worker(stack.clone(), args.adopt, Access::ReadWrite);
    let one_pass = async |memory: &mut Memory, options: &Options<'_>| {
        let options = Options { removal, ..*options };
        Ok(pass::destroy(&worker, &account, memory, &options).await)
    };
    let report = drive("destroying", Until::Settled, args.timeout, Report::removed, one_pass).await?;
    println!("{stack}: gone");
    for kept in report.kept() {
        println!("kept: {} {}", kept.key.name, kept.id.as_ref().map_or("", |id| id.as_str()));
    }
    Ok(ExitCode::SUCCESS)
}

/// A manifest's own deletion policy holds. Without a manifest data is kept, unless its removal is confirmed.
fn target(args: &Destroy) -> Result<Target> {
    let (stack, region, role, policy) = match (&args.file, &args.stack) {
        (Some(file), _) => {
            // An invalid spec is no reason to keep a stack: its name and region are enough.
            let text = manifest::text(file)?;
            let object: wpc_api::WordPressCluster = serde_saphyr::from_str(&text)
                .with_context(|| format!("{} names no stack; use --stack", file.display()))?;
            let namespace = object.namespace().unwrap_or_else(|| args.namespace.clone());
            let stack = Stack::new(&args.cluster.cluster_id, namespace, object.name_any());
            (stack, object.spec.region, object.spec.role_arn, object.spec.deletion_policy)
        }
        (None, Some(stack)) => {
            let policy = if args.confirm.is_some() { DeletionPolicy::Delete } else { DeletionPolicy::Snapshot };
            (stack.parse::<Stack>()?, args.region.clone().unwrap_or_default(), args.role_arn.clone(), policy)
        }
        (None, None) => bail!("name the stack by -f FILE or --stack ID"),
    };
    if let Some(name) = args.confirm.as_ref().filter(|name| *name != stack.object()) {
        bail!("--confirm says {name:?}, the stack is {:?}; nothing was done", stack.object());
    }
    if policy == DeletionPolicy::Delete && args.confirm.is_none() {
        eprintln!("deletionPolicy is Delete: data is kept all the same, unless you add --confirm {}", stack.object());
    }
    Ok(Target { removal: pass::removal(policy, args.confirm.is_some()), stack, region, role })
}
