//! Load balancers and the groups behind them.

use anyhow::{Context, Result};

use super::Case;
use crate::rules::world::{Call, World, call, distribution, door_rule, listener, scaling_group};

pub async fn doors(aws: &World, case: &Case) -> Result<Call> {
    let (balancer, target) = aws.listener().await?;
    match case.action {
        "CreateListener" => Ok(listener(&balancer, &target)),
        "CreateRule" => {
            let ports = aws.send(&call("elbv2", "DescribeListeners", &[("LoadBalancerArn", &balancer)])).await?;
            let port = ports.tree().and_then(|tree| tree.text("DescribeListenersResult/Listeners/member/ListenerArn"));
            let port = port.context("no listener")?;
            aws.make(door_rule(&port, &target), "").await?;
            Ok(door_rule(&port, &target))
        }
        "DeleteTargetGroup" => Ok(call("elbv2", case.action, &[("TargetGroupArn", &target)])),
        _ => {
            let protect = [
                ("LoadBalancerArn", balancer.as_str()),
                ("Attributes.member.1.Key", "deletion_protection.enabled"),
                ("Attributes.member.1.Value", "true"),
            ];
            aws.make(call("elbv2", "ModifyLoadBalancerAttributes", &protect), "").await?;
            Ok(call("elbv2", case.action, &[("LoadBalancerArn", &balancer)]))
        }
    }
}

pub async fn names(aws: &World, case: &Case) -> Result<Call> {
    let pending = case.because == "its certificate is not issued";
    let domain = if pending { "www.example.invalid" } else { "www.example.com" };
    let wanted = format!(r#"{{"DomainName": "{domain}", "ValidationMethod": "DNS"}}"#);
    let arn = aws.make(call("acm", "RequestCertificate", &[]).body(wanted), "CertificateArn").await?;
    if case.action == "UpdateDistribution" {
        let policy = aws.cache_policy().await?;
        let (id, version) = aws.distribution(&policy).await?;
        let viewers = format!("<ViewerCertificate><ACMCertificateArn>{arn}</ACMCertificateArn></ViewerCertificate>");
        let config = distribution(&policy, true).replace("<Comment>", &format!("{viewers}<Comment>"));
        return Ok(call("cloudfront", case.action, &[("Id", &id)]).body(config).header("if-match", version));
    }
    let (balancer, target) = aws.listener().await?;
    let https = [("Protocol", "HTTPS"), ("Port", "443"), ("Certificates.member.1.CertificateArn", arn.as_str())];
    let mut listener = listener(&balancer, &target);
    listener.params.retain(|(name, _)| name != "Protocol" && name != "Port");
    let listener = https.iter().fold(listener, |listener, (name, value)| listener.and(name, value));
    if pending {
        return Ok(listener);
    }
    aws.make(listener, "").await?;
    Ok(call("acm", case.action, &[("CertificateArn", &arn)]))
}

pub async fn groups(aws: &World, case: &Case) -> Result<Call> {
    let (_, subnets) = aws.subnets().await?;
    if case.because == "the instance profile is new" {
        aws.role().await?;
        aws.instance_profile().await?;
        let template = aws.launch_template(&[("LaunchTemplateData.IamInstanceProfile.Name", "web")]).await?;
        return Ok(scaling_group(&template, &subnets));
    }
    let template = aws.launch_template(&[]).await?;
    aws.instances(&template, &subnets).await?;
    match case.action {
        "CreateAutoScalingGroup" => Ok(scaling_group(&template, &subnets)),
        "PutScalingPolicy" => {
            const METRIC: &str = "TargetTrackingConfiguration.PredefinedMetricSpecification";
            let policy = [
                ("AutoScalingGroupName", "web"),
                ("PolicyName", "requests"),
                ("PolicyType", "TargetTrackingScaling"),
                ("TargetTrackingConfiguration.TargetValue", "900"),
            ];
            let policy = call("autoscaling", "PutScalingPolicy", &policy)
                .and(&format!("{METRIC}.PredefinedMetricType"), "ALBRequestCountPerTarget")
                .and(&format!("{METRIC}.ResourceLabel"), "app/web/50dc6c495c0c9188/targetgroup/web/73e2d6bc24d8a067");
            Ok(policy)
        }
        _ => Ok(call("autoscaling", case.action, &[("AutoScalingGroupName", "web")])),
    }
}

/// A bucket whose policy speaks of reading alone.
pub async fn logs(aws: &World, case: &Case) -> Result<Call> {
    let name = format!("logs-{}", aws.scope.access_key.to_ascii_lowercase());
    let bucket = ("Bucket", name.as_str());
    aws.make(call("s3", "CreateBucket", &[bucket]), "").await?;
    let reads = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {{"Service": "cloudfront.amazonaws.com"}}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{name}/*"}}]}}"#
    );
    aws.make(call("s3", "PutBucketPolicy", &[bucket]).body(reads), "").await?;
    if case.action == "CreateTrail" {
        return Ok(call("cloudtrail", case.action, &[("Name", "trail"), ("S3BucketName", &name)]));
    }
    let (balancer, _) = aws.listener().await?;
    let log = [("access_logs.s3.enabled", "true"), ("access_logs.s3.bucket", &name)];
    let wanted = call("elbv2", case.action, &[("LoadBalancerArn", &balancer)]);
    Ok((1..).zip(log).fold(wanted, |wanted, (number, (key, value))| {
        wanted
            .and(&format!("Attributes.member.{number}.Key"), key)
            .and(&format!("Attributes.member.{number}.Value"), value)
    }))
}
