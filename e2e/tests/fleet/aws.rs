//! AWS as the instances see it: real names behind TLS, the gateway and MiniStack behind those, the metadata service, and
//! who sends archives.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, put};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use wpc_blueprint::bootstrap::KEYS;
use wpc_blueprint::database::SITE_USERNAME;
use wpc_e2e::gateway::{Call, Gateway, Profile};
use wpc_e2e::harness::{Account, Cloud, CloudKind};

use super::ground::{Ground, HOST};

/// Where Amazon says who signs its databases' certificates.
const DATABASE_AUTHORITIES: &str = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem";

/// The cloud's side.
pub struct Aws {
    /// Before MiniStack; its record says what the instances asked.
    pub gateway: Gateway,
    /// The values that nobody may see, by what they are.
    pub secrets: Secrets,
    files: Files,
    _cloud: Cloud,
}

/// What the fleet's secrets are called, and their values.
pub struct Secrets {
    /// ARN of the secret with the database's master user and password.
    pub credentials: String,
    /// ARN of the secret with WordPress's own user and password.
    pub user: String,
    /// ARN of the secret with WordPress's keys.
    pub keys: String,
    /// ARN of the secret with the cache's token.
    pub cache: String,
    /// The master user's password.
    pub database_password: String,
    /// The cache's token.
    pub token: String,
    /// The administrator's first password.
    pub admin_password: String,
    /// All values, of salts and of the role too.
    pub values: Vec<String>,
}

type Files = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

impl Aws {
    /// Starts the cloud, makes the secrets, and listens where the root's /etc/hosts says.
    pub async fn start(ground: &Ground) -> Result<Self> {
        let cloud = Cloud::start(CloudKind::MiniStack).await?;
        let gateway = Gateway::start(cloud.endpoints().gateway(Profile::instant())).await?;
        let account = Account::unused();
        let role = [random(), random()];
        let secrets = Secrets::make(&cloud, &account, &role).await?;
        let files = Files::default();

        let metadata = Metadata { account: account.number().to_owned(), role };
        let identity = Router::new()
            .route("/latest/api/token", put(async || "a-token-of-the-metadata-service"))
            .route("/latest/meta-data/{*what}", get(tell))
            .with_state(metadata)
            .into_make_service_with_connect_info::<SocketAddr>();
        let listener = TcpListener::bind((HOST, 8169)).await.context("the metadata service")?;
        tokio::spawn(async { axum::serve(listener, identity).await });

        let archives = TcpListener::bind("127.0.0.1:0").await?;
        let sends = archives.local_addr()?;
        let router = Router::new().fallback(send).with_state(files.clone());
        tokio::spawn(async { axum::serve(archives, router).await });

        let gate = gateway.url().trim_start_matches("http://").parse()?;
        tokio::spawn(tls(ground, gate, sends).await?);
        let aws = Self { gateway, secrets, files, _cloud: cloud };
        aws.serve(DATABASE_AUTHORITIES, std::fs::read(ground.built("tls/database-ca.crt"))?);
        Ok(aws)
    }

    /// Serves a file at an address; answers its SHA-256.
    pub fn serve(&self, address: &str, content: Vec<u8>) -> String {
        let sum = hex::encode(Sha256::digest(&content));
        let key = address.trim_start_matches("https://").to_owned();
        self.files.lock().expect("nobody panics with it").insert(key, content);
        sum
    }

    /// What the instance at the end of its bootstrap told the group: `CONTINUE` or `ABANDON`, each time.
    pub fn signals(&self, instance: &super::instance::Instance) -> Vec<String> {
        let id = instance_id(instance.address.octets()[3]);
        let of = |call: &Call, name: &str| {
            call.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let told = |call: &Call| call.action == "CompleteLifecycleAction" && of(call, "InstanceId") == id;
        let calls = self.gateway.calls().into_iter().filter(told);
        calls.map(|call| of(&call, "LifecycleActionResult")).collect()
    }
}

impl Secrets {
    async fn make(cloud: &Cloud, account: &Account, role: &[String; 2]) -> Result<Self> {
        let keys: BTreeMap<_, _> = KEYS.iter().map(|name| (*name, random())).collect();
        let (database_password, own_password, token) = (random(), random(), random());
        let make = async |name: &str, value: &str| {
            let parameters = [("Name", name), ("SecretString", value)];
            let answer = cloud.call(account, "secretsmanager", "CreateSecret", &parameters).await?;
            answer.text("ARN").context("a secret without ARN")
        };
        let login = json!({ "username": "master", "password": database_password }).to_string();
        let mut values: Vec<_> = keys.values().cloned().collect();
        values.extend([database_password.clone(), own_password.clone(), token.clone()]);
        let own = json!({ "username": SITE_USERNAME, "password": own_password }).to_string();
        values.extend(role.iter().cloned());
        Ok(Self {
            credentials: make("fleet/database", &login).await?,
            user: make("fleet/user", &own).await?,
            keys: make("fleet/keys", &json!(keys).to_string()).await?,
            cache: make("fleet/cache", &token).await?,
            admin_password: keys["ADMIN_PASSWORD"].clone(),
            database_password,
            token,
            values,
        })
    }
}

fn random() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

#[derive(Clone)]
struct Metadata {
    account: String,
    role: [String; 2],
}

fn instance_id(last: u8) -> String {
    format!("i-{:017x}", u64::from(last))
}

/// See "Use the Instance Metadata Service" in the Amazon EC2 User Guide; version 2 alone, as the launch template asks.
async fn tell(
    State(metadata): State<Metadata>,
    ConnectInfo(who): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    request: Request,
) -> Result<String, StatusCode> {
    if headers.get("x-aws-ec2-metadata-token").is_none() {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let SocketAddr::V4(who) = who else { return Err(StatusCode::NOT_FOUND) };
    let [secret, token] = &metadata.role;
    match request.uri().path().trim_start_matches("/latest/meta-data/") {
        "instance-id" => Ok(instance_id(who.ip().octets()[3])),
        "iam/security-credentials/" => Ok("web".into()),
        "iam/security-credentials/web" => {
            let role = json!({ "AccessKeyId": metadata.account, "SecretAccessKey": secret, "Token": token });
            Ok(role.to_string())
        }
        _ => Err(StatusCode::NOT_FOUND),
    }
}

async fn send(State(files): State<Files>, headers: HeaderMap, request: Request) -> Result<Vec<u8>, StatusCode> {
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let key = format!("{host}{}", request.uri().path());
    files.lock().expect("nobody panics with it").get(&key).cloned().ok_or(StatusCode::NOT_FOUND)
}

/// Ends TLS as the test authority's, and passes on by name: AWS to the gateway, the rest to the archives.
async fn tls(ground: &Ground, gate: SocketAddr, archives: SocketAddr) -> Result<impl Future<Output = ()> + use<>> {
    let chain = CertificateDer::pem_file_iter(ground.built("tls/server.crt"))?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(ground.built("tls/server.key"))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((HOST, 443)).await.context("AWS's names")?;
    Ok(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut visitor = acceptor.accept(stream).await.ok()?;
                let aws =
                    visitor.get_ref().1.server_name().is_some_and(|name| name.ends_with(".us-east-1.amazonaws.com"));
                let mut behind = TcpStream::connect(if aws { gate } else { archives }).await.ok()?;
                copy_bidirectional(&mut visitor, &mut behind).await.ok()
            });
        }
    })
}
