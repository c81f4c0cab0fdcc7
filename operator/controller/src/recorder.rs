//! Writes events: each distinct note is one, and only what is the very same becomes a series.
//!
//! kube's own recorder folds what has one action and reason and keeps the first note, which hides the second of two
//! quick edits.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::events::v1::{Event, EventSeries};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Api, Client};
use serde_json::json;
use tokio::time::Instant;

use crate::events::Note;

/// Who tells.
const CONTROLLER: &str = "wordpress-operator";

/// How long after it was last told a note becomes a series: the API server forgets events after an hour.
const FOLD: Duration = Duration::from_secs(30 * 60);

/// How many events an object may have at once: a whole site that is made, changed and deleted.
const BURST: f64 = 500.0;

/// How long until it may have one more.
const REFILL: Duration = Duration::from_secs(10);

/// The events of all objects.
pub(crate) struct Recorder {
    client: Client,
    instance: String,
    objects: Mutex<HashMap<String, Recent>>,
}

/// What was told about one object of late.
struct Recent {
    notes: HashMap<Note, Series>,
    left: f64,
    counted: Instant,
}

/// One event, and how often it was told.
#[derive(Debug, Clone)]
struct Series {
    name: String,
    count: i32,
    last: Instant,
}

/// What to do with a note.
enum Turn {
    New,
    Again(Series),
    TooMany,
}

impl Recorder {
    pub(crate) fn new(client: Client) -> Self {
        let instance = std::env::var("POD_NAME").ok().filter(|name| !name.is_empty());
        Self { client, instance: instance.unwrap_or_else(|| CONTROLLER.into()), objects: Mutex::default() }
    }

    /// Tells a note, or counts it where it is told already. Too many about one object are left out.
    pub(crate) async fn publish(&self, about: &ObjectReference, note: Note) -> Result<(), kube::Error> {
        let told = match self.turn(about, &note) {
            Turn::TooMany => {
                tracing::warn!(reason = note.reason, "too many events; not told: {}", note.text);
                return Ok(());
            }
            Turn::New => self.create(about, &note).await?,
            Turn::Again(series) => match self.count(about, &series).await {
                // It was deleted, or forgotten early.
                Err(kube::Error::Api(status)) if status.code == 404 => self.create(about, &note).await?,
                counted => counted?,
            },
        };
        self.with(about, |recent| recent.notes.insert(note, told));
        Ok(())
    }

    /// Forgets an object that is gone.
    pub(crate) fn forget(&self, uid: &str) {
        self.objects.lock().expect("no panic while held").remove(uid);
    }

    fn turn(&self, about: &ObjectReference, note: &Note) -> Turn {
        self.with(about, |recent| {
            recent.notes.retain(|_, series| series.last.elapsed() < FOLD);
            recent.left = BURST.min(recent.left + recent.counted.elapsed().div_duration_f64(REFILL));
            recent.counted = Instant::now();
            if recent.left < 1.0 {
                return Turn::TooMany;
            }
            recent.left -= 1.0;
            recent.notes.get(note).map_or(Turn::New, |series| Turn::Again(series.clone()))
        })
    }

    fn with<T>(&self, about: &ObjectReference, act: impl FnOnce(&mut Recent) -> T) -> T {
        let mut objects = self.objects.lock().expect("no panic while held");
        let new = || Recent { notes: HashMap::new(), left: BURST, counted: Instant::now() };
        act(objects.entry(about.uid.clone().unwrap_or_default()).or_insert_with(new))
    }

    async fn create(&self, about: &ObjectReference, note: &Note) -> Result<Series, kube::Error> {
        let Note { warning, component: _, reason, action, text } = note.clone();
        let now = Timestamp::now();
        // As client-go names them: nobody else tells of this object in this very nanosecond.
        let name = format!("{}.{:x}", about.name.as_deref().unwrap_or_default(), now.as_nanosecond());
        let event = Event {
            metadata: ObjectMeta {
                name: Some(name.clone()),
                namespace: about.namespace.clone(),
                ..ObjectMeta::default()
            },
            type_: Some(if warning { "Warning" } else { "Normal" }.into()),
            reason: Some(reason),
            action: Some(action),
            note: Some(text),
            regarding: Some(about.clone()),
            event_time: Some(MicroTime(now)),
            reporting_controller: Some(CONTROLLER.into()),
            reporting_instance: Some(self.instance.clone()),
            ..Event::default()
        };
        self.api(about).create(&PostParams::default(), &event).await?;
        Ok(Series { name, count: 1, last: Instant::now() })
    }

    async fn count(&self, about: &ObjectReference, series: &Series) -> Result<Series, kube::Error> {
        let count = series.count.saturating_add(1);
        let told = EventSeries { count, last_observed_time: MicroTime(Timestamp::now()) };
        let patch = Patch::Merge(json!({ "series": told }));
        self.api(about).patch(&series.name, &PatchParams::default(), &patch).await?;
        Ok(Series { count, last: Instant::now(), ..series.clone() })
    }

    fn api(&self, about: &ObjectReference) -> Api<Event> {
        Api::namespaced(self.client.clone(), about.namespace.as_deref().unwrap_or_default())
    }
}
