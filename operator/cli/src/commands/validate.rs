use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;

use crate::args::{Format, Validate};
use crate::manifest;

pub fn validate(args: Validate) -> Result<ExitCode> {
    let text = manifest::text(&args.file)?;
    let problems = manifest::check(&text).err().unwrap_or_default();
    let valid = problems.is_empty();
    match args.output {
        Format::Text if valid => println!("{}: valid", args.file.display()),
        Format::Text => eprintln!("{}: not valid\n{}", args.file.display(), manifest::list(&problems)),
        format => {
            let problems: Vec<_> =
                problems.iter().map(|problem| json!({"path": problem.path, "message": problem.message})).collect();
            crate::output::print(format, &json!({"valid": valid, "problems": problems}), String::new)?;
        }
    }
    Ok(if valid { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
