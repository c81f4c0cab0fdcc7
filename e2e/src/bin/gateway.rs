//! The gateway on its own, for people and for suites in other languages.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use wpc_e2e::gateway::{Config, Gateway, Profile};

/// A proxy that gives an emulated AWS the real one's manners.
#[derive(Debug, Parser)]
#[command(name = "gateway")]
struct Args {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:4599")]
    listen: SocketAddr,
    /// The emulated cloud.
    #[arg(long, default_value = "http://127.0.0.1:4566")]
    upstream: String,
    /// Another cloud for one service, such as cloudfront=http://127.0.0.1:4600; may repeat.
    #[arg(long, value_name = "SERVICE=URL", value_parser = pair::<String>)]
    service: Vec<(String, String)>,
    /// How fast AWS is.
    #[arg(long, value_enum, default_value = "aws")]
    profile: Speed,
    /// Seconds that a minute of AWS lasts.
    #[arg(long, default_value_t = 1.0)]
    minute: f64,
    /// AWS seconds for an action or a kind, such as CreateDBInstance=60; may repeat.
    #[arg(long, value_name = "WHAT=SECONDS", value_parser = pair::<f64>)]
    time: Vec<(String, f64)>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Speed {
    /// Everything takes AWS's time, scaled.
    Aws,
    /// Everything is ready at once.
    Instant,
}

fn pair<T>(text: &str) -> Result<(String, T)>
where
    T: std::str::FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let (name, value) = text.split_once('=').context("write NAME=VALUE")?;
    Ok((name.into(), value.parse()?))
}

#[tokio::main]
async fn main() -> Result<()> {
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).init();
    let args = Args::parse();
    let minute = Duration::try_from_secs_f64(args.minute).context("--minute")?;
    let mut profile = match args.profile {
        Speed::Aws => Profile::aws(minute),
        Speed::Instant => Profile::instant(),
    };
    for (what, seconds) in args.time {
        profile = profile.with_time(&what, seconds);
    }
    let mut config = Config::new(args.upstream).listen(args.listen).profile(profile);
    for (name, url) in args.service {
        config = config.service(&name, url);
    }
    let gateway = Gateway::start(config).await?;
    println!("{}", gateway.url());
    gateway.join().await;
    Ok(())
}
