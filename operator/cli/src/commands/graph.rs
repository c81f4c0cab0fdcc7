use std::process::ExitCode;

use anyhow::Result;
use wpc_controller::pass;

use crate::args::Graph;
use crate::{manifest, output};

pub async fn graph(args: Graph) -> Result<ExitCode> {
    let (object, stack) = manifest::read(&args.source, &args.cluster)?;
    let (assembly, _) = pass::offline(stack, &object.spec).await?;
    output::write(&assembly.graph.dot())?;
    Ok(ExitCode::SUCCESS)
}
