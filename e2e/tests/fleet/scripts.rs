//! shellcheck has nothing to say about the scripts of the three families, nor about those that they write.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use wpc_api::v1alpha1::{CacheEngine, ImageFamily, Multisite, SharedStorageType};
use wpc_blueprint::bootstrap::{Bound, Cache, Hook, Replica};
use wpc_blueprint::database::output::Endpoint;

use super::fleet::story;
use super::site;

#[test]
fn shellcheck_has_nothing_to_say() -> Result<()> {
    story("shellcheck", async |fleet| {
        let root = fleet.ground.built("root");
        for family in [ImageFamily::AmazonLinux2023, ImageFamily::Ubuntu2404, ImageFamily::Debian13] {
            let mut spec = fleet.spec.clone();
            spec.compute.image.family = family;
            spec.site.multisite = Multisite::Subdirectory;
            spec.wordpress.plugins.push(site::plugin("akismet", "5.3.1", &"0".repeat(64)));
            // Where uploads lie, and where they lay.
            use SharedStorageType::{Ebs, Efs};
            for (kind, offload, copy_back) in [
                (Efs, false, false),
                (Efs, true, false),
                (Efs, false, true),
                (Ebs, false, false),
                (Ebs, true, false),
                (Ebs, false, true),
                (SharedStorageType::None, true, false),
            ] {
                spec.shared_storage.kind = kind;
                (spec.media.offload, spec.media.copy_back) = (offload, copy_back);
                let mut bound = everything();
                if let (Ebs, Some(cache)) = (kind, &mut bound.cache) {
                    (cache.engine, cache.sessions) = (CacheEngine::Memcached, false);
                }
                let script = site::user_data(&spec, &bound)?;
                check(&root, &script)
                    .with_context(|| format!("{family:?}, {kind:?}, offload {offload}, back {copy_back}"))?;
                for name in ["$lib/aws.sh", "$lib/secrets", "/usr/local/bin/wp"] {
                    let inner = written(&script, name).with_context(|| format!("{family:?} writes no {name}"))?;
                    let whole = if inner.starts_with("#!") { inner } else { format!("#!/bin/bash\n{inner}") };
                    check(&root, &whole).with_context(|| format!("{family:?} {name}"))?;
                }
            }
        }
        Ok(())
    })
}

fn everything() -> Bound {
    Bound {
        database: Endpoint { host: "db.fleet.test".into(), port: 3306 },
        credentials: "arn:credentials".into(),
        user: "arn:user".into(),
        replicas: vec![Replica { at: Endpoint { host: "replica.fleet.test".into(), port: 3306 }, lags: true }],
        keys: "arn:keys".into(),
        cache: Some(Cache {
            engine: CacheEngine::Redis,
            host: "cache.fleet.test".into(),
            port: 6379,
            tls: true,
            secret: Some("arn:token".into()),
            sessions: true,
            objects: true,
        }),
        files: Some(("fs-1".into(), "fsap-1".into())),
        whole: Some("fsap-2".into()),
        disk: Some("vol-1".into()),
        bucket: Some("fleet-uploads".into()),
        log_group: Some("/wordpresscluster/web".into()),
        hook: Some(Hook { group: "gazette".into(), name: "launch".into() }),
    }
}

/// What the script writes into a file.
fn written(script: &str, name: &str) -> Option<String> {
    let (_, rest) = script.split_once(&format!("cat >{name} <<'END'\n"))?;
    Some(rest.split_once("\nEND\n")?.0.to_owned() + "\n")
}

fn check(root: &Path, script: &str) -> Result<()> {
    // What is sourced is checked by itself; an undefined function would be of the other file.
    let mut child = Command::new("chroot")
        .arg(root)
        .args(["/usr/bin/shellcheck", "--shell=bash", "--exclude=SC1091", "--format=gcc", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    child.stdin.take().context("no input")?.write_all(script.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}
