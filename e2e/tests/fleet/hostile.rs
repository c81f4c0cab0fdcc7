//! No text of a spec runs as shell, PHP, SQL or nginx configuration: it is tried by booting with it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, ensure};

use super::fleet::story;
use super::instance::Instance;
use super::site;
use super::visitor::Visitor;

/// A file of this name is what every payload tries to make.
const MARK: &str = "owned";

/// What each text would do if something ran it.
fn payloads(number: usize) -> String {
    format!(
        "$(touch /var/tmp/{MARK}-shell-{number})`touch /var/tmp/{MARK}-tick-{number}`';touch /var/tmp/{MARK}-quote-{number};'\
         \";touch /var/tmp/{MARK}-double-{number};\"<?php touch('/var/tmp/{MARK}-php-{number}') ?>\
         ');touch('/var/tmp/{MARK}-code-{number}');//\\"
    )
}

#[test]
fn what_the_schema_lets_pass_is_shown_as_text() -> Result<()> {
    story("hostile text within the schema", async |fleet| {
        let mut spec = fleet.spec.clone();
        spec.site.title =
            "'; DROP TABLE wp_users; -- \" & <script>alert(1)</script> {{ stack }} {% raw %} $HOME %s END".into();
        spec.site.admin_user = "a.d-m_i@n".into();
        spec.site.admin_email = "a+b.c_d-e@fleet.test".into();
        spec.wordpress.constants = BTreeMap::from([
            ("FLEET_PATH".into(), "/etc/passwd:@%+=-,. x".into()),
            ("FLEET_NUMBER".into(), "007".into()),
            ("EMPTY_TRASH_DAYS".into(), "-1".into()),
        ]);
        spec.wordpress.php.settings =
            BTreeMap::from([("date.timezone".into(), "Europe/Berlin".into()), ("user_agent".into(), "a =%@ b".into())]);
        let instance = fleet.apart(&spec).await?;
        let visitor = Visitor::at(&instance.url())?;
        let page = visitor.sees("/").await?.text();
        ensure!(page.contains("DROP TABLE wp_users") && page.contains("{{ stack }}"), "no title:\n{page:.900}");
        ensure!(!page.contains("<script>alert(1)"), "the title runs in the visitor's browser");
        let mut administrator = visitor.clone();
        administrator.log_in("a.d-m_i@n", &fleet.aws.secrets.admin_password).await?;
        administrator.is_logged_in().await?;
        let constants = instance
            .must("cd /var/www/wordpress; runuser -u www-data -- php -r 'require \"wp-load.php\"; var_dump(FLEET_PATH, FLEET_NUMBER, EMPTY_TRASH_DAYS, ini_get(\"user_agent\"));'")
            .await?;
        let is = |text: &str| constants.contains(text);
        ensure!(is("\"/etc/passwd:@%+=-,. x\"") && is("\"007\"") && is("int(-1)"), "{constants}");
        ensure!(made(&instance)?.is_empty(), "{:?}", made(&instance)?);
        Ok(())
    })
}

#[test]
fn what_the_schema_refuses_does_not_run_either() -> Result<()> {
    story("hostile text beyond the schema", async |fleet| {
        let mut spec = fleet.spec.clone();
        spec.site.title = format!("{}\nEND\ntouch /var/tmp/{MARK}-here\n{{{{ stack }}}}", payloads(1));
        spec.wordpress.constants = BTreeMap::from([
            ("FLEET_HOSTILE".into(), payloads(2)),
            (format!("X');touch('/var/tmp/{MARK}-constant');//"), payloads(3)),
        ]);
        let instance = fleet.apart(&spec).await?;
        ensure!(made(&instance)?.is_empty(), "{:?}", made(&instance)?);
        let page = Visitor::at(&instance.url())?.sees("/").await?.text();
        ensure!(!page.contains("<?php"), "the title is not escaped:\n{page:.900}");

        // These no WordPress takes, so that the boot may end: it is to do nothing else.
        spec.site.admin_user = payloads(4);
        spec.site.locale = payloads(5);
        fleet.empty().await?;
        instance.user_data(&fleet.apart_data(&spec)?).await?;
        ensure!(made(&instance)?.is_empty(), "{:?}", made(&instance)?);
        // A plugin's name reaches a path and an address; another source makes the script fetch again.
        spec.wordpress.plugins = vec![site::plugin(&payloads(6), &payloads(7), &payloads(8))];
        instance.must("rm /var/www/wordpress/.source").await?;
        let well = instance.user_data(&fleet.apart_data(&spec)?).await?;
        ensure!(!well && made(&instance)?.is_empty(), "{:?}", made(&instance)?);
        Ok(())
    })
}

/// The files that a payload made, anywhere in what was written.
fn made(instance: &Instance) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for folder in [instance.written(), instance.path("/run"), instance.path("/tmp")] {
        collect(&folder, &mut found)?;
    }
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<String>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(MARK)) {
            found.push(path.display().to_string());
        }
        if path.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            collect(&path, found)?;
        }
    }
    Ok(())
}
