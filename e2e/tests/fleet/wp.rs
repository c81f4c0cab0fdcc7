//! WP-CLI on an instance: checked before it runs, and the web server's user then.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use super::fleet::story;

const RELEASE: &str = "https://github.com/wp-cli/wp-cli/releases/download/v2.12.0/wp-cli-2.12.0.phar";
const PHAR: &str = "/usr/local/lib/wordpress/wp-cli.phar";

/// In its place: says who runs it, with what, and whether WordPress is there.
const STAND_IN: &str = "<?php
define('WP_USE_THEMES', false);
require '/var/www/wordpress/wp-load.php';
echo posix_getpwuid(posix_geteuid())['name'], '|', implode(' ', array_slice($argv, 2)), '|', get_option('admin_email');
";

#[test]
fn wp_cli_is_checked_and_runs_as_the_web_servers_user() -> Result<()> {
    story("WP-CLI", async |fleet| {
        let instance = fleet.web.first().context("a web server")?;
        fleet.aws.serve(RELEASE, b"<?php echo 'of somebody else';".to_vec());
        let said = instance.run("/usr/local/bin/wp core version").await?;
        ensure!(!said.ok && said.text.contains("has not the SHA-256"), "{}", said.text);
        ensure!(!instance.path(PHAR).exists(), "it is kept");

        std::fs::write(instance.path(PHAR), STAND_IN)?;
        let said = instance.must("/usr/local/bin/wp option get 'a b'").await?;
        let wanted = format!("www-data|option get a b|{}", fleet.spec.site.admin_email);
        ensure!(said.trim() == wanted, "{said}");
        std::fs::remove_file(instance.path(PHAR))?;

        // The real one, where somebody brought it along.
        let Some(folder) = std::env::var_os("WPC_PLUGIN_ARCHIVES") else {
            println!("fleet: no WPC_PLUGIN_ARCHIVES with wp-cli-2.12.0.phar: WP-CLI itself does not run");
            return Ok(());
        };
        let path = PathBuf::from(folder).join("wp-cli-2.12.0.phar");
        fleet.aws.serve(RELEASE, std::fs::read(&path).with_context(|| path.display().to_string())?);
        let version = instance.must("/usr/local/bin/wp core version").await?;
        ensure!(version.trim().starts_with(|first: char| first.is_ascii_digit()), "{version}");
        Ok(())
    })
}
