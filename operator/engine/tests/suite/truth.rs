//! What must be true of a cloud in the end.

use std::collections::HashMap;

use wpc_engine::{Data, Id, Removal};

use crate::cloud::{Call, Cloud};
use crate::stack::Spec;
use crate::things::{Phase, Thing, Version};

impl Cloud {
    /// Everything that is there, for people.
    pub fn truth(&self) -> String {
        self.with(|state| {
            let things = state.present().map(|thing| format!("{} {} {:?}\n", thing.key, thing.id, thing.now()));
            things.chain(state.wrongs.iter().map(|wrong| format!("wrong: {wrong}\n"))).collect()
        })
    }

    pub fn writes(&self) -> Vec<Call> {
        self.with(|state| state.calls.iter().filter(|call| call.writes()).cloned().collect())
    }

    /// The ids and names of what is there beside what is wanted, which must be there once and as wanted.
    pub fn unwanted(&self, spec: &Spec) -> Result<Vec<(Id, String)>, String> {
        self.with(|state| {
            if let Some(wrong) = state.wrongs.first() {
                return Err(wrong.clone());
            }
            let mut ours: Vec<&Thing> = state.present().filter(|thing| !thing.foreign).collect();
            let mut ids: HashMap<&str, Id> = HashMap::new();
            for node in &spec.0 {
                let refs = node.needs.iter().map(|need| ids[need.as_str()].clone()).collect();
                let (fixed, size) = (node.fixed.clone(), node.size);
                let want = Version { phase: Phase::Ready, fixed, size, refs, labelled: true };
                let it = |thing: &&Thing| thing.key.name == node.name && thing.now() == Some(&want);
                let at = ours.iter().position(it).ok_or_else(|| format!("there is no {} {want:?}", node.name))?;
                ids.insert(&node.name, ours.remove(at).id.clone());
            }
            Ok(ours.into_iter().map(|thing| (thing.id.clone(), thing.key.name.clone())).collect())
        })
    }

    /// Whether what is wanted is there once and as wanted, and beside it only what policy keeps: data, and all that it
    /// holds; and no data was ever made again.
    pub fn as_policy_wants(&self, spec: &Spec, removal: Removal) -> Result<(), String> {
        let unwanted = self.unwanted(spec)?;
        let of = |id: &Id| {
            let of = |thing: &mut Thing| {
                (thing.traits.data, thing.now().map(|version| version.refs.clone()).unwrap_or_default())
            };
            self.with(|state| state.find(id).map(of))
        };
        let stays = |id: &&Id| of(id).is_some_and(|(data, _)| removal.keeps(data));
        let mut kept: Vec<Id> = unwanted.iter().map(|(id, _)| id).filter(stays).cloned().collect();
        let mut next = 0;
        while let Some(holder) = kept.get(next).cloned() {
            next += 1;
            let (_, held) = of(&holder).unwrap_or((Data::None, vec![]));
            let held = held.into_iter().filter(|id| unwanted.iter().any(|(there, _)| there == id));
            let new: Vec<Id> = held.filter(|id| !kept.contains(id)).collect();
            kept.extend(new);
        }
        if let Some((id, name)) = unwanted.iter().find(|(id, _)| !kept.contains(id)) {
            return Err(format!("{name} ({id}) is left, and nothing keeps it"));
        }
        match self.data_made(spec).into_iter().find(|(_, made)| *made != 1) {
            Some((name, made)) => Err(format!("the data of {name} was made {made} times")),
            None => Ok(()),
        }
    }

    /// How many things of data were ever made under one name.
    pub fn data_made(&self, spec: &Spec) -> Vec<(String, usize)> {
        let nodes = spec.0.iter().filter(|node| node.of.traits().data != Data::None);
        self.with(|state| {
            let made = |name: &str| state.things.iter().filter(|thing| thing.key.name == name).count();
            nodes.map(|node| (node.name.clone(), made(&node.name))).collect()
        })
    }
}
