use wpc_api::WordPressCluster;
use wpc_engine::{Id, Output};

use super::*;
use crate::database::output::Database;
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
        keys: "arn:keys".into(),
        cache: Some(Cache {
            host: "cache.internal".into(),
            port: 6379,
            tls: true,
            secret: Some("arn:token".into()),
            sessions: true,
            objects: true,
        }),
        files: Some(("fs-1".into(), "fsap-1".into())),
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
        let blueprint = blueprint(|spec| spec.compute.image.family = family);
        let script = |disk: Option<&str>| script(&blueprint, &Bound { disk: disk.map(Id::from), ..bound() });
        let with = script(Some("vol-1"));
        let [probe, format, mount] = ["blkid -p \"$disk\" >", "mkfs.", "\tmount $uploads"].map(|step| {
            assert_eq!(with.matches(step).count(), 1, "{step}: {with}");
            with.find(step).unwrap()
        });
        assert!(probe < format && format < mount, "{with}");
        assert!(with.contains("2) mkfs.ext4 "), "blkid's own answer that it found nothing: {with}");
        assert!(!script(None).contains("mkfs."));
    }
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
