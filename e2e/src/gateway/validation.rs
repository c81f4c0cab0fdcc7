//! Who has proved that a name is theirs: ACM issues a certificate once the record that it asks for is in DNS.
//!
//! Where a hosted zone of the account holds a name, its record must be in there; DNS does not lead to a zone without any
//! record. All other names are somebody else's, who has made the record by now; but for those under `.invalid`, which
//! nobody has. What is issued stays so.

use std::sync::PoisonError;

use anyhow::{Context, Result};

use super::engine::Engine;
use super::protocol::service::ACM;
use super::protocol::{Answer, Request, Scope, Tree, service::DNS};
use super::table::{self, Row};
use crate::inventory::Lister;

const PENDING: &str = "PENDING_VALIDATION";

impl Engine {
    /// Shows certificates as ACM does that looks for their records.
    pub(super) async fn validate(&self, request: &Request, answer: &mut Answer) -> Result<()> {
        let path = match (request.service.as_str(), request.action.as_str()) {
            (ACM, "ListCertificates") => "CertificateSummaryList/*",
            (ACM, "DescribeCertificate") => "Certificate",
            _ => return Ok(()),
        };
        let mut tree = answer.tree().context("no document")?;
        let mut pending = vec![];
        for item in tree.items(path) {
            let arn = item.text("CertificateArn").unwrap_or_default();
            if item.text("Status").as_deref() == Some("ISSUED") && !self.is_validated(&arn, &request.scope).await? {
                pending.push(arn);
            }
        }
        if !pending.is_empty() {
            tree.visit(path, &mut |item| {
                if item.text("CertificateArn").is_some_and(|arn| pending.contains(&arn)) {
                    item.set("Status", PENDING);
                }
                true
            });
            answer.put(&tree);
        }
        Ok(())
    }

    /// The same for what a rule looks at.
    pub(super) async fn validate_items(&self, row: &Row, items: &mut [Tree], scope: &Scope) -> Result<()> {
        for item in items.iter_mut().filter(|_| row.kind == "acm/certificate") {
            let arn = item.text("CertificateArn").unwrap_or_default();
            if !self.is_validated(&arn, scope).await? {
                item.set("Status", PENDING);
            }
        }
        Ok(())
    }

    async fn is_validated(&self, arn: &str, scope: &Scope) -> Result<bool> {
        let issued = || self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        if issued().contains(arn) {
            return Ok(true);
        }
        let lister = Lister { clouds: &self.upstreams, scope };
        let zones = lister.all(table::row("route53/hosted-zone").context("no such kind")?).await?;
        let asked = Request::build(ACM, "DescribeCertificate", &[("CertificateArn", arn)], scope)?;
        let answer = self.upstreams.forward(&asked).await?;
        let tree = answer.tree().filter(|_| answer.ok()).context("no certificate")?;
        for option in tree.items("Certificate/DomainValidationOptions/*") {
            let domain = option.text("DomainName").unwrap_or_default();
            let (name, value) = (plain(&option, "ResourceRecord/Name"), plain(&option, "ResourceRecord/Value"));
            let holds = |zone: &&Tree| {
                let apex = plain(zone, "Name");
                domain == apex || domain.ends_with(&format!(".{apex}"))
            };
            let mut records = vec![];
            if let Some(zone) = zones.iter().filter(holds).max_by_key(|zone| plain(zone, "Name").len()) {
                let id = zone.text("Id").unwrap_or_default();
                let id = [("HostedZoneId", id.trim_start_matches("/hostedzone/"))];
                records = lister.pages(DNS, "ListResourceRecordSets", "ResourceRecordSets/*", &id).await?;
            }
            let of_aws = |record: &Tree| ["NS", "SOA"].contains(&record.text("Type").unwrap_or_default().as_str());
            if records.iter().all(of_aws) {
                if domain.ends_with(".invalid") {
                    return Ok(false);
                }
                continue;
            }
            let leads = |record: &Tree| {
                plain(record, "Name") == name && plain(record, "ResourceRecords/ResourceRecord/Value") == value
            };
            if !records.iter().any(leads) {
                return Ok(false);
            }
        }
        issued().insert(arn.to_owned());
        Ok(true)
    }
}

/// A name without its last dot.
fn plain(item: &Tree, path: &str) -> String {
    item.text(path).unwrap_or_default().trim_end_matches('.').to_ascii_lowercase()
}
