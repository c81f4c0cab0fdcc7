//! What the emulated clouds must hold before the operator meets them.

use anyhow::Result;
use wpc_e2e::harness::{Account, Cloud, CloudKind, Harness};

const EC2: &str = "2016-11-15";

#[tokio::test]
async fn ministack_is_the_cloud_that_the_tests_need() -> Result<()> {
    check(Harness::new("ministack", CloudKind::MiniStack).await?).await
}

#[tokio::test]
async fn moto_is_the_cloud_that_the_tests_need() -> Result<()> {
    check(Harness::new("moto", CloudKind::Moto).await?).await
}

async fn check(harness: Harness) -> Result<()> {
    let Harness { cloud, account, .. } = &harness;
    let identity = cloud.query(account, "sts", "2011-06-15", "GetCallerIdentity", &[]).await?;
    assert!(identity.contains(account.number()), "the account is not that of the access key: {identity}");
    for architecture in ["arm64", "x86_64"] {
        let images = amazon_linux(cloud, account, architecture).await?;
        assert!(images.contains("<imageId>"), "no Amazon Linux 2023 for {architecture}: {images}");
    }

    cloud.query(account, "ec2", EC2, "CreateVpc", &[("CidrBlock", "10.42.0.0/16")]).await?;
    let other = Account::unused();
    assert_eq!(networks(cloud, account).await?, networks(cloud, &other).await? + 1, "accounts see each other");
    Ok(())
}

async fn amazon_linux(cloud: &Cloud, account: &Account, architecture: &str) -> Result<String> {
    let name = format!("al2023-ami-2023.*-kernel-*-{architecture}");
    let filters = [("Owner.1", "amazon"), ("Filter.1.Name", "name"), ("Filter.1.Value.1", &name)];
    cloud.query(account, "ec2", EC2, "DescribeImages", &filters).await
}

async fn networks(cloud: &Cloud, account: &Account) -> Result<usize> {
    let vpcs = cloud.query(account, "ec2", EC2, "DescribeVpcs", &[]).await?;
    Ok(vpcs.matches("<cidrBlock>").count())
}
