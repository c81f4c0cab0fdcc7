//! What one instance serves, by wrk: figures for docs/sizing.md, and no judgement.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use regex::Regex;
use wpc_e2e::harness::eventually;

use super::fleet::{Fleet, story};
use super::site::DOMAIN;

/// Long enough to forget the start.
const SECONDS: u32 = 10;

#[test]
#[ignore = "figures, not a test: make fleet ARGS='--ignored --nocapture'"]
fn what_one_instance_serves() -> Result<()> {
    story("load", async |fleet| {
        let post = fleet.administrator().await?.publishes("Load", "Some text.").await?;
        let page = post.trim_start_matches(&format!("https://{DOMAIN}")).to_owned();
        let all: Vec<_> = fleet.web.iter().skip(1).map(|instance| instance.name.clone()).collect();
        all.iter().for_each(|name| fleet.front.deregister(name));
        let only = fleet.web[0].url();
        eventually("one instance to serve alone", async || {
            for _ in 0..10 {
                let page = fleet.visitor()?.get("/health").await?;
                ensure!(only.ends_with(page.header("x-target")), "{} serves too", page.header("x-target"));
            }
            Ok(())
        })
        .await?;
        let text = fleet.visitor()?.sees("/").await?.text();
        let assets = Regex::new(r#"/wp-(?:content|includes)/[^"'\s)]+\.(?:css|js|png|jpg|webp|woff2|svg)"#)?;
        let assets: BTreeSet<_> = assets.find_iter(&text).map(|found| found.as_str()).collect();
        println!("a view of the front page asks for {} files that the CDN serves, and for 1 page", assets.len());
        println!("| what | requests a minute, one instance | without an error |\n|---|---:|---:|");
        let mut rows = Vec::new();
        for (what, path, cookie) in [
            ("a page, cached", page.as_str(), ""),
            ("a page, not cached", page.as_str(), "comment_author_fleet=somebody"),
            ("a static file", "/wp-includes/css/dist/block-library/style.min.css", ""),
            ("/health", "/health", ""),
        ] {
            let (rate, well) = wrk(fleet, path, cookie)?;
            println!("| {what} | {:.0} | {well} |", rate * 60.0);
            rows.push(rate);
        }
        for instance in &fleet.web[1..] {
            fleet.front.register(instance).await?;
        }
        ensure!(rows.iter().all(|rate| *rate > 0.0), "nothing was served");
        Ok(())
    })
}

/// Requests a second through the load balancer, and whether all were answered well.
fn wrk(fleet: &Fleet, path: &str, cookie: &str) -> Result<(f64, bool)> {
    let output = Command::new("chroot")
        .arg(fleet.ground.built("root"))
        .args(["/usr/bin/wrk", "-t2", "-c16", "--timeout", "30s", &format!("-d{SECONDS}s")])
        .args(["-H", &format!("Host: {DOMAIN}"), "-H", &format!("Cookie: {cookie}")])
        // The root has no /etc/services to look the port up in.
        .arg(format!("{}:80{path}", fleet.front.url()))
        .output()?;
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let rate = text.lines().find_map(|line| line.strip_prefix("Requests/sec:")).context(text.clone())?;
    Ok((rate.trim().parse()?, !text.contains("Non-2xx") && !text.contains("Socket errors")))
}
