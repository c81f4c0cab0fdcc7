use aws_sdk_route53::types::{ChangeAction, ResourceRecordSet as Sdk, RrType};
use wpc_blueprint::dns::validation::{Desired, Observed, Validation, component_of};
use wpc_blueprint::dns::{CHANGE_RECORDS, FOUND, mark, mark_name, marked};
use wpc_engine::{Change, Class, Fault, Found, Id, Key, Owner, Removal, Verbs};

use super::plain;
use super::records::{is_mark, record, values};
use crate::Cloud;

impl Verbs<Validation> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Validation>>, Fault> {
        let mut found = vec![];
        for (zone, records) in self.zones().await? {
            let marks = records.iter().filter(|record| is_mark(record) && self.is_ours(record));
            for name in marks.filter_map(|mark| Some(plain(marked(&mark.name)?))) {
                let Some(component) = component_of(&name) else { continue };
                let key = Key { name: component, variant: Some(zone.clone()) };
                found.push(Found::ours(key, Parts::of(&records, &name).observed(name)));
            }
        }
        Ok(found)
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Validation>>, Fault> {
        let records = self.records_of(zone_of(key), &id.0).await?;
        let parts = Parts::of(&records, &id.0);
        let ours = parts.mark.is_some_and(|mark| self.is_ours(mark));
        Ok(ours.then(|| Found::ours(key.clone(), parts.observed(id.0.clone()))))
    }

    async fn create(&self, _: &Key, want: &Desired) -> Result<Id, Fault> {
        self.write_validation(want).await?;
        Ok(Id(want.cname.name.clone()))
    }

    async fn update(&self, _: &Key, want: &Desired, _: &Observed, changes: &[Change]) -> Result<(), Fault> {
        match changes.is_empty() {
            true => Ok(()),
            false => self.write_validation(want).await,
        }
    }

    /// The last of those who need it takes it away, unless it was there before them.
    async fn delete(&self, key: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let records = self.records_of(zone_of(key), &have.name).await?;
        let Parts { record: cname, mark: Some(old) } = Parts::of(&records, &have.name) else { return Ok(()) };
        let ours = mark(&self.labels.stack);
        let left: Vec<String> = values(old).into_iter().filter(|value| *value != ours).collect();
        let mut changes = vec![(ChangeAction::Delete, old.clone())];
        match left.iter().any(|value| value != FOUND) {
            true => changes.push((ChangeAction::Create, record(&old.name, RrType::Txt, left)?)),
            false if left.is_empty() => changes.extend(cname.map(|cname| (ChangeAction::Delete, cname.clone()))),
            false => {}
        }
        self.replace(zone_of(key), changes).await
    }
}

impl Cloud {
    /// Writes the record, and this stack among those who need it. One that a person made before, and that is right, stays
    /// theirs.
    async fn write_validation(&self, Desired { zone, cname }: &Desired) -> Result<(), Fault> {
        let records = self.records_of(&zone.0, &cname.name).await?;
        let Parts { record: found, mark: old } = Parts::of(&records, &cname.name);
        let mut marks = old.map(values).unwrap_or_default();
        let right = found.is_some_and(|found| value(found).as_deref() == Some(&cname.value));
        match (found, old) {
            (Some(_), None) if right => marks.push(FOUND.to_owned()),
            (Some(_), None) if !self.labels.adopt => {
                let (what, owner) = (format!("record {}", cname.name), Owner::from("nobody that says so"));
                return Err(Fault::not_ours(what, Some(&owner)).in_action(CHANGE_RECORDS));
            }
            _ => {}
        }
        let ours = mark(&self.labels.stack);
        let mut changes = vec![];
        if !marks.contains(&ours) {
            marks.push(ours);
            changes.extend(old.map(|old| (ChangeAction::Delete, old.clone())));
            changes.push((ChangeAction::Create, record(&mark_name(&cname.name), RrType::Txt, marks)?));
        }
        if !right {
            changes.push((ChangeAction::Upsert, record(&cname.name, RrType::Cname, vec![cname.value.clone()])?));
        }
        self.replace(&zone.0, changes).await
    }

    /// Somebody else changed the same records meanwhile: the next pass looks again.
    async fn replace(&self, zone: &str, changes: Vec<(ChangeAction, Sdk)>) -> Result<(), Fault> {
        let changed = self.change_records(zone, changes).await;
        // Some answers of the kind bear no code.
        let stale = |fault: &Fault| fault.is(&["InvalidChangeBatch"]) || fault.code.is_none();
        changed.map_err(|fault| match fault.class == Class::Invalid && stale(&fault) {
            true => Fault { class: Class::Busy, reason: Class::Busy.reason(), ..fault },
            false => fault,
        })
    }
}

fn zone_of(key: &Key) -> &str {
    key.variant.as_deref().unwrap_or_default()
}

/// The record of a name, and the mark beside it.
struct Parts<'r> {
    record: Option<&'r Sdk>,
    mark: Option<&'r Sdk>,
}

impl<'r> Parts<'r> {
    fn of(records: &'r [Sdk], name: &str) -> Self {
        let named = |record: &&Sdk, name: &str| plain(&record.name) == name;
        let record = records.iter().find(|it| named(it, name) && it.r#type == RrType::Cname);
        Self { record, mark: records.iter().find(|it| named(it, &mark_name(name)) && is_mark(it)) }
    }

    fn observed(&self, name: String) -> Observed {
        Observed { name, value: self.record.and_then(value) }
    }
}

fn value(record: &Sdk) -> Option<String> {
    record.resource_records().first().map(|value| plain(&value.value))
}
