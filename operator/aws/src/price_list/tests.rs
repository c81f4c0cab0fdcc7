//! Against answers of the shape that AWS documents; no cloud of the tests has the service.

use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use wpc_blueprint::price::Hour;

use crate::{Account, Accounts, Login};

/// What the list says of each question, and the questions that came.
#[derive(Clone)]
struct List {
    answer: fn(&Value) -> Value,
    asked: Arc<Mutex<Vec<Value>>>,
}

async fn answered(State(list): State<List>, headers: HeaderMap, body: String) -> Response {
    if !headers.contains_key("x-amz-target") {
        let caller = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>\
                      <Arn>arn:aws:sts::123456789012:x</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>";
        return caller.into_response();
    }
    let question: Value = serde_json::from_str(&body).expect("the SDK writes JSON");
    let answer = (list.answer)(&question).to_string();
    list.asked.lock().expect("no panic while held").push(question);
    ([(header::CONTENT_TYPE, "application/x-amz-json-1.1")], answer).into_response()
}

async fn account(answer: fn(&Value) -> Value) -> (Account, List) {
    let list = List { answer, asked: Arc::default() };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().fallback(answered).with_state(list.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let login = Login::of(move || {
        aws_config::defaults(BehaviorVersion::latest())
            .credentials_provider(Credentials::new("123456789012", "s", None, None, "test"))
            .region(Region::from_static("us-east-1"))
            .endpoint_url(format!("http://{address}"))
    });
    let account = Accounts::default().login(login).open("us-east-1", None).await.expect("an account");
    (account, list)
}

fn asks(question: &Value, name: &str, value: &str) -> bool {
    let mut filters = question["Filters"].as_array().into_iter().flatten();
    filters.any(|filter| filter["Field"] == name && filter["Value"] == value && filter["Type"] == "TERM_MATCH")
}

/// One product, as the list writes it: a document in a string.
fn product(attributes: &Value, unit: &str, price: &str, reserved: Option<&str>) -> String {
    let on_demand = json!({"X.JRTCKXETXF": {"offerTermCode": "JRTCKXETXF", "priceDimensions": {"X.JRTCKXETXF.6YS6EN2CT7": {
        "unit": unit, "beginRange": "0", "endRange": "Inf", "appliesTo": [], "pricePerUnit": {"USD": price},
    }}, "termAttributes": {}}});
    let mut terms = json!({ "OnDemand": on_demand });
    if let Some(reserved) = reserved {
        terms["Reserved"] = json!({"X.4NA7Y494T4": {"offerTermCode": "4NA7Y494T4", "priceDimensions": {
            "X.4NA7Y494T4.6YS6EN2CT7": {"unit": "Hrs", "beginRange": "0", "pricePerUnit": {"USD": reserved}},
        }, "termAttributes": {"LeaseContractLength": "1yr", "OfferingClass": "standard", "PurchaseOption": "No Upfront"}}});
    }
    json!({"product": {"productFamily": "x", "sku": "X", "attributes": attributes}, "serviceCode": "x", "terms": terms})
        .to_string()
}

fn ireland(question: &Value) -> Value {
    let of = |products: Vec<String>| json!({ "FormatVersion": "aws_v1", "PriceList": products });
    let instance = |name: &str, price, reserved| {
        let usage = format!("EU-BoxUsage:{name}");
        product(&json!({"instanceType": name, "usagetype": usage}), "Hrs", price, Some(reserved))
    };
    match question["ServiceCode"].as_str() {
        // Two pages.
        Some("AmazonEC2") if asks(question, "operatingSystem", "Linux") => match question["NextToken"].as_str() {
            None => json!({
                "PriceList": [instance("m7g.large", "0.0911000000", "0.0603000000")], "NextToken": "more",
            }),
            Some(_) => of(vec![instance("m7g.xlarge", "0.1822000000", "0.1206000000")]),
        },
        Some("AmazonEC2") if asks(question, "productFamily", "NAT Gateway") => of(vec![product(
            &json!({"usagetype": "EU-NatGateway-Hours", "operation": "NatGateway"}),
            "Hrs",
            "0.0480000000",
            None,
        )]),
        _ => of(vec![]),
    }
}

#[tokio::test]
async fn a_list_is_made_of_all_pages_of_all_questions() {
    let (account, list) = account(ireland).await;
    let (prices, missing) = account.prices("eu-west-1", "2026-11-21").await.expect("a list");
    assert_eq!((prices.region.as_str(), prices.as_of.as_str()), ("eu-west-1", "2026-11-21"));
    assert_eq!(prices.instances["m7g.large"], Hour { hour: 0.0911, reserved: Some(0.0603) });
    assert_eq!(prices.instances["m7g.xlarge"].hour, 0.1822);
    assert_eq!(prices.rates.nat_gateway_hour, Some(0.048));
    assert!(missing.contains(&"gp3_gb_month") && !missing.contains(&"nat_gateway_hour"), "{missing:?}");
    let asked = list.asked.lock().expect("no panic while held");
    let here =
        |question: &&Value| asks(question, "regionCode", "eu-west-1") || asks(question, "fromRegionCode", "eu-west-1");
    assert_eq!(asked.iter().filter(here).count(), asked.len(), "every question names the region");
}

#[tokio::test]
async fn an_answer_that_says_nothing_is_no_list_of_free_things() {
    let (account, _) = account(|_| json!({ "PriceList": [] })).await;
    let fault = account.prices("eu-west-1", "2026-11-21").await.expect_err("no list");
    assert!(fault.message.contains("knows no instance type in eu-west-1"), "{fault}");
}

#[tokio::test]
async fn a_product_that_is_no_document_is_a_fault() {
    let (account, _) = account(|_| json!({ "PriceList": ["{\"product\": "] })).await;
    let fault = account.prices("eu-west-1", "2026-11-21").await.expect_err("no list");
    assert!(fault.message.contains("cannot be read") && fault.action == Some("pricing:GetProducts"), "{fault}");
}
