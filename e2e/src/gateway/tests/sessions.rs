use super::*;

const ROLE: &str = "arn:aws:iam::210987654321:role/press";

async fn assume(bench: &Bench, role: &str) -> Answer {
    let params = [("RoleArn", role), ("RoleSessionName", "s"), ("ExternalId", "default/press")];
    let scope = Scope::new(REGION).account("123456789012");
    bench.client.forward(&Request::build("sts", "AssumeRole", &params, &scope).unwrap()).await.unwrap()
}

/// Whoever called last wears the role: it is there, and trusts them.
async fn in_session() -> Bench {
    let bench = Bench::new(Profile::instant()).await;
    let trust = r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::123456789012:root"}}]}"#;
    let role = format!(
        "<R><GetRoleResult><Role><AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument></Role></GetRoleResult></R>"
    );
    bench.cloud.put("GetRole", 200, &role);
    let session =
        "<R><AssumeRoleResult><Credentials><AccessKeyId>ASIAPRESS</AccessKeyId></Credentials></AssumeRoleResult></R>";
    bench.cloud.put("AssumeRole", 200, session);
    assert!(assume(&bench, ROLE).await.ok());
    bench
}

#[tokio::test]
async fn a_session_is_in_the_roles_account() {
    let bench = in_session().await;
    let asked = bench.cloud.last("GetRole").unwrap();
    assert_eq!((asked.scope.access_key.as_str(), asked.params.get("RoleName")), ("210987654321", Some("press")));

    let scope = Scope::new(REGION).account("ASIAPRESS");
    let mut request = Request::build("ec2", "DescribeVpcs", &[], &scope).unwrap();
    request.headers.insert("x-amz-security-token", "token".parse().unwrap());
    bench.client.forward(&request).await.unwrap();
    let heard = bench.cloud.last("DescribeVpcs").unwrap();
    assert_eq!(heard.scope.access_key, "210987654321");
    assert!(!heard.headers.contains_key("x-amz-security-token"));
    let call = bench.gateway.calls().pop().unwrap();
    assert_eq!((call.account.as_str(), call.role.as_deref()), ("210987654321", Some(ROLE)));
}

#[tokio::test]
async fn a_judged_session_keeps_its_key() {
    let bench = in_session().await;
    bench.gateway.judge_sessions();
    let mut request = Request::build("ec2", "DescribeVpcs", &[], &Scope::new(REGION).account("ASIAPRESS")).unwrap();
    request.headers.insert("x-amz-security-token", "token".parse().unwrap());
    bench.client.forward(&request).await.unwrap();
    let heard = bench.cloud.last("DescribeVpcs").unwrap();
    assert_eq!(
        (heard.scope.access_key.as_str(), heard.headers.contains_key("x-amz-security-token")),
        ("ASIAPRESS", true)
    );
    let call = bench.gateway.calls().pop().unwrap();
    assert_eq!((call.account.as_str(), call.role.as_deref()), ("210987654321", Some(ROLE)));
}

#[tokio::test]
async fn a_role_that_is_not_there_or_trusts_others_gives_none() {
    let bench = Bench::new(Profile::instant()).await;
    bench.cloud.put("GetRole", 404, "");
    let answer = assume(&bench, ROLE).await;
    assert_eq!((answer.status.as_u16(), answer.error_code().as_deref()), (403, Some("AccessDenied")));
    bench.cloud.put(
        "GetRole",
        200,
        "<R><GetRoleResult><Role><AssumeRolePolicyDocument>{}</AssumeRolePolicyDocument></Role></GetRoleResult></R>",
    );
    assert!(!assume(&bench, ROLE).await.ok());
    assert_eq!(bench.cloud.count("AssumeRole"), 0);
}
