//! Reads a manifest as strictly as the API server would.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use kube::ResourceExt;
use wpc_api::validate::Problem;
use wpc_api::{WordPressCluster, not_yet, validate};
use wpc_blueprint::Stack;

use crate::args::{Cluster, Source};

/// The text of a manifest; `-` is standard input.
pub fn text(file: &Path) -> Result<String> {
    if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
        return Ok(text);
    }
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// Everything that is wrong with a manifest; if nothing is, the object.
pub fn check(text: &str) -> Result<WordPressCluster, Vec<Problem>> {
    let object = validate::manifest(text)?;
    let unsupported = not_yet::not_yet(&object.spec);
    let problems: Vec<_> = unsupported
        .into_iter()
        .map(|entry| Problem { path: format!("spec.{}", entry.path), message: entry.message })
        .collect();
    if problems.is_empty() { Ok(object) } else { Err(problems) }
}

/// The object of a manifest and its stack.
pub fn read(source: &Source, cluster: &Cluster) -> Result<(WordPressCluster, Stack)> {
    let text = text(&source.file)?;
    let object = match check(&text) {
        Ok(object) => object,
        Err(problems) => bail!("{} is not valid:\n{}", source.file.display(), list(&problems)),
    };
    let namespace = object.namespace().unwrap_or_else(|| source.namespace.clone());
    let stack = Stack::new(&cluster.cluster_id, namespace, object.name_any());
    Ok((object, stack))
}

/// One problem a line.
pub fn list(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("  {}: {}", problem.path, problem.message)).collect::<Vec<_>>().join("\n")
}
