use std::net::SocketAddr;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use wpc_blueprint::Stack;
use wpc_engine::Class;

use super::*;

const PRESS: &str = "arn:aws:iam::210987654321:role/press";

/// A cloud of a few lines. It writes down each call as `<access key> <body>`, and gives every session a key of its own.
#[derive(Clone, Default)]
struct Cloud(Arc<Mutex<Vec<String>>>);

impl Cloud {
    async fn start() -> (Self, SocketAddr) {
        let cloud = Self::default();
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(answer).with_state(cloud.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (cloud, address)
    }

    fn taken(&self, action: &str) -> Vec<String> {
        let mut calls = self.0.lock().expect("no panic while held");
        let (asked, rest) = std::mem::take(&mut *calls).into_iter().partition(|call| call.contains(action));
        *calls = rest;
        asked
    }
}

async fn answer(State(cloud): State<Cloud>, headers: HeaderMap, body: String) -> Response {
    let signed = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let key = signed.split_once("Credential=").map_or("", |(_, rest)| rest).split('/').next().unwrap_or_default();
    cloud.0.lock().expect("no panic while held").push(format!("{key} {body}"));
    if body.contains("closed") {
        let error =
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you.</Message></Error></ErrorResponse>";
        return (StatusCode::FORBIDDEN, error).into_response();
    }
    // The key says the account, and the session where there is one.
    let account = key.get(..12).unwrap_or_default();
    let result = match body.contains("AssumeRole") {
        true => {
            let session = cloud.0.lock().expect("no panic while held").len();
            format!(
                "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>210987654321-{session}</AccessKeyId>\
                 <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
                 <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
            )
        }
        false if body.contains("GetCallerIdentity") => format!(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>{account}</Account>\
             <Arn>arn:aws:sts::{account}:x</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>"
        ),
        false if body.contains("DescribeManagedPrefixLists") => {
            "<DescribeManagedPrefixListsResponse><prefixListSet/></DescribeManagedPrefixListsResponse>".into()
        }
        false => {
            "<DescribeAvailabilityZonesResponse><availabilityZoneInfo/></DescribeAvailabilityZonesResponse>".into()
        }
    };
    result.into_response()
}

async fn accounts() -> (Accounts, Cloud) {
    let (cloud, address) = Cloud::start().await;
    let login = Login::of(move || {
        aws_config::defaults(BehaviorVersion::latest())
            .credentials_provider(Credentials::new("123456789012", "s", None, None, "test"))
            .region(Region::from_static("eu-west-1"))
            .endpoint_url(format!("http://{address}"))
    });
    (Accounts::default().login(login), cloud)
}

fn role(arn: &str, namespace: &str) -> Option<Role> {
    Some(Role::of(arn, &Stack::new("default", namespace, "gazette")))
}

#[tokio::test]
async fn a_role_leads_to_its_account_and_says_for_whom() {
    let (accounts, cloud) = accounts().await;
    let own = accounts.open("eu-west-1", None).await.expect("our own");
    let there = accounts.open("eu-west-1", role(PRESS, "press")).await.expect("the role's");
    assert_eq!((own.scope().account.as_str(), there.scope().account.as_str()), ("123456789012", "210987654321"));
    there.facts().await.expect("zones");
    let [assumed] = cloud.taken("AssumeRole").try_into().expect("one session for every client");
    for part in ["123456789012 ", "role%2Fpress", "ExternalId=default%2Fpress", "RoleSessionName=wpc.default.press"] {
        assert!(assumed.contains(part), "{part}: {assumed}");
    }
    let [asked] = cloud.taken("DescribeAvailabilityZones").try_into().expect("one");
    assert!(asked.starts_with("210987654321-"), "{asked}");
}

#[tokio::test]
async fn what_one_role_has_read_is_no_answer_under_another() {
    let (accounts, cloud) = accounts().await;
    let ways = [role(PRESS, "press"), role(PRESS, "shop"), role("arn:aws:iam::210987654321:role/less", "press"), None];
    let mut opened = vec![];
    for way in ways {
        let account = accounts.open("eu-west-1", way.clone()).await.expect("an account");
        account.facts().await.expect("zones");
        let again = accounts.open("eu-west-1", way).await.expect("the same");
        assert!(Arc::ptr_eq(&account.observer, &again.observer));
        opened.push(account);
    }
    for (index, one) in opened.iter().enumerate() {
        for other in &opened[index + 1..] {
            assert!(!Arc::ptr_eq(&one.observer, &other.observer));
        }
    }
    assert_eq!(cloud.taken("DescribeAvailabilityZones").len(), opened.len());
    assert_eq!(cloud.taken("AssumeRole").len(), opened.len() - 1);
}

#[tokio::test]
async fn a_role_that_may_not_be_assumed_says_what_its_owner_must_do() {
    let (accounts, cloud) = accounts().await;
    let arn = "arn:aws:iam::210987654321:role/closed";
    let fault = accounts.open("eu-west-1", role(arn, "press")).await.map(drop).expect_err("refused");
    assert_eq!((fault.class, fault.action), (Class::Denied, Some("sts:AssumeRole")), "{fault}");
    for part in ["AccessDenied: not you. The trust policy", arn, "sts:ExternalId default/press"] {
        assert!(fault.to_string().contains(part), "{part}: {fault}");
    }
    assert!(cloud.taken("GetCallerIdentity").is_empty(), "not under our own name instead");
}

fn gate(accounts: &Accounts, account: &str, region: &str) -> Gate {
    accounts.gate(&Scope { partition: "aws".into(), account: account.into(), region: region.into() })
}

#[test]
fn rates_are_the_accounts_and_the_regions() {
    let accounts = Accounts::default();
    let here = gate(&accounts, "1", "eu-west-1");
    let same = |one: &Arc<Buckets>, other: &Arc<Buckets>| Arc::ptr_eq(one, other);
    assert!(same(&here.regional, &gate(&accounts, "1", "eu-west-1").regional), "under another role too");
    let there = gate(&accounts, "1", "us-east-1");
    assert!(!same(&here.regional, &there.regional) && same(&here.global, &there.global));
    let other = gate(&accounts, "2", "eu-west-1");
    assert!(!same(&here.regional, &other.regional) && !same(&here.global, &other.global));
}
