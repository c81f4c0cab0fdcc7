use std::path::Path;
use std::process::{Child, Command};

use wpc_api::WordPressCluster;
use wpc_api::v1alpha1::{CacheEngine, DatabaseEngine, SharedStorageType};
use wpc_engine::{Id, Output};

use super::*;
use crate::database::output::{Database, Endpoint, Member};
use crate::{Facts, Stack};

fn blueprint(edit: impl FnOnce(&mut wpc_api::WordPressClusterSpec)) -> Blueprint {
    let mut spec = WordPressCluster::fixture().spec;
    edit(&mut spec);
    let facts = Facts::assumed(&spec.region);
    Blueprint::new(spec, Stack::new("default", "press", "gazette"), &facts).unwrap()
}

fn bound() -> Bound {
    Bound {
        database: Database::unknown("database/primary").endpoint,
        credentials: "arn:credentials".into(),
        user: "arn:user".into(),
        replicas: Vec::new(),
        keys: "arn:keys".into(),
        cache: Some(Cache {
            engine: CacheEngine::Valkey,
            host: "cache.internal".into(),
            port: 6379,
            tls: true,
            secret: Some("arn:token".into()),
            sessions: true,
            objects: true,
        }),
        files: Some(("fs-1".into(), "fsap-1".into())),
        whole: None,
        disk: None,
        bucket: None,
        log_group: Some("/wordpresscluster/web".into()),
        hook: Some(Hook { group: "gazette-group".into(), name: "launch".into() }),
    }
}

#[test]
fn each_family_has_its_names() {
    let script = |family| script(&blueprint(|spec| spec.compute.image.family = family), &bound());
    let amazon = script(ImageFamily::AmazonLinux2023);
    assert!(amazon.contains("dnf -q install -y nginx jq") && amazon.contains("amazon-efs-utils"));
    assert!(amazon.contains("\nuser nginx;\n") && !amazon.contains("apt-get"));
    for (family, version) in [(ImageFamily::Ubuntu2404, "8.3"), (ImageFamily::Debian13, "8.4")] {
        let script = script(family);
        assert!(script.contains(&format!("wanted=(nginx jq unzip git curl ca-certificates php{version}-cli ")));
        assert!(script.contains("\nuser www-data;\n") && !script.contains("dnf"));
    }
}

#[test]
fn php_is_of_the_version_that_is_asked_for() {
    let with = |family, version: &str| {
        let edit = |spec: &mut wpc_api::WordPressClusterSpec| {
            spec.compute.image.family = family;
            spec.wordpress.php.version = Some(version.into());
        };
        let mut spec = WordPressCluster::fixture().spec;
        edit(&mut spec);
        Blueprint::new(spec.clone(), Stack::new("default", "press", "gazette"), &Facts::assumed(&spec.region))
    };
    let other = script(&with(ImageFamily::AmazonLinux2023, "8.2").unwrap(), &bound());
    assert!(
        other.contains(" php8.2-cli php8.2-fpm ") && other.contains(" php8.2-pecl-redis6 ") && !other.contains("8.4")
    );
    let same = script(&with(ImageFamily::AmazonLinux2023, "8.4").unwrap(), &bound());
    assert_eq!(same, script(&blueprint(|_| ()), &bound()), "what is taken anyhow rolls no fleet");
    for (family, said) in [
        (ImageFamily::AmazonLinux2023, "Amazon Linux 2023 has no PHP 8.1; write one of 8.4, 8.3, 8.2, or leave it out"),
        (ImageFamily::Ubuntu2404, "Ubuntu 24.04 has no PHP 8.1; write one of 8.3, or leave it out"),
        (ImageFamily::Debian13, "Debian 13 has no PHP 8.1; write one of 8.4, or leave it out"),
    ] {
        assert_eq!(with(family, "8.1").unwrap_err().to_string(), format!("wordpress.php.version: {said}"));
    }
}

#[test]
fn the_database_is_believed_by_its_regions_authorities() {
    let of = site::database_authorities;
    assert_eq!(of("eu-west-1"), "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem");
    assert_eq!(of("us-gov-east-1"), "https://truststore.pki.us-gov-west-1.rds.amazonaws.com/global/global-bundle.pem");
    assert_eq!(of("cn-north-1"), "https://rds-truststore.s3.cn-north-1.amazonaws.com.cn/global/global-bundle.pem");
    for family in [ImageFamily::AmazonLinux2023, ImageFamily::Ubuntu2404, ImageFamily::Debian13] {
        let script = script(&blueprint(|spec| spec.compute.image.family = family), &bound());
        assert!(script.contains(&of("eu-west-1")) && !script.contains("DONT_VERIFY"), "{family:?}");
        assert!(script.matches("MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT").count() >= 3, "{family:?}");
    }
}

#[test]
fn the_master_users_password_is_the_installers_alone() {
    let document = site::document(&blueprint(|_| ()), &bound());
    assert_eq!(document["database"]["secret"], "arn:user");
    assert_eq!(document["database"]["master"], "arn:credentials");
    let script = script(&blueprint(|_| ()), &bound());
    assert_eq!(script.matches("site .database.master").count(), 1);
    assert!(script.contains("(umask 077 && secret \"$(site .database.master)\" >/run/wordpress/master)"));
}

#[test]
fn reads_go_to_what_there_is_to_read_from() {
    let database = |engine, replicas| {
        let of = blueprint(|spec| (spec.database.engine, spec.database.read_replicas) = (engine, replicas));
        let members = (0..replicas).map(|n| Member::unknown(&format!("replica-{n}"))).collect();
        let reader = Some(Endpoint { host: "reader.internal".into(), port: 3306 });
        let database = Database { reader, ..Database::unknown("database/primary") };
        let replicas = Replica::all(&of.spec, members, &database);
        let script = script(&of, &Bound { replicas: replicas.clone(), ..bound() });
        assert_eq!(script.contains("class ReplicatedDatabase"), !replicas.is_empty());
        replicas.into_iter().map(|replica| (replica.at.host, replica.lags)).collect::<Vec<_>>()
    };
    let own = |number| (format!("(known after apply of replica-{number})"), true);
    assert_eq!(database(DatabaseEngine::MySql, 0), []);
    assert_eq!(database(DatabaseEngine::MariaDb, 2), [own(0), own(1)]);
    assert_eq!(database(DatabaseEngine::AuroraMySql, 0), [], "the reader's address leads to the writer then");
    assert_eq!(database(DatabaseEngine::AuroraMySql, 3), [("reader.internal".to_owned(), false)]);
}

#[test]
fn each_cache_keeps_objects_its_own_way() {
    let with = |engine: Option<CacheEngine>| {
        let cache = engine.map(|engine| Cache { engine, ..bound().cache.unwrap() });
        let bound = Bound { cache, ..bound() };
        let plugins = site::document(&blueprint(|_| ()), &bound)["activate"].to_string();
        (script(&blueprint(|_| ()), &bound).contains("class MemcachedObjectCache"), plugins.contains("redis-cache"))
    };
    assert_eq!(with(None), (false, false));
    assert_eq!(with(Some(CacheEngine::Valkey)), (false, true));
    assert_eq!(with(Some(CacheEngine::Redis)), (false, true));
    assert_eq!(with(Some(CacheEngine::Memcached)), (true, false));
}

#[test]
fn comments_stay_behind() {
    let text = "#!/bin/bash\n# what it is\n\n# why\n\t// how\nkeeps # this\n#and\n/* that */";
    assert_eq!(without_comments(text), "#!/bin/bash\n# what it is\n\nkeeps # this\n#and\n/* that */\n");
}

#[test]
fn it_answers_where_the_load_balancer_asks() {
    let path = |path: &str| {
        let edit = |spec: &mut wpc_api::WordPressClusterSpec| {
            spec.compute.port = 8080;
            spec.load_balancer.health_check.path = path.into();
        };
        script(&blueprint(edit), &bound())
    };
    let script = path("/alive");
    assert!(script.starts_with("#!/bin/bash\n# default/press/gazette: "));
    assert!(script.contains("listen 8080 default_server ") && script.contains("location = \"/alive\" {"));
    assert_eq!(script, path("/alive"), "the same script every time, or every pass would roll the fleet");
    assert!(!path("/").contains("location = \"/\""), "the front page is PHP's");
}

#[test]
fn a_disk_is_formatted_only_where_there_is_nothing_on_it() {
    for family in [ImageFamily::AmazonLinux2023, ImageFamily::Ubuntu2404, ImageFamily::Debian13] {
        let script = |kind| {
            let edit = |spec: &mut wpc_api::WordPressClusterSpec| {
                (spec.compute.image.family, spec.shared_storage.kind) = (family, kind);
            };
            script(&blueprint(edit), &Bound { disk: Some("vol-1".into()), ..bound() })
        };
        let with = script(SharedStorageType::Ebs);
        let [probe, format, mount] = ["blkid -p \"$disk\" >", "mkfs.", "\tmount \"$1\""].map(|step| {
            assert_eq!(with.matches(step).count(), 1, "{step}: {with}");
            with.find(step).unwrap()
        });
        assert!(probe < format && format < mount, "{with}");
        assert!(with.contains("2) mkfs.ext4 "), "blkid's own answer that it found nothing: {with}");
        assert!(!script(SharedStorageType::Efs).contains("mkfs."));
    }
}

#[test]
fn what_lies_elsewhere_is_mounted_and_copied() {
    let script = |kind, offload, copy_back| {
        let edit = |spec: &mut wpc_api::WordPressClusterSpec| {
            spec.shared_storage.kind = kind;
            (spec.media.offload, spec.media.copy_back) = (offload, copy_back);
        };
        script(&blueprint(edit), &Bound { disk: Some("vol-1".into()), bucket: Some("b-1".into()), ..bound() })
    };
    use SharedStorageType::{Ebs, Efs};
    for (kind, offload, copy_back, now, before) in [
        (Efs, true, false, "in_bucket", "in_files"),
        (Ebs, true, false, "in_bucket", "on_disk"),
        (Efs, false, true, "in_files", "in_bucket"),
        (Ebs, false, true, "on_disk", "in_bucket"),
    ] {
        let script = script(kind, offload, copy_back);
        assert!(script.contains(&format!("mountpoint -q $uploads || {now} $uploads\n")), "{script}");
        assert!(script.contains(&format!("(set -e; {before} $before)\n")), "{script}");
        let books = if offload { "/srv/uploads-before/.moved/to-bucket" } else { "/srv/uploads/.moved/to-files" };
        assert!(script.contains(&format!("BOOKS = '{books}'")) && script.contains(&format!("-f \"{books}/files$")));
        assert_eq!(script.contains("--allow-overwrite"), offload, "what lay there before is not written to");
        assert_eq!(script.contains("amazon-efs-utils"), kind == Efs);
    }
    for (kind, offload) in [(Efs, false), (Ebs, false), (SharedStorageType::None, true)] {
        let script = script(kind, offload, false);
        assert!(!script.contains("uploads-before") && !script.contains("wordpress-uploads"), "{script}");
    }
}

/// What bash says of `place` in a folder: whether there are uploads then.
fn place(folder: &Path) -> Child {
    let steps = format!("set -euo pipefail\n{}\nplace \"$1\" || exit 3", include_str!("files/restored.sh"));
    Command::new("bash").args(["-c", &steps, "bash"]).arg(folder).spawn().unwrap()
}

/// A file system's files, by their paths.
fn files(folder: &Path) -> Vec<String> {
    let found = Command::new("find").arg(folder).args(["-type", "f", "-printf", "%P\\n"]).output().unwrap();
    let mut found: Vec<_> = String::from_utf8(found.stdout).unwrap().lines().map(str::to_owned).collect();
    found.sort();
    found
}

#[test]
fn restored_uploads_are_moved_to_where_uploads_are_once() {
    const RESTORED: &str = "aws-backup-restore_2026-11-22T05-00-00-000Z/uploads/2026/cat.jpg";
    const FAILED: &str = "aws-backup-failed-restore_2026-11-22T04-00-00-000Z/uploads/2026/half.jpg";
    const OTHER: &str = "aws-backup-restore_2026-11-22T05-00-00-000Z/notes.txt";
    let moved = "uploads/2026/cat.jpg";
    let table: &[(&[&str], bool, &[&str])] = &[
        (&[RESTORED, OTHER, FAILED], true, &[FAILED, OTHER, moved]),
        (&["uploads/", RESTORED], true, &[moved]),
        (&["uploads/2026/new.jpg", RESTORED], true, &[RESTORED, "uploads/2026/new.jpg"]),
        (&["uploads/2026/new.jpg"], true, &["uploads/2026/new.jpg"]),
        (&["uploads/"], true, &[]),
        (&[OTHER], false, &[OTHER]),
        (&[FAILED], false, &[FAILED]),
        (&[], false, &[]),
    ];
    for (before, well, after) in table {
        let system = tempfile::tempdir().unwrap();
        for path in *before {
            let at = system.path().join(path);
            std::fs::create_dir_all(if path.ends_with('/') { &at } else { at.parent().unwrap() }).unwrap();
            if !path.ends_with('/') {
                std::fs::write(at, path).unwrap();
            }
        }
        for _ in ["first", "again"] {
            assert_eq!(place(system.path()).wait().unwrap().code(), Some(if *well { 0 } else { 3 }), "{before:?}");
            assert_eq!(files(system.path()), *after, "{before:?}");
        }
    }
}

#[test]
fn of_those_who_begin_together_one_moves_them() {
    let system = tempfile::tempdir().unwrap();
    let restored = system.path().join("aws-backup-restore_1/uploads/2026");
    std::fs::create_dir_all(&restored).unwrap();
    std::fs::write(restored.join("cat.jpg"), "cat").unwrap();
    let all: Vec<Child> = (0..20).map(|_| place(system.path())).collect();
    for mut child in all {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(files(system.path()), ["uploads/2026/cat.jpg"]);
}

#[test]
fn only_a_file_system_that_was_restored_is_opened_as_a_whole() {
    for family in [ImageFamily::AmazonLinux2023, ImageFamily::Ubuntu2404] {
        let blueprint = blueprint(|spec| spec.compute.image.family = family);
        let script = |whole: Option<&str>| script(&blueprint, &Bound { whole: whole.map(Id::from), ..bound() });
        let restored = script(Some("fsap-2"));
        let steps =
            ["\nrestore() {", "\n\trestore \"", "\tagain mount \"$1\""].map(|step| restored.find(step).unwrap());
        assert!(steps.is_sorted(), "{restored}");
        assert!(!script(None).contains("restore() {") && !script(None).contains("aws-backup-restore"));
    }
    let document = site::document(&blueprint(|_| ()), &Bound { whole: Some("fsap-2".into()), ..bound() });
    assert_eq!(document["files"]["whole"], "fsap-2");
}

#[test]
fn what_a_person_wrote_is_data() {
    let title = r#"'; DROP TABLE wp_posts; -- $(reboot) <?php phpinfo() ?> {{ stack }} END"#;
    let script = script(&blueprint(|spec| spec.site.title = title.into()), &bound());
    assert!(!script.contains("DROP TABLE") && !script.contains("reboot"));
    let document = site::document(&blueprint(|spec| spec.site.title = title.into()), &bound());
    assert_eq!(document["site"]["title"], title);
    assert!(script.contains(&site::encoded(&document)));
}

#[test]
fn the_release_is_pinned() {
    let source =
        |edit: fn(&mut wpc_api::WordPressClusterSpec)| site::document(&blueprint(edit), &bound())["source"].clone();
    let archive = source(|_| ())["archive"].clone();
    assert_eq!(archive["url"], "https://wordpress.org/wordpress-6.8.8.tar.gz");
    assert_eq!(archive["sha256"], DEFAULT_RELEASE.sha256);
    let newest = source(|spec| spec.wordpress.version = Some("7.1.3".into()));
    assert_eq!(newest["archive"]["url"], "https://wordpress.org/wordpress-7.1.3.tar.gz");
}
