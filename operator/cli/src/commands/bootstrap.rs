use std::process::ExitCode;

use anyhow::Result;
use wpc_blueprint::bootstrap::{Bound, script};
use wpc_blueprint::{Blueprint, Facts};

use crate::args::Bootstrap;
use crate::{manifest, output};

/// What is known only once other things are there shows as its component.
pub fn bootstrap(args: &Bootstrap) -> Result<ExitCode> {
    let (object, stack) = manifest::read(&args.source, &args.cluster)?;
    let facts = Facts::assumed(&object.spec.region);
    let blueprint = Blueprint::new(object.spec.clone(), stack, &facts)?;
    output::write(&script(&blueprint, &Bound::unknown(&blueprint)))?;
    Ok(ExitCode::SUCCESS)
}
