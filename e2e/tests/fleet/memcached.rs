//! WordPress's objects in Memcached.

use anyhow::{Context, Result, ensure};
use wpc_api::v1alpha1::CacheEngine;
use wpc_blueprint::bootstrap::{Bound, Cache};

use super::fleet::{Fleet, story};
use super::instance::Instance;
use super::site;
use super::visitor::Visitor;

/// Page views that are counted.
const VIEWS: usize = 20;

#[test]
fn memcached_keeps_objects_for_all() -> Result<()> {
    story("Memcached", async |fleet| {
        let spec = fleet.spec.clone();
        let memcached = Instance::boot(&fleet.ground, "memcached", &[]).await?;
        let start = "systemd-run --quiet --unit=objects -p User=memcache memcached -l 0.0.0.0 -Z -o ssl_chain_cert=/etc/fleet/memcache/server.crt,ssl_key=/etc/fleet/memcache/server.key";
        memcached.must(start).await?;
        let host = "memcached.fleet.test".to_owned();
        let cache = Cache {
            engine: CacheEngine::Memcached,
            host,
            port: 11211,
            tls: true,
            secret: None,
            sessions: false,
            objects: true,
        };
        let bound = Bound { cache: Some(cache), ..fleet.bound() };
        let script = site::user_data(&spec, &bound)?;
        let (one, other) = (fleet.machine().await?, fleet.machine().await?);
        tokio::try_join!(one.becomes_web_server(&script), other.becomes_web_server(&script))?;

        // What one has put there the other finds, in its form.
        let put = "wp_cache_set(\"number\", 41, \"fleet\"); wp_cache_set(\"thing\", [\"a\" => [1, null, false]], \"fleet\"); \
            var_dump(wp_cache_add(\"number\", 1, \"fleet\"), wp_cache_incr(\"number\", 1, \"fleet\"));";
        let said = php(&one, put).await?;
        ensure!(said.contains("bool(false)") && said.contains("int(42)"), "{said}");
        let get = "echo json_encode([wp_cache_get(\"number\", \"fleet\"), wp_cache_get(\"thing\", \"fleet\"), \
            wp_cache_get_multiple([\"number\", \"none\"], \"fleet\"), wp_cache_delete(\"number\", \"fleet\")]);";
        let said = php(&other, get).await?;
        ensure!(said.contains(r#"[42,{"a":[1,null,false]},{"number":42,"none":false},true]"#), "{said}");
        let gone = php(&one, "var_dump(wp_cache_get(\"number\", \"fleet\", false, $found), $found);").await?;
        ensure!(gone.matches("bool(false)").count() == 2, "{gone}");

        // A title that is changed on one is the other's at once, and views cost the database less.
        let mut visitor = Visitor::at(&other.url())?;
        visitor.carry("comment_author_fleet", "somebody");
        visitor.sees("/").await?;
        php(&one, "update_option(\"blogname\", \"Another title\");").await?;
        ensure!(visitor.sees("/").await?.text().contains("Another title"), "an old title");
        php(&one, "update_option(\"blogname\", \"It\\x27s a \\x22fleet\\x22 & more\");").await?;
        let with = views(fleet, &visitor).await?;
        let without = views(fleet, &visitor.moves_to(&fleet.two()?.0.url())).await?;
        let fall = 100.0 - 100.0 * with as f64 / without as f64;
        println!(
            "fleet: {VIEWS} page views cost the database {with} statements with objects in Memcached, {without} without: {fall:.1} % less"
        );
        ensure!(fall > 40.0, "only {fall:.1} % less");
        ensure!(
            php(&one, "wp_cache_flush(); var_dump(wp_cache_get(\"thing\", \"fleet\"));").await?.contains("bool(false)"),
            "it is there still"
        );

        visitor.sees("/health/ready").await?;
        memcached.must("systemctl stop objects").await?;
        visitor.sees("/").await?;
        ensure!(visitor.get("/health/ready").await?.status == 503, "it is ready without its cache");
        Ok(())
    })
}

/// The statements that some page views cost, around the page cache.
async fn views(fleet: &Fleet, visitor: &Visitor) -> Result<u64> {
    visitor.sees("/").await?;
    let before = fleet.questions().await?;
    for _ in 0..VIEWS {
        visitor.sees("/").await?;
    }
    Ok(fleet.questions().await? - before)
}

/// What a line of PHP in WordPress prints.
async fn php(instance: &Instance, code: &str) -> Result<String> {
    let script = format!("cd /var/www/wordpress; runuser -u www-data -- php -r 'require \"wp-load.php\"; {code}'");
    instance.must(&script).await.with_context(|| code.to_owned())
}
