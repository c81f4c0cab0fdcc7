//! Whom the instances believe, and who WordPress is in the database.

use anyhow::{Context, Result, ensure};
use wpc_e2e::harness::eventually;

use super::fleet::story;
use super::visitor::Visitor;

#[test]
fn a_database_that_cannot_show_who_it_is_is_not_talked_to() -> Result<()> {
    story("certificates", async |fleet| {
        let spec = fleet.spec.clone();
        let instance = fleet.apart(&spec).await?;
        let visitor = Visitor::at(&instance.url())?;
        visitor.sees("/health/ready").await?;
        let second = fleet.second.as_ref().context("a second database")?;
        for (certificate, what) in [
            ("elsewhere", "another name"),
            ("stranger", "an authority that nobody knows"),
            ("database", "what it should"),
        ] {
            let show = format!(
                "sed -i -E 's#^(ssl-(cert|key)=/etc/fleet/mysql/)[a-z]+#\\1{certificate}#' /etc/mysql/mariadb.conf.d/99-fleet.cnf
                systemctl restart mariadb"
            );
            second.must(&show).await?;
            let well = certificate == "database";
            let wanted = if well { 200 } else { 503 };
            eventually(&format!("{wanted} with a certificate of {what}"), async || {
                let page = visitor.get("/health/ready").await?;
                let said: serde_json::Value = serde_json::from_slice(&page.body)?;
                ensure!(page.status == wanted && said["database"] == well, "{}: {said}", page.status);
                Ok(())
            })
            .await?;
            // Around the page cache.
            let page = visitor.get("/wp-login.php").await?;
            ensure!(if well { page.status == 200 } else { page.status >= 500 }, "{what}: {}", page.status);
        }
        Ok(())
    })
}

#[test]
fn wordpress_is_a_user_of_its_own_in_the_database() -> Result<()> {
    story("the database's user", async |fleet| {
        let spec = fleet.spec.clone();
        let instance = fleet.apart(&spec).await?;
        let asks = async |sql: &str| {
            let code = format!(
                "cd /var/www/wordpress; runuser -u www-data -- php -r 'require \"wp-load.php\"; $wpdb->suppress_errors(); echo json_encode($wpdb->get_col(\"{sql}\")), $wpdb->last_error;'"
            );
            instance.must(&code).await
        };
        let who = asks("SELECT CURRENT_USER()").await?;
        ensure!(who.contains("site@%"), "{who}");
        let grants = asks("SHOW GRANTS").await?;
        ensure!(grants.contains("REQUIRE SSL") && grants.contains("ON `wordpress`.*"), "{grants}");
        ensure!(grants.matches("ON *.*").count() == 1 && grants.contains("GRANT USAGE ON *.*"), "{grants}");
        let others = asks("SELECT User FROM mysql.user").await?;
        ensure!(others.contains("denied"), "it reads {others}");

        // Who runs in WordPress learns nothing of the master user, by file or by role.
        let found = instance.run("runuser -u www-data -- grep -rlF master /run/wordpress").await?;
        ensure!(!found.ok, "{}", found.text);
        let code = "<?php $put = [\"http\" => [\"method\" => \"PUT\", \"timeout\" => 2]]; \
            echo @file_get_contents(\"http://169.254.169.254/latest/api/token\", false, stream_context_create($put)) === false ? \"refused\" : \"answered\";";
        let probe = "/var/www/wordpress/probe.php";
        let elsewhere = instance.must(&format!("cat >{probe} <<'END'\n{code}\nEND\nphp {probe}")).await?;
        ensure!(elsewhere.contains("answered"), "the metadata service is not there: {elsewhere}");
        let visitor = Visitor::at(&instance.url())?;
        let inside = visitor.sees("/probe.php").await?.text();
        ensure!(inside.contains("refused"), "PHP asks the metadata service: {inside}");

        // A site from before it had its user, or whose secret is another one.
        let second = fleet.second.as_ref().context("a second database")?;
        second.must("mariadb -e \"DROP USER 'site'@'%'\"").await?;
        instance.becomes_web_server(&fleet.apart_data(&spec)?).await?;
        Visitor::at(&instance.url())?.sees("/wp-login.php").await?;
        Ok(())
    })
}
