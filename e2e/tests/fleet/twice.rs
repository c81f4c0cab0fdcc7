//! The script run a second time changes nothing.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Result, ensure};
use sha2::{Digest, Sha256};

use super::fleet::story;
use super::instance::Instance;

#[test]
fn the_script_run_twice_leaves_the_same_machine() -> Result<()> {
    story("the script run twice", async |fleet| {
        let instance = &fleet.web[0];
        let before = listing(instance)?;
        ensure!(before.len() > 1_000, "only {} files were looked at", before.len());
        let (posts, users) = (fleet.value("SELECT COUNT(*) FROM wp_posts").await?, "SELECT COUNT(*) FROM wp_users");
        instance.becomes_web_server(&fleet.user_data(&fleet.spec)?).await?;
        let after = listing(instance)?;
        let changed: Vec<_> = after.iter().filter(|(path, what)| before.get(*path) != Some(what)).collect();
        let gone: Vec<_> = before.keys().filter(|path| !after.contains_key(*path)).collect();
        ensure!(changed.is_empty() && gone.is_empty(), "changed: {changed:?}, gone: {gone:?}");
        ensure!(fleet.value("SELECT COUNT(*) FROM wp_posts").await? == posts, "other posts");
        ensure!(fleet.value(users).await? == "1", "another user");
        fleet.visitor()?.moves_to(&instance.url()).sees("/").await?;
        Ok(())
    })
}

/// Path, owner, mode and content of what the script writes.
fn listing(instance: &Instance) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let root = instance.path("");
    for folder in ["/etc", "/usr/local", "/var/www"] {
        walk(&root, &instance.path(folder), &mut |path, text| {
            found.insert(path.to_owned(), text);
            Ok(())
        })?;
    }
    Ok(found)
}

fn walk(root: &Path, folder: &Path, tell: &mut dyn FnMut(&str, String) -> Result<()>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let meta = path.symlink_metadata()?;
        let content = if meta.is_file() {
            hex::encode(Sha256::digest(std::fs::read(&path)?))
        } else if meta.is_symlink() {
            path.read_link()?.display().to_string()
        } else {
            String::new()
        };
        let shown = path.strip_prefix(root)?.display().to_string();
        tell(&shown, format!("{}:{} {:o} {content}", meta.uid(), meta.gid(), meta.mode()))?;
        if meta.is_dir() {
            walk(root, &path, tell)?;
        }
    }
    Ok(())
}
