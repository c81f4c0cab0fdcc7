//! The records of hosted zones, read and written.
//!
//! A zone is a person's, and an account may have hundreds: which of them hold records of ours is looked up every half hour,
//! and only those are read in every pass.

use std::sync::Arc;

use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet as Record, RrType};
use wpc_blueprint::dns::{CHANGE_RECORDS, LIST_RECORDS, LIST_ZONES, mark_name, marked, stack_of};
use wpc_engine::{Class, Fault};

use super::{built, plain};
use crate::Cloud;
use crate::call::absent;

pub(super) const NO_ZONE: &[&str] = &["NoSuchHostedZone"];

/// What is remembered about zones is remembered under this name.
const ZONES: &str = "route53 zones with records of ours";

/// How long resolvers keep a record.
const TTL: i64 = 300;

/// A zone's id, and its records.
pub(super) type Zone = (String, Arc<Vec<Record>>);

impl Cloud {
    /// The zones that hold records of any stack.
    pub(super) async fn zones(&self) -> Result<Vec<Zone>, Fault> {
        let ids: Arc<Vec<String>> = self.seldom(ZONES, self.find_zones()).await?;
        let mut zones = vec![];
        for id in ids.iter() {
            zones.push((id.clone(), self.zone(id).await?));
        }
        Ok(zones)
    }

    async fn find_zones(&self) -> Result<Arc<Vec<String>>, Fault> {
        let request =
            self.clients.route53.list_hosted_zones().into_paginator().stop_on_duplicate_token(false).items().send();
        let zones = self.call(LIST_ZONES, request.collect::<Result<Vec<_>, _>>()).await?;
        let mut found = vec![];
        for zone in zones {
            let id = zone.id.trim_start_matches("/hostedzone/").to_owned();
            if self.zone(&id).await?.iter().any(is_mark) {
                found.push(id);
            }
        }
        Ok(Arc::new(found))
    }

    /// A zone's records, as all stacks see them. What is no zone any more has none.
    async fn zone(&self, id: &str) -> Result<Arc<Vec<Record>>, Fault> {
        let question = format!("{} {id}", LIST_RECORDS.name);
        self.shared(question, async {
            Ok(absent(self.records_from(id, None, |_| true).await, NO_ZONE)?.unwrap_or_default())
        })
        .await
    }

    /// The records of a name, and the TXT records that mark them, straight from Route 53. It sorts names from their ends,
    /// so the marks of a name come after it, and nearly always on the same page.
    pub(super) async fn records_of(&self, zone: &str, name: &str) -> Result<Vec<Record>, Fault> {
        let (mark, end) = (mark_name(name), sort_key(&mark_name(name)));
        let records = self.records_from(zone, Some(name), |record| sort_key(&record.name) <= end).await;
        let records = absent(records, NO_ZONE)?.unwrap_or_default();
        let of_name = |record: &Record| [name, &mark].contains(&plain(&record.name).as_str());
        Ok(records.into_iter().filter(of_name).collect())
    }

    /// Records in their order, from a name on while they are wanted. The SDK has no paginator for these.
    async fn records_from(
        &self,
        zone: &str,
        name: Option<&str>,
        wanted: impl Fn(&Record) -> bool + Send + Sync,
    ) -> Result<Vec<Record>, Fault> {
        let first = self.clients.route53.list_resource_record_sets().hosted_zone_id(zone);
        let (mut records, mut next) = (vec![], first.clone().set_start_record_name(name.map(Into::into)));
        for _ in 0..PAGES {
            let page = self.call(LIST_RECORDS, next.send()).await?;
            let more = page.is_truncated && page.resource_record_sets.iter().all(&wanted);
            records.extend(page.resource_record_sets);
            if !more {
                return Ok(records);
            }
            next = first
                .clone()
                .set_start_record_name(page.next_record_name)
                .set_start_record_type(page.next_record_type)
                .set_start_record_identifier(page.next_record_identifier);
        }
        Err(Fault::new(Class::Transient, "the list has no end").in_action(LIST_RECORDS))
    }

    /// Makes these changes, all or none. A change of what is not as it was read any more is refused.
    pub(super) async fn change_records(&self, zone: &str, changes: Vec<(ChangeAction, Record)>) -> Result<(), Fault> {
        if changes.is_empty() {
            return Ok(());
        }
        let change = |(action, record)| built(Change::builder().action(action).resource_record_set(record).build());
        let changes: Vec<Change> = changes.into_iter().map(change).collect::<Result<_, _>>()?;
        let batch = built(ChangeBatch::builder().set_changes(Some(changes)).build())?;
        let request =
            self.clients.route53.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch).send();
        let changed = self.call(CHANGE_RECORDS, request).await.map(drop);
        let known = self.observer.tags.get::<Arc<Vec<String>>>(ZONES);
        if known.is_some_and(|known| !known.iter().any(|id| id == zone)) {
            self.forget(ZONES);
        }
        changed
    }
}

/// More pages than the largest zone has: ten thousand records, unless AWS raises the quota.
const PAGES: usize = 200;

/// By what Route 53 sorts names: their labels, the last first.
fn sort_key(name: &str) -> Vec<String> {
    plain(name).split('.').rev().map(str::to_owned).collect()
}

/// Whether it is a TXT record by which some stack says that something is its own.
pub(super) fn is_mark(record: &Record) -> bool {
    record.r#type == RrType::Txt
        && marked(&record.name).is_some()
        && record.resource_records().iter().any(|value| stack_of(&value.value).is_some())
}

/// The stacks that a mark names.
pub(super) fn stacks(record: &Record) -> Vec<String> {
    record.resource_records().iter().filter_map(|value| stack_of(&value.value)).collect()
}

/// The values of a record.
pub(super) fn values(record: &Record) -> Vec<String> {
    record.resource_records().iter().map(|value| value.value.clone()).collect()
}

/// A record that holds values.
pub(super) fn record(name: &str, kind: RrType, values: Vec<String>) -> Result<Record, Fault> {
    let value = |value: String| built(ResourceRecord::builder().value(value).build());
    let values: Vec<ResourceRecord> = values.into_iter().map(value).collect::<Result<_, _>>()?;
    built(Record::builder().name(name).r#type(kind).ttl(TTL).set_resource_records(Some(values)).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_as_route_53_does() {
        let mut names =
            ["_wpc.example.com.", "www.example.com.", "example.com.", "a.www.example.com.", "_a.example.com."];
        names.sort_by_key(|name| sort_key(name));
        let sorted = ["example.com.", "_a.example.com.", "_wpc.example.com.", "www.example.com.", "a.www.example.com."];
        assert_eq!(names, sorted);
    }

    #[test]
    fn a_mark_is_told_from_other_texts() {
        let txt = |name: &str, value: &str| record(name, RrType::Txt, vec![value.to_owned()]).unwrap();
        let mark = "\"wordpresscluster.dev/stack=default/press/gazette\"";
        assert!(is_mark(&txt("_wpc.www.example.com.", mark)));
        assert!(!is_mark(&txt("www.example.com.", mark)), "it stands beside a record, under its own name");
        assert!(!is_mark(&txt("_wpc.www.example.com.", "\"v=spf1 -all\"")));
        assert_eq!(stacks(&txt("_wpc.www.example.com.", mark)), ["default/press/gazette"]);
    }
}
