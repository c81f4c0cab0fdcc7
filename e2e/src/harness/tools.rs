//! Where `make tools` leaves the programs that the harness starts.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// The cache folder of `make tools`.
fn cache() -> Result<PathBuf> {
    let root = match std::env::var_os("XDG_CACHE_HOME") {
        Some(path) if !path.is_empty() => PathBuf::from(path),
        _ => PathBuf::from(std::env::var_os("HOME").context("neither XDG_CACHE_HOME nor HOME is set")?).join(".cache"),
    };
    Ok(root.join("wordpress-operator"))
}

/// `path` if it exists; otherwise says how to get it.
fn existing(path: PathBuf) -> Result<PathBuf> {
    if !path.exists() {
        bail!("{} is missing: run `make tools`", path.display());
    }
    Ok(path)
}

/// etcd or kube-apiserver, by envtest's convention.
pub fn control_plane(program: &str) -> Result<PathBuf> {
    match std::env::var_os("KUBEBUILDER_ASSETS") {
        Some(assets) if !assets.is_empty() => existing(PathBuf::from(assets).join(program)),
        _ => existing(cache()?.join("controlplane").join(program)),
    }
}

/// helm.
pub fn binary(program: &str) -> Result<PathBuf> {
    existing(cache()?.join("bin").join(program))
}

/// The Python that has the named cloud installed.
pub fn cloud_python(cloud: &str) -> Result<PathBuf> {
    existing(cache()?.join("clouds").join(cloud).join("bin").join("python"))
}

/// Where AWS's service models are: moto's Python has botocore, newer than MiniStack's.
pub fn service_models() -> PathBuf {
    cache().unwrap_or_default().join("clouds").join("moto")
}

/// A file of this crate's folder: cargo and make say where that is now, since a program may have been built in another
/// checkout that shares the target folder.
pub fn own(path: &str) -> PathBuf {
    let built_in = || PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(built_in, PathBuf::from).join(path)
}

/// The operator's binary: `$WPC_BIN`, or the one that cargo built beside the running program.
pub fn wpc() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("WPC_BIN") {
        return existing(PathBuf::from(path));
    }
    let running = std::env::current_exe().context("the running program has no path")?;
    running
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join("wpc"))
        .find(|path| path.is_file())
        .with_context(|| format!("no wpc beside {}: run `cargo build -p wpc`, or set WPC_BIN", running.display()))
}
