use std::collections::BTreeMap;

use aws_sdk_route53::types::{
    AliasTarget, ChangeAction, GeoLocation, ResourceRecordSet as Sdk, ResourceRecordSetRegion, RrType,
};
use wpc_blueprint::dns::alias::{
    Alias, Desired, Observed, Place, ROUTING, Record, Routing, TYPES, Target, component, path,
};
use wpc_blueprint::dns::{CHANGE_RECORDS, mark, mark_name, marked, set_identifier};
use wpc_engine::{Change, Class, Fault, Found, Id, Key, Owner, Removal, Standing, Verbs};

use super::records::{is_mark, record, stacks};
use super::{built, plain};
use crate::Cloud;
use crate::call::claim;

impl Verbs<Alias> for Cloud {
    async fn list(&self) -> Result<Vec<Found<Alias>>, Fault> {
        let mut found = vec![];
        for (zone, records) in self.zones().await? {
            let marks = records.iter().filter(|record| is_mark(record) && self.is_ours(record));
            let names: Vec<String> = marks.filter_map(|mark| Some(plain(marked(&mark.name)?))).collect();
            // The marks of validation records stand beside names that begin with an underscore, which no site has.
            for domain in names.into_iter().filter(|domain| !domain.starts_with('_')) {
                let key = Key { name: component(&domain), variant: Some(zone.clone()) };
                let ours: Vec<&Sdk> = records.iter().filter(|record| self.is_of(record, &domain)).collect();
                found.push(Found::ours(key, observed(domain, &ours)));
            }
        }
        Ok(found)
    }

    /// Also what is not ours, and says so.
    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Alias>>, Fault> {
        let records = self.records_of(key.variant.as_deref().unwrap_or_default(), &id.0).await?;
        let ours: Vec<&Sdk> = records.iter().filter(|record| self.is_of(record, &id.0)).collect();
        let marks = || records.iter().filter(|record| is_mark(record));
        if marks().any(|mark| self.is_ours(mark)) {
            return Ok(Some(Found::ours(key.clone(), observed(id.0.clone(), &ours))));
        }
        if !records.iter().any(|record| plain(&record.name) == id.0 && leads(record)) {
            return Ok(None);
        }
        let stack = marks().flat_map(stacks).next().map(|stack| format!("stack {stack}"));
        let owner = Owner::Stranger(stack.unwrap_or_else(|| "nobody that says so".to_owned()));
        Ok(Some(Found { key: key.clone(), have: observed(id.0.clone(), &ours), standing: Standing::Foreign(owner) }))
    }

    /// Only what is not there is made: what stands in the way is somebody else's, unless it is to be taken over.
    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let action = if self.labels.adopt { ChangeAction::Upsert } else { ChangeAction::Create };
        let changes = self.wanted(want)?.into_iter().map(|record| (action.clone(), record)).collect();
        let id = Id(want.domain.clone());
        match self.change_records(&want.zone.0, changes).await {
            Ok(()) => Ok(id),
            Err(fault) if fault.class == Class::Invalid => match Verbs::<Alias>::read(self, key, &id).await? {
                None => Err(fault),
                found => claim(CHANGE_RECORDS, found),
            },
            Err(fault) => Err(fault),
        }
    }

    /// Another way to choose among sites is other records, in one step with the end of the old ones.
    async fn update(&self, _: &Key, want: &Desired, _: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let changed = |name: &str| changes.iter().any(|change| change.path == name);
        let mut wanted = self.wanted(want)?;
        if !changed(ROUTING) {
            wanted.retain(|record| changed(&path(record.r#type.as_str())));
        }
        let mut batch = vec![];
        if changed(ROUTING) {
            let old = self.records_of(&want.zone.0, &want.domain).await?;
            let old = old.into_iter().filter(|record| self.is_of(record, &want.domain));
            batch.extend(old.map(|record| (ChangeAction::Delete, record)));
        }
        batch.extend(wanted.into_iter().map(|record| (ChangeAction::Upsert, record)));
        self.change_records(&want.zone.0, batch).await
    }

    /// What is removed must be named exactly as it is.
    async fn delete(&self, key: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let zone = key.variant.as_deref().unwrap_or_default();
        let records = self.records_of(zone, &have.domain).await?;
        let ours = records.into_iter().filter(|record| self.is_of(record, &have.domain));
        self.change_records(zone, ours.map(|record| (ChangeAction::Delete, record)).collect()).await
    }
}

impl Cloud {
    /// Whether a mark names this stack.
    pub(super) fn is_ours(&self, mark: &Sdk) -> bool {
        stacks(mark).contains(&self.labels.stack.to_string())
    }

    /// Whether a record of a name that is ours is one of ours: others of the name bear another's identifier.
    fn is_of(&self, record: &Sdk, domain: &str) -> bool {
        let name = plain(&record.name);
        let mine = set_identifier(&self.labels.stack);
        let ours = record.set_identifier().is_none_or(|identifier| identifier == mine);
        ours && (name == domain && leads(record)
            || name == mark_name(domain) && is_mark(record) && self.is_ours(record))
    }

    /// The records of a name, with their mark, all chosen alike.
    fn wanted(&self, want: &Desired) -> Result<Vec<Sdk>, Fault> {
        let Desired { zone: _, domain, record: Record { target, routing, health_check } } = want;
        let Target { zone, name, evaluate } = target;
        let alias = AliasTarget::builder().hosted_zone_id(zone).dns_name(name).evaluate_target_health(*evaluate);
        let alias = built(alias.build())?;
        let lead = |kind: &str| {
            let record = Sdk::builder().name(domain).r#type(RrType::from(kind)).alias_target(alias.clone());
            built(record.set_health_check_id(health_check.as_ref().map(|check| check.0.clone())).build())
        };
        let mut records = TYPES.into_iter().map(lead).collect::<Result<Vec<_>, _>>()?;
        records.push(record(&mark_name(domain), RrType::Txt, vec![mark(&self.labels.stack)])?);
        for record in &mut records {
            record.set_identifier = (*routing != Routing::Simple).then(|| set_identifier(&self.labels.stack));
            match routing {
                Routing::Simple => {}
                Routing::Latency(region) => record.region = Some(ResourceRecordSetRegion::from(region.as_str())),
                Routing::Geolocation(place) => record.geo_location = Some(location(place)),
            }
        }
        Ok(records)
    }
}

/// Whether a record leads visitors somewhere.
fn leads(record: &Sdk) -> bool {
    [RrType::A, RrType::Aaaa, RrType::Cname].contains(&record.r#type)
}

fn location(place: &Place) -> GeoLocation {
    match place {
        Place::Continent(code) => GeoLocation::builder().continent_code(code).build(),
        Place::Country(code) => GeoLocation::builder().country_code(code).build(),
    }
}

fn observed(domain: String, records: &[&Sdk]) -> Observed {
    let leads: BTreeMap<_, _> = records
        .iter()
        .filter(|record| leads(record))
        .map(|record| (record.r#type.as_str().to_owned(), understood(record)))
        .collect();
    Observed { domain, records: leads, mark: records.iter().find(|record| is_mark(record)).map(|mark| routing(mark)) }
}

fn understood(sdk: &Sdk) -> Option<Record> {
    let alias = sdk.alias_target()?;
    let name = plain(&alias.dns_name);
    // The console writes this before a load balancer's name; both are one.
    let name = name.strip_prefix("dualstack.").unwrap_or(&name).to_owned();
    let target = Target { zone: alias.hosted_zone_id.clone(), name, evaluate: alias.evaluate_target_health };
    Some(Record { target, routing: routing(sdk), health_check: sdk.health_check_id().map(Id::from) })
}

fn routing(sdk: &Sdk) -> Routing {
    let text = |text: Option<&str>| text.map(str::to_owned);
    match (sdk.region(), sdk.geo_location()) {
        (Some(region), _) => Routing::Latency(region.as_str().to_owned()),
        (None, Some(place)) => match (text(place.continent_code()), text(place.country_code())) {
            (Some(code), _) => Routing::Geolocation(Place::Continent(code)),
            (None, code) => Routing::Geolocation(Place::Country(code.unwrap_or_default())),
        },
        (None, None) => Routing::Simple,
    }
}
