//! The kind of AWS Certificate Manager. The distribution's certificate is in us-east-1, whatever the site's region.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_sdk_acm::Client;
use aws_sdk_acm::types::{
    CertificateDetail, CertificateStatus, CertificateSummary, CertificateType, DomainValidation, RenewalStatus, Tag,
    ValidationMethod,
};
use aws_smithy_types::date_time::Format;
use wpc_blueprint::certificate::{
    ADD_TAGS, CDN, Certificate, CertificateOutput, Cname, DELETE, DESCRIBE, Desired, LIST, LIST_TAGS, Observed, Phase,
    REQUEST,
};
use wpc_engine::{Change, Fault, Found, Id, Key, Removal, Verbs};

use crate::Cloud;
use crate::call::{absent, gone};
use crate::tag_cache::Tags;

const NOT_FOUND: &[&str] = &["ResourceNotFoundException"];
/// The region of what CloudFront uses.
const EDGE: &str = "us-east-1";
/// ACM renews a certificate 60 days before it runs out, so one that has so little left is not being renewed.
const LITTLE: Duration = Duration::from_secs(30 * 24 * 3600);

impl Verbs<Certificate> for Cloud {
    /// The list shows no tags. Only what ACM itself issues can be ours.
    async fn list(&self) -> Result<Vec<Found<Certificate>>, Fault> {
        let regions = [&*self.clients.scope.region, EDGE];
        let regions = if regions[0] == EDGE { &regions[..1] } else { &regions[..] };
        let mut found = vec![];
        for region in regions {
            for summary in self.certificates(region).await?.iter() {
                let imported = summary.r#type().is_some_and(|kind| *kind != CertificateType::AmazonIssued);
                let Some(arn) = summary.certificate_arn().filter(|_| !imported) else { continue };
                let tags = self.certificate_tags(arn).await?;
                let issued = summary.status() == Some(&CertificateStatus::Issued);
                if self.is_mine(&tags)
                    && let Some(detail) = self.listed_certificate(arn, issued).await?
                {
                    found.extend(self.listed(&tags, observed(&detail)?));
                }
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Certificate>>, Fault> {
        let Some(detail) = self.certificate(&id.0).await? else { return Ok(None) };
        let tags = self.certificate_tags(&id.0).await?;
        Ok(Some(self.at(key, &tags, observed(&detail)?)))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let client = if key.name == CDN { &self.clients.acm_edge } else { &self.clients.acm };
        self.incarnate(key, |token| async move {
            let request = client
                .request_certificate()
                .domain_name(want.common_name())
                .set_subject_alternative_names(Some(want.domains.iter().cloned().collect()))
                .validation_method(ValidationMethod::Dns)
                .idempotency_token(token)
                .set_tags(Some(self.acm_tags(key)?));
            REQUEST.id(self.call(REQUEST, request.send()).await?.certificate_arn)
        })
        .await
    }

    async fn update(&self, _: &Key, _: &Desired, _: &Observed, _: &[Change]) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let arn = &have.output.arn.0;
        let request = self.acm_of(arn).delete_certificate().certificate_arn(arn).send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        let arn = &have.output.arn.0;
        let request = self.acm_of(arn).add_tags_to_certificate().certificate_arn(arn);
        let written = self.call(ADD_TAGS, request.set_tags(Some(self.acm_tags(key)?)).send()).await.map(drop);
        self.forget(arn);
        written
    }
}

impl Cloud {
    /// Where a certificate is says its ARN.
    fn acm_of(&self, arn: &str) -> &Client {
        if arn.split(':').nth(3) == Some(EDGE) { &self.clients.acm_edge } else { &self.clients.acm }
    }

    /// All certificates of the account in a region. Ours have RSA keys, the only ones that are listed unasked.
    async fn certificates(&self, region: &str) -> Result<Arc<Vec<CertificateSummary>>, Fault> {
        let client = if region == EDGE { &self.clients.acm_edge } else { &self.clients.acm };
        let pages = client.list_certificates().into_paginator().stop_on_duplicate_token(false).send();
        let fetch = async {
            let pages = self.call(LIST, pages.collect::<Result<Vec<_>, _>>()).await?;
            let lists = pages.into_iter().map(|page| page.certificate_summary_list);
            let lists: Option<Vec<_>> = lists.collect();
            Ok(lists.ok_or_else(|| Fault::unclear(LIST, "the answer holds no list"))?.into_iter().flatten().collect())
        };
        self.shared(format!("{} {region}", LIST.name), fetch).await
    }

    /// One that is issued seldom changes: what else is told of it is about its renewal.
    async fn listed_certificate(&self, arn: &str, issued: bool) -> Result<Option<CertificateDetail>, Fault> {
        match issued {
            true => self.seldom(&format!("{arn} in detail"), self.certificate(arn)).await,
            false => self.certificate(arn).await,
        }
    }

    async fn certificate(&self, arn: &str) -> Result<Option<CertificateDetail>, Fault> {
        let request = self.acm_of(arn).describe_certificate().certificate_arn(arn).send();
        let Some(answer) = absent(self.call(DESCRIBE, request).await, NOT_FOUND)? else { return Ok(None) };
        answer.certificate.map(Some).ok_or_else(|| Fault::unclear(DESCRIBE, "the answer holds no certificate"))
    }

    async fn certificate_tags(&self, arn: &str) -> Result<Tags, Fault> {
        let ask = async {
            let request = self.acm_of(arn).list_tags_for_certificate().certificate_arn(arn).send();
            let tags = absent(self.call(LIST_TAGS, request).await, NOT_FOUND)?.and_then(|answer| answer.tags);
            let tags = tags.unwrap_or_default().into_iter();
            Ok(tags.map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
        };
        self.tags_of(arn, ask).await
    }

    fn acm_tags(&self, key: &Key) -> Result<Vec<Tag>, Fault> {
        let tags = self.tags(key, |name, value| Tag::builder().key(name).value(value).build());
        let tags: Result<_, _> = tags.into_iter().collect();
        tags.map_err(|error: aws_smithy_types::error::operation::BuildError| Fault::invalid(error.to_string()))
    }
}

fn observed(sdk: &CertificateDetail) -> Result<Observed, Fault> {
    let phase = match sdk.status() {
        Some(CertificateStatus::Issued) => Phase::Issued,
        Some(CertificateStatus::PendingValidation) => Phase::Pending,
        Some(other) => {
            let why = sdk.failure_reason().map(|reason| format!(": {}", reason.as_str())).unwrap_or_default();
            Phase::Dead(format!("ACM says {}{why}", other.as_str()))
        }
        None => return Err(Fault::unclear(DESCRIBE, "the answer holds no status")),
    };
    let issued = phase == Phase::Issued;
    let warning = issued.then(|| warning(sdk, SystemTime::now())).flatten();
    let records = sdk.domain_validation_options().iter().filter_map(record).collect();
    let arn = Id(sdk.certificate_arn().unwrap_or_default().to_owned());
    Ok(Observed { output: CertificateOutput { arn, issued, records, warning }, phase })
}

fn record(sdk: &DomainValidation) -> Option<(String, Cname)> {
    let record = sdk.resource_record()?;
    let plain = |name: &str| name.trim_end_matches('.').to_ascii_lowercase();
    Some((sdk.domain_name.clone(), Cname { name: plain(&record.name), value: plain(&record.value) }))
}

/// What a person should know of a certificate in use before its visitors do.
fn warning(sdk: &CertificateDetail, now: SystemTime) -> Option<String> {
    let names = sdk.domain_name().unwrap_or("?");
    let end = sdk.not_after()?;
    let day = end.fmt(Format::DateTime).unwrap_or_default();
    let day = day.split('T').next().unwrap_or_default();
    let left = SystemTime::try_from(*end).ok()?.duration_since(now).unwrap_or_default();
    let failed = sdk.renewal_summary().is_some_and(|renewal| renewal.renewal_status == RenewalStatus::Failed);
    let why = match (failed, left < LITTLE) {
        (true, _) => "could not be renewed",
        (false, true) => "was not renewed yet",
        (false, false) => return None,
    };
    Some(format!("the certificate for {names} runs out on {day} and {why}: its validation records must stay in DNS"))
}

#[cfg(test)]
mod tests {
    use aws_sdk_acm::types::RenewalSummary;
    use aws_smithy_types::DateTime;

    use super::*;

    const DAY: u64 = 24 * 3600;

    fn detail(days: u64, renewal: Option<RenewalStatus>) -> CertificateDetail {
        let renewal = renewal.map(|status| {
            let renewal = RenewalSummary::builder().renewal_status(status).updated_at(DateTime::from_secs(0));
            renewal.set_domain_validation_options(Some(vec![])).build().unwrap()
        });
        let end = DateTime::from_secs((days * DAY) as i64);
        let detail = CertificateDetail::builder().domain_name("www.example.com").not_after(end);
        detail.set_renewal_summary(renewal).build()
    }

    #[test]
    fn who_runs_out_soon_or_cannot_be_renewed_is_warned_of() {
        let table = [
            (90, None, None),
            (59, Some(RenewalStatus::PendingAutoRenewal), None),
            (59, Some(RenewalStatus::Failed), Some("1970-03-01 and could not be renewed")),
            (29, Some(RenewalStatus::PendingValidation), Some("1970-01-30 and was not renewed yet")),
            (0, None, Some("1970-01-01 and was not renewed yet")),
        ];
        for (days, renewal, expected) in table {
            let said = warning(&detail(days, renewal), SystemTime::UNIX_EPOCH);
            assert_eq!(said.is_some(), expected.is_some(), "{days}: {said:?}");
            assert!(said.unwrap_or_default().contains(expected.unwrap_or_default()), "{days}");
        }
    }

    #[test]
    fn a_request_that_died_says_why() {
        let mut sdk = detail(90, None);
        assert!(observed(&sdk).is_err(), "no status is no state");
        sdk.status = Some(CertificateStatus::ValidationTimedOut);
        assert_eq!(observed(&sdk).unwrap().phase, Phase::Dead("ACM says VALIDATION_TIMED_OUT".into()));
    }
}
