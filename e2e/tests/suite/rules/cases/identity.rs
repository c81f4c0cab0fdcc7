//! Roles, keys and secrets.

use anyhow::Result;
use serde_json::json;

use super::Case;
use crate::rules::world::{Call, World, call, role};

pub async fn identity(aws: &World, case: &Case) -> Result<Call> {
    aws.role().await?;
    let name = ("RoleName", "web");
    match case.because {
        "the name is taken" => return Ok(role()),
        "it has a policy of its own" => {
            let document = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}"#;
            let policy = [name, ("PolicyName", "site"), ("PolicyDocument", document)];
            aws.make(call("iam", "PutRolePolicy", &policy), "").await?;
        }
        "a policy is attached" => {
            let policy = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
            aws.make(call("iam", "AttachRolePolicy", &[name, ("PolicyArn", policy)]), "").await?;
        }
        _ => aws.instance_profile().await?,
    }
    match case.action {
        "DeleteRole" => Ok(call("iam", "DeleteRole", &[name])),
        action => Ok(call("iam", action, &[("InstanceProfileName", "web"), name])),
    }
}

pub async fn keys(aws: &World, case: &Case) -> Result<Call> {
    let key = aws.make(call("kms", "CreateKey", &[]).body("{}"), "KeyMetadata/KeyId").await?;
    let of = |action| call("kms", action, &[]).body(format!(r#"{{"KeyId": "{key}"}}"#));
    match case.action {
        "ScheduleKeyDeletion" => drop(aws.make(of("ScheduleKeyDeletion"), "").await?),
        "EnableKeyRotation" => drop(aws.make(of("DisableKey"), "").await?),
        _ => {}
    }
    Ok(of(case.action))
}

pub async fn secrets(aws: &World, case: &Case) -> Result<Call> {
    // Each time another request.
    let wanted = || {
        let token = uuid::Uuid::new_v4().to_string();
        let body = json!({ "Name": "web", "SecretString": "x", "ClientRequestToken": token });
        call("secretsmanager", "CreateSecret", &[]).body(body.to_string())
    };
    aws.make(wanted(), "ARN").await?;
    let named = r#"{"SecretId": "web"}"#;
    aws.make(call("secretsmanager", "DeleteSecret", &[]).body(named), "ARN").await?;
    match case.action {
        "CreateSecret" => Ok(wanted()),
        _ => Ok(call("secretsmanager", case.action, &[]).body(named)),
    }
}
