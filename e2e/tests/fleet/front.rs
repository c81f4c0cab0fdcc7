//! nginx in the place of the load balancer, by the target group's rules: health checks at the spec's interval, in and out
//! by its thresholds. Unlike an ALB it passes a request on that reached no server, and one that only reads.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinHandle;
use wpc_api::v1alpha1::HealthCheck;
use wpc_e2e::harness::eventually;

use super::ground::Ground;
use super::instance::{self, Instance};

/// Its address; the metadata service's is on the same port.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 10);

/// The load balancer.
pub struct Front {
    _instance: Instance,
    targets: Targets,
    checking: JoinHandle<()>,
}

type Targets = Arc<Mutex<Vec<Target>>>;

#[derive(Clone)]
struct Target {
    name: String,
    url: String,
    healthy: bool,
    /// Whether nginx has been told that it is healthy.
    served: bool,
    /// Answers in a row that say the opposite.
    against: u8,
}

impl Front {
    /// Boots it, without targets.
    pub async fn start(ground: &Ground, check: HealthCheck) -> Result<Self> {
        let instance = Instance::boot(ground, "front", &[]).await?;
        instance.must(&format!("{}\nsystemctl start nginx", configuration(&[]))).await?;
        let targets = Targets::default();
        let checking = tokio::spawn(watch(instance.init(), check, targets.clone()));
        Ok(Self { _instance: instance, targets, checking })
    }

    /// Where visitors go.
    pub fn url(&self) -> String {
        format!("http://{ADDRESS}")
    }

    fn targets(&self) -> MutexGuard<'_, Vec<Target>> {
        self.targets.lock().expect("nobody panics with it")
    }

    /// Registers an instance and waits until it is healthy.
    pub async fn register(&self, instance: &Instance) -> Result<()> {
        let (name, url) = (instance.name.clone(), instance.url());
        self.targets().push(Target { name: name.clone(), url, healthy: false, served: false, against: 0 });
        eventually(&format!("{name} to be healthy"), async || {
            anyhow::ensure!(self.healthy().contains(&name), "{:?}", self.healthy());
            Ok(())
        })
        .await
    }

    /// Takes an instance out.
    pub fn deregister(&self, name: &str) {
        self.targets().retain(|target| target.name != name);
    }

    /// Who is registered, by name.
    pub fn registered(&self) -> Vec<String> {
        self.targets().iter().map(|target| target.name.clone()).collect()
    }

    /// Who is healthy and served accordingly, by name.
    pub fn healthy(&self) -> Vec<String> {
        self.targets().iter().filter(|target| target.served).map(|target| target.name.clone()).collect()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.checking.abort();
    }
}

async fn watch(init: u32, check: HealthCheck, targets: Targets) {
    let every = Duration::from_secs(check.interval_seconds.into());
    // AWS wants the timeout below the interval; the blueprint asks for five seconds at most.
    let timeout = Duration::from_secs(5.min(u64::from(check.interval_seconds) - 1));
    let http = reqwest::Client::builder().no_proxy().timeout(timeout).build().expect("a client");
    let mut ticks = tokio::time::interval(every);
    let mut written = Vec::new();
    loop {
        ticks.tick().await;
        let asked = targets.lock().expect("nobody panics with it").clone();
        for target in asked {
            let answer = http.get(format!("{}{}", target.url, check.path)).send().await;
            let well = answer.is_ok_and(|answer| answer.status() == 200);
            let mut targets = targets.lock().expect("nobody panics with it");
            let Some(target) = targets.iter_mut().find(|known| known.name == target.name) else { continue };
            target.against = if well == target.healthy { 0 } else { target.against + 1 };
            let enough = if well { check.healthy_threshold } else { check.unhealthy_threshold };
            if target.against >= enough {
                (target.healthy, target.against) = (well, 0);
            }
        }
        let healthy: Vec<_> = {
            let targets = targets.lock().expect("nobody panics with it");
            // With no healthy target an ALB asks them all.
            let all = targets.iter().all(|target| !target.healthy);
            targets.iter().filter(|target| all || target.healthy).map(|target| target.url.clone()).collect()
        };
        if healthy != written {
            let script = format!("{}\nsystemctl reload nginx", configuration(&healthy));
            if instance::run(init, &script).await.is_ok_and(|said| said.ok) {
                written = healthy;
            }
        }
        for target in targets.lock().expect("nobody panics with it").iter_mut() {
            // Those that nginx asks only because nobody is healthy are not.
            target.served = target.healthy && written.contains(&target.url);
        }
    }
}

fn configuration(targets: &[String]) -> String {
    let servers: String =
        targets.iter().map(|url| format!("server {} max_fails=0;\n", url.trim_start_matches("http://"))).collect();
    let servers = if servers.is_empty() { "server 127.0.0.1:9 max_fails=0;\n".into() } else { servers };
    format!(
        "cat >/etc/nginx/nginx.conf <<'END'
worker_processes auto;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    upstream fleet {{
        {servers}
        keepalive 32;
    }}
    server {{
        listen {ADDRESS}:80;
        client_max_body_size 100m;
        location / {{
            proxy_pass http://fleet;
            proxy_http_version 1.1;
            proxy_connect_timeout 2s;
            proxy_next_upstream error timeout;
            proxy_set_header Connection \"\";
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-Proto https;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            add_header X-Target $upstream_addr always;
        }}
    }}
}}
END"
    )
}
