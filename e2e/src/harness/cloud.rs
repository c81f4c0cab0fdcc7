//! Emulated AWS clouds.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::account::Account;
use super::process::Process;
use super::wait::eventually;
use super::{ports, tools};
use crate::gateway::protocol::{Answer, Request, Tree};
use crate::gateway::upstream::Upstreams;
use crate::gateway::{Config, Profile};

/// The clouds that the suite runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CloudKind {
    /// MiniStack alone.
    MiniStack,
    /// moto, and MiniStack for the services whose calls moto lacks.
    Moto,
    /// LocalStack for what its open core has, and MiniStack for the others.
    LocalStack,
}

/// The services that moto does not answer well enough, as `AWS_ENDPOINT_URL_<SERVICE>` spells
/// them; docs/testing.md names the calls.
const NOT_IN_MOTO: [&str; 9] =
    ["BACKUP", "BUDGETS", "CLOUDFRONT", "CLOUDTRAIL", "CLOUDWATCH", "EFS", "ELASTICACHE", "ROUTE_53", "S3"];

/// The services that LocalStack answers, spelled so. Its open core has EC2, too, but load balancers, groups of instances,
/// databases and file systems look up its ids in their own cloud; docs/testing.md names the flaws of the others it has.
const IN_LOCALSTACK: [&str; 8] = ["ACM", "CLOUDWATCH", "IAM", "KMS", "S3", "SECRETS_MANAGER", "SNS", "STS"];

/// Where the AWS SDK finds a cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// `AWS_ENDPOINT_URL`.
    pub default: String,
    /// `AWS_ENDPOINT_URL_<SERVICE>`, for the services that live elsewhere.
    pub services: BTreeMap<String, String>,
}

impl Endpoints {
    /// One endpoint for every service.
    pub fn only(url: impl Into<String>) -> Self {
        Self { default: url.into(), services: BTreeMap::new() }
    }

    /// The endpoint of a service, spelled as in `AWS_ENDPOINT_URL_<SERVICE>`.
    pub fn of(&self, service: &str) -> &str {
        self.services.get(service).unwrap_or(&self.default)
    }

    /// What a gateway before this cloud is started with; it checks requests against AWS's models.
    pub fn gateway(&self, profile: Profile) -> Config {
        let config = Config::new(&self.default).profile(profile).models(tools::service_models());
        self.services.iter().fold(config, |config, (service, url)| config.service(service, url))
    }
}

/// A running cloud, or the one that `WPC_E2E_AWS_ENDPOINT_URL` names.
///
/// # Guarantees
/// It holds Amazon Linux 2023 images for both architectures, and one account per [`Account`].
///
/// # Caveats
/// It models neither time nor the order in which AWS deletes: the gateway does.
#[derive(Debug)]
pub struct Cloud {
    endpoints: Endpoints,
    servers: Vec<Server>,
    _folder: TempDir,
}

#[derive(Debug)]
struct Server {
    program: Program,
    url: String,
    _process: Process,
}

impl Cloud {
    /// Starts the cloud and waits until it answers.
    pub async fn start(kind: CloudKind) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("wpc-cloud-").tempdir()?;
        if let Ok(url) = std::env::var("WPC_E2E_AWS_ENDPOINT_URL") {
            return Ok(Self { endpoints: Endpoints::only(url), servers: Vec::new(), _folder: folder });
        }
        let (endpoints, servers) = match kind {
            CloudKind::MiniStack => {
                let ministack = Server::start(Program::MiniStack, &[], &folder).await?;
                (Endpoints::only(&ministack.url), vec![ministack])
            }
            CloudKind::Moto => {
                let moto = Server::start(Program::Moto, &[], &folder).await?;
                // MiniStack asks moto for the subnets and groups that it does not know itself.
                let neighbour = [("NEIGHBOUR_EC2_ENDPOINT", moto.url.as_str())];
                let ministack = Server::start(Program::MiniStack, &neighbour, &folder).await?;
                let services = NOT_IN_MOTO.map(|service| (service.to_owned(), ministack.url.clone()));
                (Endpoints { default: moto.url.clone(), services: services.into() }, vec![moto, ministack])
            }
            CloudKind::LocalStack => {
                let localstack = Server::start(Program::LocalStack, &[], &folder).await?;
                let ministack = Server::start(Program::MiniStack, &[], &folder).await?;
                let services = IN_LOCALSTACK.map(|service| (service.to_owned(), localstack.url.clone()));
                (Endpoints { default: ministack.url.clone(), services: services.into() }, vec![localstack, ministack])
            }
        };
        Ok(Self { endpoints, servers, _folder: folder })
    }

    /// Where the AWS SDK finds it.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Empties it, of every account.
    pub async fn reset(&self) -> Result<()> {
        if self.servers.is_empty() {
            bail!("a cloud that was there before is not emptied: use an account of your own");
        }
        for server in &self.servers {
            let url = format!("{}{}", server.url, server.program.reset_path());
            reqwest::Client::new().post(url).send().await?.error_for_status()?;
        }
        Ok(())
    }

    /// One call with flat parameters, without a line of product code.
    pub async fn call(
        &self,
        account: &Account,
        service: &str,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Tree> {
        let answer = self.send(account, (service, action), parameters, "", None).await?;
        answer.tree().with_context(|| format!("{service} {action} answered neither XML nor JSON"))
    }
}

impl Cloud {
    /// One call with a body of its own, as the protocols of REST and JSON have it, and with the version of what it
    /// changes; the answer as it came.
    pub async fn send(
        &self,
        account: &Account,
        (service, action): (&str, &str),
        parameters: &[(&str, &str)],
        body: &str,
        version: Option<&str>,
    ) -> Result<Answer> {
        let mut request = Request::build(service, action, parameters, &account.scope())?;
        if !body.is_empty() {
            request.put(body)?;
        }
        if let Some(version) = version {
            request.headers.insert(http::header::IF_MATCH, version.parse()?);
        }
        let answer = Upstreams::new(&self.endpoints.default, &self.endpoints.services)?.forward(&request).await?;
        if !answer.ok() {
            bail!("{service} {action}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
        }
        Ok(answer)
    }
}

#[derive(Debug, Clone, Copy)]
enum Program {
    MiniStack,
    Moto,
    LocalStack,
}

impl Program {
    fn name(self) -> &'static str {
        match self {
            Self::MiniStack => "ministack",
            Self::Moto => "moto",
            Self::LocalStack => "localstack",
        }
    }

    fn health_path(self) -> &'static str {
        match self {
            Self::MiniStack => "/_ministack/ready",
            Self::Moto => "/moto-api/data.json",
            Self::LocalStack => "/_localstack/health",
        }
    }

    fn reset_path(self) -> &'static str {
        match self {
            Self::MiniStack => "/_ministack/reset",
            Self::Moto => "/moto-api/reset",
            Self::LocalStack => "/_localstack/state/reset",
        }
    }

    fn command(self, port: u16, folder: &Path) -> Result<Command> {
        let mut command = Command::new(tools::cloud_python(self.name())?);
        command.arg(tools::own(&format!("clouds/run_{}.py", self.name())));
        // What is set for the person's own AWS account must not reach an emulator.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
            command.env_remove(name);
        }
        match self {
            Self::MiniStack => {
                command.env("GATEWAY_PORT", port.to_string()).env("BIND_HOST", "127.0.0.1").env("LOG_LEVEL", "WARNING")
            }
            Self::Moto => {
                command
                    .args(["-H", "127.0.0.1", "-p", &port.to_string()])
                    .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
                    .env("INITIAL_NO_AUTH_ACTION_COUNT", "0")
                    // When ACM issues a certificate is told by the gateway.
                    .env("MOTO_ACM_VALIDATION_WAIT", "-1")
            }
            Self::LocalStack => command
                .env("GATEWAY_LISTEN", format!("127.0.0.1:{port}"))
                // Its files go with the harness's folder, in a container too.
                .env("OVERRIDE_IN_DOCKER", "0")
                .env("FILESYSTEM_ROOT", folder)
                .env("TMPDIR", folder)
                // It asks nobody for anything.
                .env("SKIP_SSL_CERT_DOWNLOAD", "1")
                .env("DISABLE_EVENTS", "1")
                .env("DNS_ADDRESS", "0")
                // Its ACM is moto's, and told the same.
                .env("MOTO_ACM_VALIDATION_WAIT", "-1"),
        };
        Ok(command)
    }
}

impl Server {
    async fn start(program: Program, env: &[(&str, &str)], folder: &TempDir) -> Result<Self> {
        let port = ports::free()?;
        let mut command = program.command(port, folder.path())?;
        command.envs(env.iter().copied());
        let log = folder.path().join(format!("{}.log", program.name()));
        let mut process = Process::spawn(program.name(), command, &log, Some(folder.path()))?;
        let url = format!("http://127.0.0.1:{port}");
        let http = reqwest::Client::new();
        eventually(&format!("{} to answer", program.name()), async || {
            process.check()?;
            let answer = http.get(format!("{url}{}", program.health_path())).send().await.context("not yet")?;
            answer.error_for_status().context("not ready")?;
            Ok(())
        })
        .await?;
        Ok(Self { program, url, _process: process })
    }
}
