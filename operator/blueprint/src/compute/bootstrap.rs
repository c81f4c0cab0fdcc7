//! What an instance does when it starts first. See "Run commands when you launch an EC2 instance with user data input"
//! in the Amazon EC2 User Guide.
//!
//! User data is no secret: everybody on the instance can read it. It holds names, never values.

use minijinja::{Environment, UndefinedBehavior, context};
use wpc_api::v1alpha1::ImageFamily;

/// AWS takes so many bytes, before they are encoded.
pub const MOST_BYTES: usize = 16 * 1024;

/// Where the disk for uploads is mounted.
pub const UPLOADS: &str = "/srv/uploads";

/// What the script is rendered from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bootstrap {
    /// Whose instance it is.
    pub stack: String,
    /// The port on which it serves.
    pub port: u16,
    /// The distribution.
    pub family: ImageFamily,
    /// Where it is.
    pub region: String,
    /// The disk for uploads, which only this instance has.
    pub volume: Option<String>,
    /// What the load balancer asks for.
    pub health_path: String,
}

impl Bootstrap {
    /// The script.
    ///
    /// # Panics
    /// When the template is wrong, which a test rules out: it is part of the program, not of its input.
    pub fn script(&self) -> String {
        let Self { stack, port, family, region, volume, health_path } = self;
        let apt = *family != ImageFamily::AmazonLinux2023;
        let ubuntu = *family == ImageFamily::Ubuntu2404;
        // NVMe devices are named after their volume, without its hyphen.
        let device = volume.as_ref().map(|volume| volume.replace('-', ""));
        let disk = volume.as_ref().map(|volume| context! { volume, device, path => UPLOADS });
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment
            .render_str(
                include_str!("bootstrap.sh.j2"),
                context! { stack, port, apt, ubuntu, region, disk, health_path },
            )
            .expect("the template fits its context")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bootstrap(family: ImageFamily) -> Bootstrap {
        Bootstrap {
            stack: "default/press/gazette".into(),
            port: 8080,
            family,
            region: "eu-west-1".into(),
            volume: None,
            health_path: "/alive".into(),
        }
    }

    #[test]
    fn the_only_instance_knows_its_disk() {
        let without = bootstrap(ImageFamily::AmazonLinux2023);
        let script = Bootstrap { volume: Some("vol-1".into()), ..without.clone() }.script();
        assert!(script.contains("--region eu-west-1 --volume-id vol-1 "), "{script}");
        assert!(script.contains("\ndisk=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol1\n"), "{script}");
        assert!(!without.script().contains("disk"));
    }

    #[test]
    fn a_disk_is_formatted_only_where_there_is_nothing_on_it() {
        for family in [ImageFamily::AmazonLinux2023, ImageFamily::Ubuntu2404, ImageFamily::Debian13] {
            let script = Bootstrap { volume: Some("vol-1".into()), ..bootstrap(family) }.script();
            let [probe, format, mount] = ["blkid -p \"$disk\" ||", "mkfs.", "mount /srv/uploads"].map(|step| {
                assert_eq!(script.matches(step).count(), 1, "{step}: {script}");
                script.find(step).unwrap()
            });
            assert!(probe < format && format < mount, "{script}");
            assert!(script.contains("2) mkfs.ext4 "), "blkid's own answer that it found nothing: {script}");
            assert!(script.len() < MOST_BYTES);
        }
    }

    #[test]
    fn each_family_has_its_packages() {
        let script = |family| bootstrap(family).script();
        let amazon = script(ImageFamily::AmazonLinux2023);
        assert!(amazon.contains("\ndnf install -y nginx\n") && amazon.contains("\nuser nginx;\n"));
        assert!(!amazon.contains("apt-get"));
        for family in [ImageFamily::Ubuntu2404, ImageFamily::Debian13] {
            let script = script(family);
            assert!(script.contains("\napt-get install -y nginx\n") && script.contains("\nuser www-data;\n"));
            assert!(!script.contains("dnf"));
        }
    }

    #[test]
    fn the_script_answers_where_the_load_balancer_asks() {
        let bootstrap = bootstrap(ImageFamily::AmazonLinux2023);
        let script = bootstrap.script();
        assert!(script.starts_with("#!/bin/bash\n# default/press/gazette: "));
        assert!(script.contains("listen 8080 default_server;") && script.contains("location = /alive {"));
        assert!(script.len() < MOST_BYTES);
        assert_eq!(script, bootstrap.script(), "the same script every time, or every pass would roll the fleet");
    }
}
