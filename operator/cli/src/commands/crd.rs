use std::process::ExitCode;

use anyhow::Result;

use crate::output;

pub fn crd() -> Result<ExitCode> {
    output::write(&wpc_api::crd_yaml())?;
    Ok(ExitCode::SUCCESS)
}
