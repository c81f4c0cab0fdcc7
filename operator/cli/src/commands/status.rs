use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, pin_mut};
use jiff::Timestamp;
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, ResourceExt};
use wpc_api::v1alpha1::Component;
use wpc_api::{Area, WordPressCluster};

use crate::args::{Format, Kube, Status};
use crate::{commands::run, output};

pub async fn status(args: Status, kube: &Kube) -> Result<ExitCode> {
    let client = run::client(kube).await?;
    let namespace = args.namespace.clone().unwrap_or_else(|| client.default_namespace().to_owned());
    let api = Api::<WordPressCluster>::namespaced(client, &namespace);
    let object = api.get_opt(&args.name).await.context("the Kubernetes API")?;
    let object =
        object.with_context(|| format!("there is no WordPressCluster {} in namespace {namespace}", args.name))?;
    show(&object, args.output)?;
    if args.watch {
        let only = watcher::Config::default().fields(&format!("metadata.name={}", args.name));
        let changes = watcher(api, only).default_backoff().applied_objects().skip(1);
        pin_mut!(changes);
        while let Some(object) = changes.try_next().await? {
            println!();
            show(&object, args.output)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(object: &WordPressCluster, format: Format) -> Result<()> {
    output::print(format, &object.status, || tree(object, Timestamp::now()))
}

/// The object, its conditions in brief, and its components by area.
fn tree(object: &WordPressCluster, now: Timestamp) -> String {
    let mut text = String::new();
    let status = object.status.clone().unwrap_or_default();
    let line = |text: &mut String, line: String| writeln!(text, "{line}").expect("a string takes any text");
    line(&mut text, format!("WordPressCluster {}/{}", object.namespace().unwrap_or_default(), object.name_any()));
    for condition in &status.conditions {
        // Only what a person should know: is it ready, and whatever else is true.
        if condition.type_ == "Ready" || (condition.status == "True" && !condition.type_.ends_with("Ready")) {
            line(
                &mut text,
                format!("  {}={} {}: {}", condition.type_, condition.status, condition.reason, condition.message),
            );
        }
    }
    if let Some(site) = status.endpoints.as_ref().and_then(|endpoints| endpoints.site.as_ref()) {
        line(&mut text, format!("  site: {site}"));
    }
    let width = status.components.iter().map(|c| c.name.len()).max().unwrap_or_default();
    for area in Area::ALL {
        let mine: Vec<_> = status.components.iter().filter(|c| Area::of_component(&c.name) == Some(area)).collect();
        let Some((last, others)) = mine.split_last() else { continue };
        let ready = mine.iter().filter(|c| c.state == "Ready").count();
        line(&mut text, format!("{area} {ready}/{}", mine.len()));
        others.iter().for_each(|component| line(&mut text, format!("├─ {}", leaf(component, width, now))));
        line(&mut text, format!("└─ {}", leaf(last, width, now)));
    }
    text
}

fn leaf(component: &Component, width: usize, now: Timestamp) -> String {
    let Component { name, kind: _, id, state, reason, since } = component;
    let id = id.as_deref().unwrap_or("-");
    let age = since.as_ref().map(|since| age(now, since.0)).unwrap_or_default();
    format!("{name:width$}  {state:9} {age:>4}  {id}  {reason}").trim_end().to_owned()
}

/// As kubectl writes it: the largest unit that fits.
fn age(now: Timestamp, since: Timestamp) -> String {
    let seconds = now.duration_since(since).as_secs().max(0);
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7200 => format!("{}m", seconds / 60),
        7200..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}
