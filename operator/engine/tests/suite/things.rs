//! What is in the cloud, how it changes with time, and what the cloud permits.

use std::time::Duration;

use rand::Rng;
use tokio::time::Instant;
use wpc_engine::{Change, Class, Data, Fault, Id, Identity, Key, Removal, digest};

use crate::cloud::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Creating,
    Ready,
    Updating,
    Broken,
    Leaving,
    Dead,
    Gone,
}

/// A thing at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    pub phase: Phase,
    pub fixed: String,
    pub size: u32,
    pub refs: Vec<Id>,
    pub labelled: bool,
}

/// What the cloud knows of a kind.
#[derive(Debug, Clone, Copy)]
pub struct Traits {
    pub kind: &'static str,
    pub identity: Identity,
    pub coexists: bool,
    pub data: Data,
    /// Its first delete only lifts its protection.
    pub protected: bool,
}

/// What a list or a read tells of a thing.
#[derive(Clone)]
pub struct Shown {
    pub foreign: bool,
    pub version: Version,
    pub holds: Vec<Id>,
}

pub struct Thing {
    pub id: Id,
    pub key: Key,
    pub traits: Traits,
    pub foreign: bool,
    protected: bool,
    born: Instant,
    versions: Vec<(Instant, Version)>,
}

impl Shown {
    fn of(thing: &Thing, version: &Version, hides: bool) -> Self {
        let holds = if hides { vec![] } else { version.refs.clone() };
        Self { foreign: thing.foreign, version: version.clone(), holds }
    }
}

impl Thing {
    pub fn at(&self, when: Instant) -> Option<&Version> {
        let (_, version) = self.versions.iter().rev().find(|(from, _)| *from <= when)?;
        (version.phase != Phase::Gone).then_some(version)
    }

    pub fn now(&self) -> Option<&Version> {
        self.at(Instant::now())
    }

    fn living(&self) -> bool {
        self.now().is_some_and(|version| !matches!(version.phase, Phase::Leaving | Phase::Dead))
    }

    /// From now on `first`, and after the cloud's work `then`.
    fn become_(&mut self, first: Version, work: Duration, then: Phase) {
        let now = Instant::now();
        self.versions.retain(|(from, _)| *from <= now);
        let last = Version { phase: then, ..first.clone() };
        self.versions.extend([(now, first), (now + work, last)]);
    }

    /// Changed by a hand that is not ours.
    pub fn change(&mut self, change: impl FnOnce(&mut Version)) {
        let mut version = self.now().expect("only what is there is changed").clone();
        change(&mut version);
        let phase = version.phase;
        self.become_(version, Duration::ZERO, phase);
    }
}

impl State {
    /// Writes the history.
    pub fn note(&mut self, text: String) {
        self.history.push(format!("{:>9.3} {text}", self.start.elapsed().as_secs_f64()));
    }

    pub fn find(&mut self, id: &Id) -> Option<&mut Thing> {
        self.things.iter_mut().find(|thing| thing.id == *id && thing.now().is_some())
    }

    /// Everything that is there now, in truth.
    pub fn present(&self) -> impl Iterator<Item = &Thing> {
        self.things.iter().filter(|thing| thing.now().is_some())
    }

    pub fn named(&mut self, name: &str) -> &mut Thing {
        let found = self.things.iter_mut().find(|thing| thing.key.name == name && thing.now().is_some());
        found.unwrap_or_else(|| panic!("there is no {name}"))
    }

    /// What one list call shows of a kind; every thing may come from another replica.
    pub fn list(&mut self, kind: &str) -> Vec<(Id, Key, Shown)> {
        let (now, lag, hides) = (Instant::now(), self.weather.lag, self.hides_holders);
        let rng = &mut self.rng;
        let things = self.things.iter().filter(|thing| thing.traits.kind == kind);
        let shown = things.filter_map(|thing| {
            let version = thing.at(now - lag.mul_f64(rng.random()))?;
            Some((thing.id.clone(), thing.key.clone(), Shown::of(thing, version, hides)))
        });
        let times = 1 + usize::from(self.stutters);
        shown.flat_map(|shown| std::iter::repeat_n(shown, times)).collect()
    }

    pub fn read(&mut self, id: &Id) -> Option<Shown> {
        let hides = self.hides_holders;
        let hidden = self.weather.hidden.mul_f64(self.rng.random());
        let thing = self.find(id).filter(|thing| thing.born.elapsed() >= hidden)?;
        Some(Shown::of(thing, thing.now()?, hides))
    }

    /// Puts a thing there, ready, as by hand.
    pub fn put(&mut self, traits: Traits, key: Key, version: Version, foreign: bool) -> Id {
        let id = Id(format!("{}-{}", traits.kind.rsplit('/').next().unwrap_or_default(), self.things.len()));
        let versions = vec![(Instant::now(), version)];
        let protected = traits.protected;
        self.things.push(Thing { id: id.clone(), key, traits, foreign, protected, born: Instant::now(), versions });
        id
    }

    pub fn create(&mut self, traits: Traits, key: Key, new: Version) -> Result<Id, Fault> {
        let mut token = digest(&[traits.kind, &key.to_string()]);
        if let Some(missing) =
            new.refs.iter().find(|id| !self.things.iter().any(|t| t.id == **id && t.living())).cloned()
        {
            return Err(Fault::invalid(format!("there is no {missing}")));
        }
        let same = |thing: &&Thing| thing.traits.kind == traits.kind && thing.now().is_some();
        match traits.identity {
            // A token that answers with what is at its end is followed by the next one, which replays too.
            Identity::Token if self.forgets_tokens => {}
            Identity::Token => {
                while let Some(id) = self.tokens.get(&token).cloned() {
                    if self.things.iter().any(|thing| thing.id == id && thing.living()) {
                        return Ok(id);
                    }
                    token = digest(&[&token, id.as_str()]);
                }
            }
            Identity::Name => {
                if let Some(there) = self.things.iter().filter(same).find(|thing| thing.key == key) {
                    return match there.now().map(|version| version.phase) {
                        _ if there.foreign => Err(Fault::not_ours(&there.id, None)),
                        Some(Phase::Leaving) => Err(self.wrong(Class::Busy, format!("{key} is still leaving"))),
                        _ => Ok(there.id.clone()),
                    };
                }
            }
            Identity::Neither => {}
        }
        let rivals = self.things.iter().filter(same).filter(|thing| thing.key.name == key.name).count();
        if !traits.coexists && rivals > 0 {
            return Err(self.wrong(Class::Busy, format!("{key} is made beside the old one")));
        }
        if self.things.iter().filter(same).any(|thing| thing.key == key && thing.living()) {
            self.wrong(Class::Invalid, format!("{key} is there twice"));
        }
        self.note(format!("{key} comes, held: {:?}", new.refs));
        let id = self.put(traits, key, new.clone(), false);
        self.tokens.insert(token, id.clone());
        let work = self.weather.work;
        self.find(&id).expect("just put").become_(Version { phase: Phase::Creating, ..new }, work, Phase::Ready);
        Ok(id)
    }

    pub fn update(&mut self, id: &Id, size: u32, refs: &[Id], changes: &[Change]) -> Result<(), Fault> {
        let (work, deaf) = (self.weather.work, self.deaf);
        let Some(thing) = self.find(id) else { return Err(Fault::invalid(format!("there is no {id}"))) };
        let mut version = thing.now().expect("found").clone();
        // It died by a hand that no list showed yet.
        if version.phase == Phase::Dead {
            return Err(Fault::invalid(format!("{} is beyond repair", thing.key)));
        }
        if !matches!(version.phase, Phase::Ready | Phase::Broken) || thing.foreign {
            let text = format!("{} is updated while {:?}", thing.key, version.phase);
            return Err(self.wrong(Class::Busy, text));
        }
        for change in changes.iter().filter(|change| deaf != Some(change.path.as_str())) {
            match change.path.as_str() {
                "size" => version.size = size,
                "refs" => version.refs = refs.to_vec(),
                path => panic!("{path} is not asked for"),
            }
        }
        let text = format!("{} changes to {} {:?}", thing.key, version.size, version.refs);
        thing.become_(Version { phase: Phase::Updating, ..version }, work, Phase::Ready);
        self.note(text);
        Ok(())
    }

    pub fn relabel(&mut self, id: &Id) -> Result<(), Fault> {
        if let Some(thing) = self.find(id) {
            thing.change(|version| version.labelled = true);
        }
        Ok(())
    }

    pub fn delete(&mut self, id: &Id, removal: Removal) -> Result<(), Fault> {
        let work = self.weather.work;
        let holders = self.present().filter(|thing| thing.now().is_some_and(|version| version.refs.contains(id)));
        let holders: Vec<String> = holders.map(|thing| thing.key.to_string()).collect();
        let Some(thing) = self.find(id) else { return Ok(()) };
        let (key, data) = (thing.key.clone(), thing.traits.data);
        let version = thing.now().expect("found").clone();
        let lost = match (data, removal) {
            (Data::Needed, _) => true,
            (Data::None, _) | (Data::Copied, Removal::Snapshot) | (_, Removal::Delete) => false,
            (Data::Copied | Data::Kept, _) => true,
        };
        let wrong = if thing.foreign {
            Some(format!("{key} is not ours and is deleted"))
        } else if lost {
            Some(format!("{key} loses its data"))
        } else if version.phase == Phase::Leaving {
            Some(format!("{key} is deleted twice"))
        } else if !holders.is_empty() {
            Some(format!("{key} is deleted while held by {holders:?}"))
        } else {
            None
        };
        if let Some(wrong) = wrong {
            return Err(self.wrong(Class::Blocked, wrong));
        }
        if std::mem::take(&mut thing.protected) {
            return Ok(());
        }
        thing.become_(Version { phase: Phase::Leaving, ..version }, work, Phase::Gone);
        self.note(format!("{key} leaves"));
        if data == Data::Copied && removal == Removal::Snapshot {
            self.snapshots.push(key);
        }
        Ok(())
    }

    fn wrong(&mut self, class: Class, text: String) -> Fault {
        self.note(format!("WRONG {text}"));
        self.wrongs.push(text.clone());
        Fault::new(class, text)
    }
}
