//! What an instance does when it starts first. See "Run commands when you launch an EC2 instance with user data input"
//! in the Amazon EC2 User Guide.
//!
//! User data is no secret: everybody on the instance can read it. It holds names, never values.

use minijinja::{Environment, UndefinedBehavior, context};
use wpc_api::v1alpha1::ImageFamily;

/// AWS takes so many bytes, before they are encoded.
pub const MOST_BYTES: usize = 16 * 1024;

/// What the script is rendered from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bootstrap {
    /// Whose instance it is.
    pub stack: String,
    /// The port on which it serves.
    pub port: u16,
    /// The distribution.
    pub family: ImageFamily,
    /// What the load balancer asks for.
    pub health_path: String,
}

impl Bootstrap {
    /// The script.
    ///
    /// # Panics
    /// When the template is wrong, which a test rules out: it is part of the program, not of its input.
    pub fn script(&self) -> String {
        let Self { stack, port, family, health_path } = self;
        let apt = *family != ImageFamily::AmazonLinux2023;
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment
            .render_str(include_str!("bootstrap.sh.j2"), context! { stack, port, apt, health_path })
            .expect("the template fits its context")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bootstrap(family: ImageFamily) -> Bootstrap {
        Bootstrap { stack: "default/press/gazette".into(), port: 8080, family, health_path: "/alive".into() }
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
