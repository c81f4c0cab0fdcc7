use std::io::{self, ErrorKind, Write};

use anyhow::Result;
use serde::Serialize;

use crate::args::Format;

/// Prints for programs, or calls for the text for people.
pub fn print<T: Serialize>(format: Format, value: &T, text: impl FnOnce() -> String) -> Result<()> {
    match format {
        Format::Text => write(&format!("{}\n", text().trim_end())),
        Format::Json => write(&format!("{}\n", serde_json::to_string_pretty(value)?)),
        Format::Yaml => write(&serde_saphyr::to_string(value)?),
    }
}

/// Writes a result to standard output. Whoever closes it early, as `head` does, has seen enough.
pub fn write(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
