//! No secret where anybody could read it: the values are searched for.

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Error, Result, ensure};

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
            ensure!(found.world.is_empty(), "{}: everybody reads a secret in {:?}", instance.name, found.world);
            let (known, others): (Vec<_>, Vec<_>) =
                found.guarded.iter().partition(|path| path.contains("/run/wordpress/"));
            ensure!(others.is_empty(), "{}: secrets outside /run/wordpress, in {others:?}", instance.name);
            ensure!(known.len() == 2, "{}: the search finds only {known:?} in /run/wordpress", instance.name);
        }
        Ok(())
    })
}

#[derive(Default)]
struct Found {
    /// Files with a secret that everybody can read.
    world: Vec<String>,
    /// Files with a secret that not everybody can read.
    guarded: Vec<String>,
}

/// Looks into every file below a folder.
fn search(folder: &Path, values: &[String], found: &mut Found) -> Result<()> {
    let mut grep = Command::new("grep")
        .args(["-rlsF", "--devices=skip", "--null", "-f", "-"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    grep.stdin.take().context("no input")?.write_all(values.join("\n").as_bytes())?;
    let output = grep.wait_with_output()?;
    for path in output.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty()) {
        let path = Path::new(OsStr::from_bytes(path));
        let mode = |path: &Path| Ok::<_, Error>(path.symlink_metadata()?.permissions().mode());
        let mut open = mode(path)? & 0o004 != 0;
        // Who may not enter a folder reads nothing below it.
        for above in path.ancestors().skip(1).take_while(|above| *above != folder) {
            open &= mode(above)? & 0o001 != 0;
        }
        let list = if open { &mut found.world } else { &mut found.guarded };
        list.push(path.display().to_string());
    }
    Ok(())
}

fn holds(content: &[u8], values: &[String]) -> bool {
    let text = String::from_utf8_lossy(content);
    values.iter().any(|value| text.contains(value.as_str()))
}
