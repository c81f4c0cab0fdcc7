use std::process::ExitCode;

use anyhow::{Result, anyhow};
use wpc_aws::Access;
use wpc_controller::pass;
use wpc_engine::{Memory, Options, Report};

use crate::args::Apply;
use crate::drive::{Until, account, drive, waiting, worker};
use crate::{manifest, price_lists};

pub async fn apply(args: Apply) -> Result<ExitCode> {
    let (object, stack) = manifest::read(&args.source, &args.cluster)?;
    price_lists::affordable(&object.spec, &args.prices)?;
    let account = account(&object.spec.region, object.spec.role_arn.as_deref(), &stack, &args.cluster).await?;
    let worker = worker(stack.clone(), args.adopt, Access::ReadWrite);
    let hold = pass::hold(&object.spec, false);
    let until = if args.wait { Until::Settled } else { Until::NothingToStart };
    let one_pass = async |memory: &mut Memory, options: &Options<'_>| {
        let options = Options { hold: &hold, ..*options };
        let passed = pass::live(&worker, &object.spec, &account, memory, &options).await;
        passed.map(|(_, report)| report).map_err(|stop| anyhow!("{stop}"))
    };
    let report = drive("applying", until, args.timeout, Report::settled, one_pass).await?;
    match report.settled() {
        true => {
            println!("{stack}: all {} components are ready", report.components.iter().filter(|c| c.claimed).count())
        }
        false => println!("{stack}: {}. Run the command again to go on", waiting(&report)),
    }
    Ok(ExitCode::SUCCESS)
}
