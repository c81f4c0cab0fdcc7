//! The one fleet of this process: AWS, a database, a cache, a load balancer and two web servers, booted by the first
//! story that wants it. Stories take turns, and leave two healthy web servers behind.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context, Result, bail, ensure};
use tokio::runtime::Runtime;
use tokio::sync::{Mutex, MutexGuard, OnceCell};
use wpc_api::WordPressClusterSpec;
use wpc_blueprint::bootstrap::Bound;
use wpc_e2e::harness::eventually;

use super::aws::Aws;
use super::front::Front;
use super::ground::Ground;
use super::instance::Instance;
use super::site::{self, DOMAIN};
use super::spotter::Spotter;
use super::visitor::Visitor;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
static FLEET: LazyLock<Mutex<Option<Result<Fleet, String>>>> = LazyLock::new(Mutex::default);
static MISSING: OnceCell<Option<String>> = OnceCell::const_new();

/// The object cache's plugin, where somebody brings it along.
const OBJECT_CACHE: &str = "redis-cache.2.7.0.zip";

/// Everything that one fleet has.
pub struct Fleet {
    /// The network and the root.
    pub ground: Ground,
    /// Secrets, archives, and who the instances are.
    pub aws: Aws,
    /// The database's primary.
    pub db: Instance,
    /// Another primary, for sites of a story's own.
    pub second: Option<Instance>,
    /// Redis.
    _cache: Instance,
    /// The load balancer.
    pub front: Front,
    /// The web servers in service.
    pub web: Vec<Instance>,
    /// The spec that they run.
    pub spec: WordPressClusterSpec,
    /// The folder that all mount for uploads.
    pub uploads: PathBuf,
    /// What the process list showed while instances booted.
    pub spotter: Spotter,
    /// Whether the object cache's plugin was brought along.
    pub objects: bool,
    /// How many of the first two installed WordPress.
    pub installed: usize,
    named: usize,
}

/// Runs a story on the fleet, or says why there is none.
pub fn story(name: &str, play: impl AsyncFnOnce(&mut Fleet) -> Result<()>) -> Result<()> {
    RUNTIME.block_on(async {
        let missing = MISSING.get_or_init(async || Ground::missing()).await;
        if let Some(why) = missing {
            if std::env::var("WPC_REQUIRE_FLEET").is_ok_and(|value| value == "1") {
                bail!("WPC_REQUIRE_FLEET=1, and this machine runs no fleet: {why}");
            }
            println!("fleet: {name} does not run here: {why}");
            return Ok(());
        }
        let mut guard = fleet().await;
        let fleet = match guard.as_mut().context("a fleet, or why not")? {
            Ok(fleet) => fleet,
            Err(why) => bail!("the fleet does not come up: {why}"),
        };
        let began = std::time::Instant::now();
        fleet.is_whole().await.with_context(|| format!("before {name}: there are no two healthy web servers"))?;
        play(fleet).await.with_context(|| format!("healthy: {:?}", fleet.front.healthy()))?;
        let refused = fleet.aws.gateway.take_violations();
        ensure!(refused.is_empty(), "AWS would have refused: {refused:?}");
        println!("fleet: {name}: {} s", began.elapsed().as_secs());
        Ok(())
    })
}

/// The fleet, or why it does not come up: nobody tries twice.
async fn fleet() -> MutexGuard<'static, Option<Result<Fleet, String>>> {
    let mut guard = FLEET.lock().await;
    if guard.is_none() {
        let began = std::time::Instant::now();
        *guard = Some(Fleet::new().await.map_err(|error| format!("{error:#}")));
        println!(
            "fleet: two web servers, database, cache and load balancer came up in {} s",
            began.elapsed().as_secs()
        );
    }
    guard
}

impl Fleet {
    async fn new() -> Result<Self> {
        let ground = Ground::new()?;
        let aws = Aws::start(&ground).await?;
        let spotter = Spotter::start(&aws.secrets.values);
        let uploads = ground.folder("uploads")?;
        // www-data, as the access point of the real file system says.
        std::os::unix::fs::chown(&uploads, Some(33), Some(33))?;
        let sum = aws.serve(site::ARCHIVE, std::fs::read(ground.built("wordpress.tar.gz"))?);
        let spec = site::spec(&sum)?;
        let objects = object_cache(&aws)?;
        let (db, cache, front) = tokio::try_join!(
            database(&ground, &aws, "db", 1),
            redis(&ground, &aws),
            Front::start(&ground, spec.load_balancer.health_check.clone()),
        )?;
        let mut fleet = Self {
            ground,
            aws,
            db,
            second: None,
            _cache: cache,
            front,
            web: Vec::new(),
            spec,
            uploads,
            spotter,
            objects,
            installed: 0,
            named: 0,
        };
        let (one, other) = (fleet.machine().await?, fleet.machine().await?);
        let script = fleet.user_data(&fleet.spec)?;
        // At the same time: they race for the installation.
        tokio::try_join!(one.becomes_web_server(&script), other.becomes_web_server(&script))?;
        for instance in [&one, &other] {
            fleet.installed += usize::from(instance.boot_log()?.contains("WordPress is installed"));
        }
        tokio::try_join!(fleet.front.register(&one), fleet.front.register(&other))?;
        fleet.web.extend([one, other]);
        Ok(fleet)
    }

    /// Boots one more machine, without user data.
    pub async fn machine(&mut self) -> Result<Instance> {
        let uploads = self.uploads.clone();
        self.machine_with(&[&uploads]).await
    }

    /// One with these folders: for uploads, and for those from before.
    pub async fn machine_with(&mut self, shared: &[&Path]) -> Result<Instance> {
        self.named += 1;
        Instance::boot(&self.ground, &format!("web{}", self.named), shared).await
    }

    /// Two healthy web servers and their database, whatever the story before has left.
    async fn is_whole(&mut self) -> Result<()> {
        self.db.must("systemctl start mariadb").await?;
        let mut kept = Vec::new();
        for mut instance in std::mem::take(&mut self.web) {
            match answers(&mut instance).await {
                Ok(()) => kept.push(instance),
                Err(why) => println!("fleet: {} is replaced: {why:#}", instance.name),
            }
        }
        self.web = kept;
        for name in self.front.registered() {
            if !self.web.iter().any(|instance| instance.name == name) {
                self.front.deregister(&name);
            }
        }
        for instance in &self.web {
            if !self.front.registered().contains(&instance.name) {
                self.front.register(instance).await?;
            }
        }
        while self.web.len() < 2 {
            self.joins().await?;
        }
        eventually("all to be healthy", async || {
            let (healthy, all) = (self.front.healthy(), self.front.registered());
            ensure!(healthy == all, "{healthy:?} of {all:?}");
            Ok(())
        })
        .await
    }

    /// The first two web servers.
    pub fn two(&self) -> Result<(&Instance, &Instance)> {
        match self.web.as_slice() {
            [one, other, ..] => Ok((one, other)),
            fewer => bail!("two web servers are needed, and there are {}", fewer.len()),
        }
    }

    /// What the fleet's web servers are bound to.
    pub fn bound(&self) -> Bound {
        site::bound(&self.aws.secrets, "db", self.objects)
    }

    /// The script that the blueprint renders of this spec.
    pub fn user_data(&self, spec: &WordPressClusterSpec) -> Result<String> {
        site::user_data(spec, &self.bound())
    }

    /// One more web server in service.
    pub async fn joins(&mut self) -> Result<()> {
        let instance = self.machine().await?;
        instance.becomes_web_server(&self.user_data(&self.spec)?).await?;
        self.front.register(&instance).await?;
        self.web.push(instance);
        Ok(())
    }

    /// The second database, empty again.
    pub async fn anew(&mut self) -> Result<()> {
        if self.second.is_none() {
            self.second = Some(database(&self.ground, &self.aws, "db2", 2).await?);
        }
        self.empty().await
    }

    /// Boots a machine with a site of its own, on the second database, empty again.
    pub async fn apart(&mut self, spec: &WordPressClusterSpec) -> Result<Instance> {
        self.anew().await?;
        let instance = self.machine().await?;
        instance.becomes_web_server(&self.apart_data(spec)?).await?;
        Ok(instance)
    }

    /// The script of a site on the second database.
    pub fn apart_data(&self, spec: &WordPressClusterSpec) -> Result<String> {
        site::user_data(spec, &site::bound(&self.aws.secrets, "db2", false))
    }

    /// Empties the second database.
    pub async fn empty(&self) -> Result<()> {
        let second = self.second.as_ref().context("a second database")?;
        second.must("mariadb -e 'DROP DATABASE IF EXISTS wordpress'").await?;
        Ok(())
    }

    /// Somebody new before the load balancer.
    pub fn visitor(&self) -> Result<Visitor> {
        Visitor::at(&self.front.url())
    }

    /// The administrator, logged in there.
    pub async fn administrator(&self) -> Result<Visitor> {
        let mut visitor = self.visitor()?;
        visitor.log_in(&self.spec.site.admin_user, &self.aws.secrets.admin_password).await?;
        Ok(visitor)
    }

    /// One value from the database.
    pub async fn value(&self, sql: &str) -> Result<String> {
        let said = self.db.must(&format!("mariadb -N -B wordpress <<'END'\n{sql}\nEND")).await?;
        Ok(said.trim().to_owned())
    }

    /// How many statements the primary has been sent.
    pub async fn questions(&self) -> Result<u64> {
        let row = self.value("SHOW GLOBAL STATUS LIKE 'Questions'").await?;
        row.split_whitespace().last().context("no number")?.parse().context("no number")
    }
}

/// The client on the machine itself does not ask the server who it is.
pub const OWN_CLIENT: &str =
    "printf '[client]\\ndisable-ssl-verify-server-cert\\n' >/etc/mysql/mariadb.conf.d/99-client.cnf";

/// MariaDB with TLS, as RDS demands it, and the master user.
pub async fn database(ground: &Ground, aws: &Aws, name: &str, id: u32) -> Result<Instance> {
    let instance = Instance::boot(ground, name, &[]).await?;
    let password = &aws.secrets.database_password;
    let script = format!(
        "set -e
        echo 'server-id={id}' >>/etc/mysql/mariadb.conf.d/99-fleet.cnf
        {OWN_CLIENT}
        systemctl start mariadb
        mariadb <<'END'
CREATE USER 'master'@'%' IDENTIFIED BY '{password}' REQUIRE SSL;
GRANT ALL ON *.* TO 'master'@'%' WITH GRANT OPTION;
END"
    );
    instance.must(&script).await?;
    Ok(instance)
}

async fn redis(ground: &Ground, aws: &Aws) -> Result<Instance> {
    let instance = Instance::boot(ground, "cache", &[]).await?;
    let token = &aws.secrets.token;
    let script = format!(
        "set -e
        umask 077
        cat >/etc/redis/password.conf <<<'requirepass {token}'
        chown redis /etc/redis/password.conf
        systemctl start redis-server"
    );
    instance.must(&script).await?;
    Ok(instance)
}

/// Serves the plugin that `WPC_PLUGIN_ARCHIVES` holds, as wordpress.org would.
fn object_cache(aws: &Aws) -> Result<bool> {
    let Some(folder) = std::env::var_os("WPC_PLUGIN_ARCHIVES") else {
        println!(
            "fleet: no WPC_PLUGIN_ARCHIVES with {OBJECT_CACHE}: Redis keeps sessions, and no objects of WordPress"
        );
        return Ok(false);
    };
    let path = PathBuf::from(folder).join(OBJECT_CACHE);
    let archive = std::fs::read(&path).with_context(|| path.display().to_string())?;
    aws.serve(&format!("https://downloads.wordpress.org/plugin/{OBJECT_CACHE}"), archive);
    Ok(true)
}

/// Whether an instance is there and serves, sooner or later.
async fn answers(instance: &mut Instance) -> Result<()> {
    let visitor = Visitor::at(&instance.url())?;
    let name = instance.name.clone();
    eventually(&format!("{name} to be ready"), async || {
        instance.check()?;
        let page = visitor.get("/health/ready").await?;
        ensure!(page.status == 200, "{}: {}", page.status, page.text());
        Ok(())
    })
    .await
}

/// Waits until every web server answers a page with this status.
pub async fn all_answer(fleet: &Fleet, path: &str, status: u16) -> Result<()> {
    for instance in &fleet.web {
        let visitor = Visitor::at(&instance.url())?;
        eventually(&format!("{status} of {path} on {} ({DOMAIN})", instance.name), async || {
            let page = visitor.get(path).await?;
            ensure!(page.status == status, "{}: {}", page.status, page.text());
            Ok(())
        })
        .await?;
    }
    Ok(())
}
