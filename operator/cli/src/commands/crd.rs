use std::process::ExitCode;

use anyhow::Result;

pub fn crd() -> Result<ExitCode> {
    print!("{}", wpc_api::crd_yaml());
    Ok(ExitCode::SUCCESS)
}
