//! No secret where anybody could read it: the values are searched for.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Result, ensure};

use super::fleet::story;

#[test]
fn no_secret_is_where_anybody_could_read_it() -> Result<()> {
    story("secrets", async |fleet| {
        let values = fleet.aws.secrets.values.clone();
        let script = fleet.user_data(&fleet.spec)?;
        ensure!(!holds(script.as_bytes(), &values), "the script holds a secret");

        let (leaks, signed) = fleet.spotter.found();
        ensure!(signed > 0, "the process list was not seen at all");
        ensure!(leaks.is_empty(), "the process list showed {leaks:?}");

        // Pages with a session, an upload and a failed login write logs.
        let mut administrator = fleet.administrator().await?;
        ensure!(administrator.log_in("admin", "a-wrong-password").await.is_err(), "any password will do");
        for instance in &fleet.web {
            let journal = instance.must("journalctl --no-pager -o export; cat /etc/wordpress/site.json").await?;
            ensure!(journal.contains("serves default/press/gazette") || journal.len() > 10_000, "no journal");
            ensure!(!holds(journal.as_bytes(), &values), "the journal of {} holds a secret", instance.name);

            let mut found = Found::default();
            search(&instance.written(), &values, &mut found)?;
            for inside in ["/run", "/tmp", "/dev/shm"] {
                search(&instance.path(inside), &values, &mut found)?;
            }
            ensure!(found.files > 1_000, "only {} files were looked at", found.files);
            ensure!(found.world.is_empty(), "{}: everybody reads a secret in {:?}", instance.name, found.world);
            let others: Vec<_> = found.guarded.iter().filter(|path| !path.contains("/run/wordpress/")).collect();
            ensure!(others.is_empty(), "{}: secrets outside /run/wordpress, in {others:?}", instance.name);
            ensure!(
                !found.guarded.is_empty(),
                "{}: the search does not find /run/wordpress/secrets.json",
                instance.name
            );
        }
        Ok(())
    })
}

#[derive(Default)]
struct Found {
    files: usize,
    /// Files with a secret that everybody can read.
    world: Vec<String>,
    /// Files with a secret that not everybody can read.
    guarded: Vec<String>,
}

/// Looks into every file below a folder. Who may not enter a folder reads nothing below it.
fn search(folder: &Path, values: &[String], found: &mut Found) -> Result<()> {
    look(folder, values, true, found)
}

fn look(folder: &Path, values: &[String], open: bool, found: &mut Found) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        // Things come and go in /run.
        let Ok(meta) = path.symlink_metadata() else { continue };
        let mode = meta.permissions().mode();
        if meta.is_dir() {
            look(&path, values, open && mode & 0o001 != 0, found)?;
        } else if meta.is_file() {
            found.files += 1;
            if std::fs::read(&path).is_ok_and(|content| holds(&content, values)) {
                let list = if open && mode & 0o004 != 0 { &mut found.world } else { &mut found.guarded };
                list.push(path.display().to_string());
            }
        }
    }
    Ok(())
}

fn holds(content: &[u8], values: &[String]) -> bool {
    let text = String::from_utf8_lossy(content);
    values.iter().any(|value| text.contains(value.as_str()))
}
