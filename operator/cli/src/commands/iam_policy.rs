use std::process::ExitCode;

use anyhow::{Context, Result};
use comfy_table::{Table, presets};
use wpc_blueprint::Kinds;
use wpc_blueprint::permissions::Permissions;
use wpc_controller::pass;

use crate::args::IamPolicy;
use crate::{manifest, output};

pub async fn iam_policy(args: IamPolicy) -> Result<ExitCode> {
    let permissions = permissions(&args).await?;
    let documents = permissions.documents();
    if let Some(directory) = &args.dir {
        std::fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
        for (document, number) in documents.iter().zip(1..) {
            let file = directory.join(format!("operator-{number}.json"));
            let text = format!("{}\n", serde_json::to_string_pretty(document)?);
            std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    output::print(args.output, &documents, || text(&permissions, documents.len()))?;
    Ok(ExitCode::SUCCESS)
}

/// Of all kinds, or of those that a manifest wants.
async fn permissions(args: &IamPolicy) -> Result<Permissions> {
    let all = Kinds::offline().all();
    let Some(source) = args.source() else {
        let stacks = format!("{}/*", args.cluster.cluster_id);
        return Ok(Permissions::of(&all, |_| true, &stacks, &args.partition));
    };
    let (object, stack) = manifest::read(&source, &args.cluster)?;
    let (assembly, _) = pass::offline(stack.clone(), &object.spec).await?;
    let wanted = |kind: &str| assembly.graph.nodes().any(|(_, wanted)| wanted == kind);
    Ok(Permissions::of(&all, wanted, &stack.to_string(), &args.partition))
}

/// Each permission, and what needs it.
fn text(permissions: &Permissions, documents: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["PERMISSION", "NEEDED BY", "AND BECAUSE"]);
    for (name, need) in &permissions.needs {
        let kinds = need.kinds.iter().copied().collect::<Vec<_>>().join(", ");
        table.add_row([*name, &kinds, &need.because.iter().cloned().collect::<Vec<_>>().join("; ")]);
    }
    let table = table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    let many = if documents == 1 { "policy".to_owned() } else { format!("{documents} policies") };
    format!(
        "{table}\n\n{} permissions, on stacks {}. -o json prints the {many}.",
        permissions.needs.len(),
        permissions.stacks
    )
}
