use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::args::Prices;
use crate::output;

/// The Price List API is in this region, for all of them.
const HOME: &str = "us-east-1";

pub async fn prices(args: Prices) -> Result<ExitCode> {
    let account = match wpc_aws::Accounts::default().open(HOME, None).await {
        Ok(account) => account,
        Err(fault) => bail!("{}: {fault}", fault.reason),
    };
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let (prices, missing) = match account.prices(&args.region, &today).await {
        Ok(read) => read,
        Err(fault) => bail!("{}: {fault}", fault.reason),
    };
    if !missing.is_empty() {
        eprintln!(
            "not in the price list of {}, write them by hand where they matter: {}",
            args.region,
            missing.join(", ")
        );
    }
    output::write(&prices.text())?;
    Ok(ExitCode::SUCCESS)
}
