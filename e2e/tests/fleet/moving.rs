//! Uploads follow when they are to lie elsewhere, there and back. Folders stand in for the disk and the bucket.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use wpc_api::WordPressClusterSpec;
use wpc_api::v1alpha1::SharedStorageType;
use wpc_e2e::harness::eventually;

use super::fleet::{Fleet, story};
use super::instance::Instance;
use super::serving::PICTURE;
use super::visitor::Visitor;

const UNIT: &str = "wordpress-uploads.service";
/// More than PHP reads at a time.
const HALF: usize = 100_000;
const LOG: &str = "/var/log/wordpress-uploads.log";

/// A site of its own on the second database, and the two places.
struct Site {
    fleet_spec: WordPressClusterSpec,
    files: PathBuf,
    bucket: PathBuf,
}

impl Site {
    fn spec(&self, offload: bool, copy_back: bool) -> WordPressClusterSpec {
        let mut spec = self.fleet_spec.clone();
        spec.shared_storage.kind = SharedStorageType::Ebs;
        (spec.media.offload, spec.media.copy_back) = (offload, copy_back);
        spec
    }

    async fn boots(&self, fleet: &mut Fleet, offload: bool, copy_back: bool) -> Result<Instance> {
        let shared: &[&Path] = match (offload, copy_back) {
            (false, false) => &[&self.files],
            (true, _) => &[&self.bucket, &self.files],
            (false, true) => &[&self.files, &self.bucket],
        };
        let instance = fleet.machine_with(shared).await?;
        instance.becomes_web_server(&fleet.apart_data(&self.spec(offload, copy_back))?).await?;
        Ok(instance)
    }

    /// The path of an upload, from its address.
    fn path(url: &str) -> Result<&str> {
        Ok(url.split_once("/wp-content/uploads/").context("no upload")?.1)
    }
}

/// Somebody else copies, it seems, until they do not.
async fn hold(fleet: &Fleet) -> Result<()> {
    let second = fleet.second.as_ref().context("a second database")?;
    second
        .must("systemd-run --quiet --unit=holder bash -c \"(echo \\\"SELECT GET_LOCK('wordpress-uploads', 600);\\\"; sleep infinity) | mariadb\"")
        .await?;
    eventually("the lock to be held", async || {
        let user = second.must("mariadb -N -e \"SELECT IS_USED_LOCK('wordpress-uploads') IS NOT NULL\"").await?;
        ensure!(user.trim() == "1", "{user}");
        Ok(())
    })
    .await
}

async fn let_go(fleet: &Fleet) -> Result<()> {
    let second = fleet.second.as_ref().context("a second database")?;
    second.must("systemctl stop holder").await?;
    eventually("the lock to be free", async || {
        let free = second.must("mariadb -N -e \"SELECT IS_FREE_LOCK('wordpress-uploads')\"").await?;
        ensure!(free.trim() == "1", "{free}");
        Ok(())
    })
    .await
}

/// A pass now, by this instance, whenever the last one was; what it said.
async fn pass(instance: &Instance, books: &Path) -> Result<String> {
    instance.must("systemctl stop wordpress-uploads.timer").await?;
    let (passed, known) = (books.join("passed"), said(instance).len());
    eventually("a pass", async || {
        let _ = fs::remove_file(&passed);
        instance.must(&format!("systemctl start {UNIT}")).await?;
        ensure!(passed.exists(), "another instance is at it: {}", said(instance));
        Ok(())
    })
    .await?;
    Ok(said(instance).split_off(known))
}

/// How many files were copied, by a log.
fn copied(log: &str) -> u32 {
    let counts =
        log.lines().filter_map(|line| line.strip_suffix(" files are copied")?.rsplit(' ').next()?.parse::<u32>().ok());
    counts.sum()
}

fn said(instance: &Instance) -> String {
    fs::read_to_string(instance.path(LOG)).unwrap_or_default()
}

async fn uploads(author: &Visitor, name: &str) -> Result<Value> {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [("content-type", "image/png"), ("content-disposition", disposition.as_str())];
    author.creates("/wp-json/wp/v2/media", &headers, PICTURE.to_vec()).await
}

fn address(media: &Value) -> Result<&str> {
    media["source_url"].as_str().context("an upload without address")
}

fn write(path: &Path, content: &str) -> Result<()> {
    fs::create_dir_all(path.parent().context("a folder")?)?;
    fs::write(path, content).with_context(|| path.display().to_string())?;
    // The web server's user, as everything in the mounted file system is.
    for part in [path, path.parent().context("a folder")?] {
        std::os::unix::fs::chown(part, Some(33), Some(33))?;
    }
    Ok(())
}

#[test]
fn uploads_follow_there_and_back() -> Result<()> {
    story("uploads that are moved", async |fleet| {
        fleet.anew().await?;
        let place = |name: &str| -> Result<PathBuf> {
            let folder = fleet.ground.folder(name)?;
            std::os::unix::fs::chown(&folder, Some(33), Some(33))?;
            Ok(folder)
        };
        let (files, bucket) = (place("files")?, place("bucket")?);
        let site = Site { fleet_spec: fleet.spec.clone(), files, bucket };
        let (files, bucket) = (site.files.clone(), site.bucket.clone());
        let (to_bucket, to_files) = (files.join(".moved/to-bucket"), files.join(".moved/to-files"));

        // Until now they lay in the file system.
        let one = site.boots(fleet, false, false).await?;
        ensure!(!one.path("/usr/local/lib/wordpress/uploads.php").exists(), "nothing is to be moved");
        let mut author = Visitor::at(&one.url())?;
        author.log_in("admin", &fleet.aws.secrets.admin_password).await?;
        let (pixel, gone) = (uploads(&author, "pixel.png").await?, uploads(&author, "gone.png").await?);
        let old = Site::path(address(&pixel)?)?;
        let odd =
            ["a b'\"$(x).txt", "2024/line\nbreak;.txt", "-rf", "2024/01/ü.txt", "removed.txt", "kept.txt", "shell.php"];
        for name in odd {
            write(&files.join(name), &format!("this is {name}"))?;
        }
        std::os::unix::fs::symlink("/etc/hostname", files.join("link.txt"))?;
        drop(one);

        // Now they are to lie in the bucket. While somebody else copies, an instance serves from both.
        hold(fleet).await?;
        let (two, three) = (site.boots(fleet, true, false).await?, site.boots(fleet, true, false).await?);
        author = author.moves_to(&two.url());
        for instance in [&two, &three] {
            instance.must(&format!("systemctl start {UNIT}")).await?;
            ensure!(!to_bucket.join("passed").exists(), "{} copied beside another: {}", instance.name, said(instance));
            let visitor = author.moves_to(&instance.url());
            ensure!(visitor.sees(address(&pixel)?).await?.body == PICTURE, "another picture");
            ensure!(visitor.sees("/wp-content/uploads/kept.txt").await?.text() == "this is kept.txt", "another text");
            for hidden in ["shell.php", ".moved/to-bucket/files", "none.png", "2024/"] {
                let page = visitor.get(&format!("/wp-content/uploads/{hidden}")).await?;
                ensure!(page.status == 404, "{hidden}: {}", page.status);
            }
        }
        ensure!(fs::read_dir(&bucket)?.count() == 0, "something was copied");
        let again = uploads(&author, "pixel.png").await?;
        ensure!(
            address(&again)?.ends_with("/pixel-1.png"),
            "a name that is taken is given again: {}",
            address(&again)?
        );
        author.deletes(&format!("/wp-json/wp/v2/media/{}", gone["id"])).await?;
        ensure!(!files.join(Site::path(address(&gone)?)?).exists(), "who deletes it deletes it here alone");
        for instance in [&two, &three] {
            instance.must("systemctl stop wordpress-uploads.timer").await?;
        }
        let_go(fleet).await?;

        // Killed in the middle, it begins that file again.
        let torn = files.join("torn.bin");
        two.must("mkfifo -m 644 /srv/uploads-before/torn.bin").await?;
        two.must(&format!("systemctl start --no-block {UNIT}")).await?;
        let half = tokio::task::spawn_blocking({
            let torn = torn.clone();
            move || -> Result<fs::File> {
                let mut pipe = fs::File::options().write(true).open(torn)?;
                std::io::Write::write_all(&mut pipe, &vec![b'x'; HALF])?;
                Ok(pipe)
            }
        })
        .await??;
        eventually("the first half to be there", async || {
            ensure!(fs::metadata(bucket.join("torn.bin"))?.len() > 0, "not yet");
            Ok(())
        })
        .await?;
        two.must(&format!("systemctl kill -s KILL {UNIT}; while systemctl -q is-active {UNIT}; do sleep 0.1; done"))
            .await?;
        drop(half);
        fs::remove_file(&torn)?;
        write(&torn, &"x".repeat(2 * HALF))?;
        fs::File::options()
            .append(true)
            .open(&torn)?
            .set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000))?;
        ensure!(!bucket.join(".moved").exists(), "all is said to be there");
        for number in 0..300 {
            write(&files.join(format!("many/{number}.txt")), &number.to_string())?;
        }

        // Two at the same time: one of them copies, each file once.
        let told = tokio::try_join!(pass(&two, &to_bucket), pass(&three, &to_bucket))?;
        let log = format!("{}{}", told.0, told.1);
        ensure!(log.contains("nothing is left to copy"), "{log}");
        ensure!((301..=310).contains(&copied(&log)), "{} files:\n{log}", copied(&log));
        for name in odd.into_iter().chain([old, "torn.bin", "many/7.txt"]) {
            ensure!(fs::read(bucket.join(name))? == fs::read(files.join(name))?, "{name:?} is another file");
        }
        ensure!(fs::read_dir(bucket.join("many"))?.count() == 300, "not all");
        ensure!(bucket.join(".moved").exists() && !bucket.join("link.txt").exists(), "{log}");
        ensure!(!bucket.join(Site::path(address(&gone)?)?).exists(), "what was deleted is back");

        // What is deleted stays away, by whatever means, and nothing was taken from the files.
        fs::remove_file(bucket.join("removed.txt"))?;
        author.deletes(&format!("/wp-json/wp/v2/media/{}", pixel["id"])).await?;
        let log = pass(&three, &to_bucket).await?;
        ensure!(!log.contains("copied"), "{log}");
        for (path, here) in [("removed.txt", true), (old, false)] {
            ensure!(!bucket.join(path).exists() && files.join(path).exists() == here, "{path}");
            let page = author.get(&format!("/wp-content/uploads/{path}")).await?;
            ensure!(page.status == 404, "{path}: {}", page.status);
        }
        let later = uploads(&author, "later.png").await?;
        write(&bucket.join("kept.txt"), "this is newer")?;
        drop(three);

        // Back into the file system.
        let four = site.boots(fleet, false, true).await?;
        author = author.moves_to(&four.url());
        ensure!(author.sees(address(&later)?).await?.body == PICTURE, "another picture");
        let log = pass(&four, &to_files).await?;
        ensure!(log.contains("nothing is left to copy"), "{log}");
        let later = Site::path(address(&later)?)?;
        ensure!(fs::read(files.join(later))? == PICTURE, "{later}");
        ensure!(fs::read_to_string(files.join("kept.txt"))? == "this is newer", "what changed meanwhile");
        ensure!(!bucket.join(".moved").exists() && !to_bucket.exists(), "the books of the other way");
        let third = uploads(&author, "third.png").await?;
        drop((two, four));

        // And there again: what came since, and what was removed there alone by hand; nothing twice.
        let five = site.boots(fleet, true, false).await?;
        let third = bucket.join(Site::path(address(&third)?)?);
        eventually("the timer to have it done", async || {
            ensure!(bucket.join(".moved").exists(), "{}", said(&five));
            Ok(())
        })
        .await?;
        let log = said(&five);
        ensure!(fs::read(third)? == PICTURE && copied(&log) == 2 && !to_files.exists(), "{log}");
        Ok(())
    })
}
