//! Databases.

use anyhow::Result;

use super::{Case, PASSWORD, unknown};
use crate::rules::world::{Call, World, call, database_subnets, member};

pub async fn database(aws: &World, case: &Case) -> Result<Call> {
    let name = [("DBInstanceIdentifier", "db")];
    let skip = ("SkipFinalSnapshot", "true");
    let last = ("FinalDBSnapshotIdentifier", "last");
    let modify = |change: &[(&str, &str)]| {
        call("rds", "ModifyDBInstance", &[&name, change, &[("ApplyImmediately", "true")]].concat())
    };
    let replica = call(
        "rds",
        "CreateDBInstanceReadReplica",
        &[("DBInstanceIdentifier", "db-1"), ("SourceDBInstanceIdentifier", "db")],
    );
    match case.because {
        "it is protected" => {
            aws.database(&[PASSWORD, ("DeletionProtection", "true")]).await?;
            Ok(call("rds", case.action, &[name[0], skip]))
        }
        "nothing is said of a final snapshot" => {
            aws.database(&[PASSWORD]).await?;
            Ok(call("rds", case.action, &name))
        }
        "a final snapshot is named and skipped" => {
            aws.database(&[PASSWORD]).await?;
            Ok(call("rds", case.action, &[name[0], skip, last]))
        }
        "the final snapshot's name is taken" => {
            aws.database(&[PASSWORD]).await?;
            aws.make(call("rds", "CreateDBSnapshot", &[name[0], ("DBSnapshotIdentifier", "last")]), "").await?;
            Ok(call("rds", case.action, &[name[0], last]))
        }
        "its source has no backups" => {
            aws.database(&[PASSWORD]).await?;
            aws.make(modify(&[("BackupRetentionPeriod", "0")]), "").await?;
            Ok(replica)
        }
        "RDS manages its source's password" => {
            aws.database(&[("ManageMasterUserPassword", "true")]).await?;
            Ok(replica)
        }
        "RDS is to manage the password, with replicas" => {
            aws.database(&[PASSWORD]).await?;
            aws.replica().await?;
            Ok(modify(&[("ManageMasterUserPassword", "true")]))
        }
        "storage would shrink" => {
            aws.database(&[PASSWORD]).await?;
            Ok(modify(&[("AllocatedStorage", "50")]))
        }
        "storage was changed within six hours" => {
            aws.database(&[PASSWORD]).await?;
            aws.make(modify(&[("AllocatedStorage", "200")]), "").await?;
            Ok(modify(&[("AllocatedStorage", "300")]))
        }
        "a database lies in it" | "the name is taken" => {
            let (_, subnets) = aws.subnets().await?;
            aws.database_subnets(&subnets).await?;
            if case.action == "CreateDBSubnetGroup" {
                return Ok(database_subnets(&subnets));
            }
            aws.database(&[PASSWORD, ("DBSubnetGroupName", "db")]).await?;
            Ok(call("rds", case.action, &[("DBSubnetGroupName", "db")]))
        }
        "a database uses it" => {
            let name = ("DBParameterGroupName", "db");
            let wanted = [name, ("DBParameterGroupFamily", "mysql8.4"), ("Description", "db")];
            aws.make(call("rds", "CreateDBParameterGroup", &wanted), "").await?;
            aws.database(&[PASSWORD, name]).await?;
            Ok(call("rds", case.action, &[name]))
        }
        other => Err(unknown(other)),
    }
}

pub async fn cluster(aws: &World, case: &Case) -> Result<Call> {
    let name = ("DBClusterIdentifier", "cluster");
    let (skip, last) = (("SkipFinalSnapshot", "true"), ("FinalDBSnapshotIdentifier", "last"));
    let instance = ("DBInstanceIdentifier", "member");
    match (case.action, case.because) {
        ("DeleteDBClusterParameterGroup", _) => {
            let group = ("DBClusterParameterGroupName", "cluster");
            let wanted = [group, ("DBParameterGroupFamily", "aurora-mysql8.0"), ("Description", "cluster")];
            aws.make(call("rds", "CreateDBClusterParameterGroup", &wanted), "").await?;
            aws.cluster(&[group]).await?;
            return Ok(call("rds", case.action, &[group]));
        }
        ("DeleteDBSubnetGroup", _) => {
            let (_, subnets) = aws.subnets().await?;
            aws.database_subnets(&subnets).await?;
            let group = ("DBSubnetGroupName", "db");
            aws.cluster(&[group]).await?;
            return Ok(call("rds", case.action, &[group]));
        }
        (_, "the cluster is protected") => {
            aws.cluster(&[("DeletionProtection", "true")]).await?;
            return Ok(call("rds", case.action, &[name, skip]));
        }
        _ => aws.cluster(&[]).await?,
    }
    match (case.action, case.because) {
        ("CreateDBInstance", "a cluster's, with backups of its own") => {
            Ok(member("db.r7g.large").and("BackupRetentionPeriod", "7"))
        }
        ("CreateDBInstance", _) => Ok(member("db.serverless")),
        ("ModifyDBInstance", _) => {
            aws.make(member("db.r7g.large"), "").await?;
            let version = ("EngineVersion", "8.0.mysql_aurora.3.10.3");
            Ok(call("rds", case.action, &[instance, version, ("ApplyImmediately", "true")]))
        }
        ("DeleteDBInstance", _) => {
            aws.make(member("db.r7g.large"), "").await?;
            Ok(call("rds", case.action, &[instance, last]))
        }
        (_, "nothing is said of the cluster's snapshot") => Ok(call("rds", case.action, &[name])),
        (_, "the cluster's snapshot is named and skipped") => Ok(call("rds", case.action, &[name, skip, last])),
        (_, "the name of the cluster's snapshot is taken") => {
            let taken = [name, ("DBClusterSnapshotIdentifier", "last")];
            aws.make(call("rds", "CreateDBClusterSnapshot", &taken), "").await?;
            Ok(call("rds", case.action, &[name, last]))
        }
        ("DeleteDBCluster", _) => {
            aws.make(member("db.r7g.large"), "").await?;
            Ok(call("rds", case.action, &[name, skip]))
        }
        _ => Err(unknown(case.because)),
    }
}
