use std::sync::Arc;

use aws_sdk_cloudwatch::types::DashboardEntry;
use serde_json::Value;
use wpc_blueprint::monitoring::dashboard::{DASHBOARD, DELETE, Dashboard, Desired, GET, LIST, Observed, PUT};
use wpc_engine::{Change, Class, Fault, Found, Id, Key, Owner, Removal, Standing, Verbs};

use super::NOT_FOUND;
use crate::Cloud;
use crate::call::{absent, gone};

const LONGEST_NAME: usize = 255;

impl Verbs<Dashboard> for Cloud {
    /// The list shows no bodies. A body is read again when the list says that it was changed.
    async fn list(&self) -> Result<Vec<Found<Dashboard>>, Fault> {
        let key = Key::of(DASHBOARD);
        let name = Id(self.name(&key, LONGEST_NAME));
        let every = self.dashboards().await?;
        let Some(entry) = every.iter().find(|entry| entry.dashboard_name() == Some(name.as_str())) else {
            return Ok(vec![]);
        };
        let version = format!("dashboard {name} {:?} {:?}", entry.last_modified(), entry.size());
        let body = self.seldom(&version, self.dashboard_body(&name)).await?;
        Ok(body.map(|body| self.dashboard(&key, name, body)).into_iter().collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Dashboard>>, Fault> {
        let body = self.dashboard_body(id).await?;
        Ok(body.map(|body| self.dashboard(key, id.clone(), body)))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let name = Id(self.name(key, LONGEST_NAME));
        self.put_dashboard(&name, want).await?;
        Ok(name)
    }

    async fn update(&self, _: &Key, want: &Desired, have: &Observed, _: &[Change]) -> Result<(), Fault> {
        self.put_dashboard(&have.name, want).await
    }

    async fn delete(&self, _: &Key, have: &Observed, _: Removal) -> Result<(), Fault> {
        let request = self.clients.cloudwatch.delete_dashboards().dashboard_names(&have.name.0).send();
        gone(self.call(DELETE, request).await, NOT_FOUND)
    }
}

impl Cloud {
    async fn dashboards(&self) -> Result<Arc<Vec<DashboardEntry>>, Fault> {
        let request = self.clients.cloudwatch.list_dashboards();
        let request = request.into_paginator().stop_on_duplicate_token(false).items().send();
        self.shared(LIST.name, self.call(LIST, request.collect::<Result<Vec<_>, _>>())).await
    }

    async fn dashboard_body(&self, name: &Id) -> Result<Option<Value>, Fault> {
        let request = self.clients.cloudwatch.get_dashboard().dashboard_name(&name.0).send();
        let Some(answer) = absent(self.call(GET, request).await, NOT_FOUND)? else { return Ok(None) };
        let text = answer.dashboard_body.ok_or_else(|| {
            Fault::new(Class::Transient, "the answer shows a dashboard without a body").in_action(GET)
        })?;
        // Whatever it says, it is there.
        Ok(Some(serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    async fn put_dashboard(&self, name: &Id, want: &Desired) -> Result<(), Fault> {
        let request = self.clients.cloudwatch.put_dashboard().dashboard_name(&name.0);
        self.call(PUT, request.dashboard_body(want.body.to_string()).send()).await.map(drop)
    }

    /// A dashboard under our name; what it shows first says whose it is.
    fn dashboard(&self, key: &Key, name: Id, body: Value) -> Found<Dashboard> {
        let first = body.pointer("/widgets/0/properties/markdown").and_then(Value::as_str).unwrap_or_default();
        let ours = first.contains(&self.labels.stack.to_string()) || self.labels.adopt;
        let standing = match ours {
            true => Standing::Ours,
            false => Standing::Foreign(Owner::Stranger("nobody that says so in its first widget".into())),
        };
        Found { key: key.clone(), have: Observed { name, body }, standing }
    }
}
