//! Kinds of every identity class, with and without variants, that hold data or not.

use std::marker::PhantomData;
use std::sync::Arc;

use wpc_engine::{
    Action, AnyKind, Bound, Change, Changes, Data, Delta, Disruption, Fault, Found, Graph, Handle, Id, Identity, Key,
    Kind, Removal, Standing, State, Verbs, digest,
};

use crate::cloud::{Call, Cloud, Op};
use crate::process::Process;
use crate::things::{Phase, Shown, Traits, Version};

/// What tells one fake kind from another.
pub trait Profile: Send + Sync + 'static {
    const NAME: &'static str;
    const IDENTITY: Identity;
    const COEXISTS: bool = true;
    const LAST: bool = false;
    const VARIANT: bool = false;
    const DATA: Data = Data::None;
    const PROTECTED: bool = false;
    const LEADS_BACK: bool = false;
}

pub struct Fake<P>(PhantomData<fn() -> P>);

#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Cannot be changed.
    pub fixed: String,
    /// Can be changed.
    pub size: u32,
    /// What it hangs on; can be changed where there is no variant.
    pub refs: Vec<Id>,
}

pub struct Observed {
    id: Id,
    version: Version,
    /// What it shows of what it holds.
    holds: Vec<Id>,
}

impl<P: Profile> Kind for Fake<P> {
    const NAME: &'static str = P::NAME;
    const ACTIONS: &'static [Action] = &[Action::read("fake:Describe"), Action::write("fake:Write")];
    const IDENTITY: Identity = P::IDENTITY;
    const COEXISTS: bool = P::COEXISTS;
    const LAST: bool = P::LAST;
    const LEADS_BACK: bool = P::LEADS_BACK;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    fn variant(Desired { fixed, size: _, refs }: &Desired) -> Option<String> {
        let parts: Vec<&str> = [fixed.as_str()].into_iter().chain(refs.iter().map(Id::as_str)).collect();
        P::VARIANT.then(|| digest(&parts))
    }

    fn id(have: &Observed) -> Id {
        have.id.clone()
    }

    fn holds(have: &Observed) -> Vec<Id> {
        have.holds.clone()
    }

    fn diff(Desired { fixed, size, refs }: &Desired, Observed { version: have, .. }: &Observed) -> Delta {
        let mut changes = Changes::new();
        changes.refuse("fixed", &have.fixed, fixed);
        changes.compare("size", &have.size, size, Disruption::Restart);
        changes.compare("refs", &have.refs, refs, Disruption::None);
        changes.delta()
    }

    fn state(Observed { id, version, .. }: &Observed) -> State<Id> {
        match version.phase {
            Phase::Creating => State::Settling { usable: None, reason: "Creating" },
            Phase::Ready => State::Ready(id.clone()),
            Phase::Updating => State::Settling { usable: Some(id.clone()), reason: "Updating" },
            Phase::Broken => State::Broken { usable: None, message: "it does not answer".into() },
            Phase::Leaving => State::Leaving,
            Phase::Dead | Phase::Gone => State::Dead { message: "it failed for good".into() },
        }
    }

    fn data(_: &Observed) -> Data {
        P::DATA
    }
}

/// The verbs of one stack, used by one process.
pub struct Client {
    pub cloud: Arc<Cloud>,
    pub process: Arc<Process>,
}

impl Client {
    pub fn kinds(self: &Arc<Self>) -> Vec<Arc<dyn AnyKind>> {
        Of::ALL.iter().map(|of| of.any(self)).collect()
    }
}

fn call<P: Profile>(op: Op, key: Option<&Key>) -> Call {
    Call { op, kind: P::NAME, key: key.cloned() }
}

pub fn traits<P: Profile>() -> Traits {
    Traits { kind: P::NAME, identity: P::IDENTITY, coexists: P::COEXISTS, data: P::DATA, protected: P::PROTECTED }
}

fn label() -> Change {
    Change { path: "tags".into(), from: "".into(), to: "web".into(), disruption: Disruption::None }
}

fn found<P: Profile>(id: Id, key: Key, shown: Shown) -> Found<Fake<P>> {
    let Shown { foreign, version, holds } = shown;
    let standing = match (foreign, version.labelled) {
        (true, _) => Standing::Foreign("somebody else".into()),
        (false, true) => Standing::Ours,
        (false, false) => Standing::Mislabelled(vec![label()]),
    };
    Found { key, have: Observed { id, version, holds }, standing }
}

impl<P: Profile> Verbs<Fake<P>> for Client {
    async fn list(&self) -> Result<Vec<Found<Fake<P>>>, Fault> {
        let things = self.cloud.call(&self.process, call::<P>(Op::List, None), |state| Ok(state.list(P::NAME))).await?;
        Ok(things.into_iter().map(|(id, key, shown)| found(id, key, shown)).collect())
    }

    async fn read(&self, key: &Key, id: &Id) -> Result<Option<Found<Fake<P>>>, Fault> {
        let wanted = id.clone();
        let thing = self
            .cloud
            .call(&self.process, call::<P>(Op::Read, Some(key)), move |state| Ok(state.read(&wanted)))
            .await?;
        // A read does not move a thing to another key, whatever it says.
        Ok(thing.map(|shown| found(id.clone(), Key::of("elsewhere"), shown)))
    }

    async fn create(&self, key: &Key, want: &Desired) -> Result<Id, Fault> {
        let Desired { fixed, size, refs } = want.clone();
        let new = Version { phase: Phase::Ready, fixed, size, refs, labelled: true };
        let place = key.clone();
        self.cloud
            .call(&self.process, call::<P>(Op::Create, Some(key)), move |state| state.create(traits::<P>(), place, new))
            .await
    }

    async fn update(&self, key: &Key, want: &Desired, have: &Observed, changes: &[Change]) -> Result<(), Fault> {
        let (id, want, changes) = (have.id.clone(), want.clone(), changes.to_vec());
        let update = call::<P>(Op::Update, Some(key));
        self.cloud.call(&self.process, update, move |state| state.update(&id, want.size, &want.refs, &changes)).await
    }

    async fn delete(&self, key: &Key, have: &Observed, removal: Removal) -> Result<(), Fault> {
        let id = have.id.clone();
        self.cloud.call(&self.process, call::<P>(Op::Delete, Some(key)), move |state| state.delete(&id, removal)).await
    }

    async fn relabel(&self, key: &Key, have: &Observed) -> Result<(), Fault> {
        let id = have.id.clone();
        self.cloud.call(&self.process, call::<P>(Op::Relabel, Some(key)), move |state| state.relabel(&id)).await
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $path:literal { $($const:ident: $value:expr),* };)*) => {
        $(
            pub struct $name;

            impl Profile for $name {
                const NAME: &'static str = $path;
                $(const $const: kinds!(@$const) = $value;)*
            }
        )*

        /// Any of the kinds.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Of {
            $($(#[$doc])* $name,)*
        }

        impl Of {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            pub fn traits(self) -> Traits {
                match self {
                    $(Self::$name => traits::<$name>(),)*
                }
            }

            pub fn variant(self) -> bool {
                match self {
                    $(Self::$name => $name::VARIANT,)*
                }
            }

            pub fn any(self, client: &Arc<Client>) -> Arc<dyn AnyKind> {
                match self {
                    $(Self::$name => Bound::<Fake<$name>>::new(client.clone()).any(),)*
                }
            }

            pub fn add(
                self,
                graph: &mut Graph,
                client: &Arc<Client>,
                name: &str,
                needs: Vec<Handle<Id>>,
                want: impl Fn(Vec<Id>) -> Desired + Send + Sync + 'static,
            ) -> Handle<Id> {
                match self {
                    $(Self::$name => graph.add(name, &Bound::<Fake<$name>>::new(client.clone()), needs, want),)*
                }
            }
        }
    };
    (@IDENTITY) => { Identity };
    (@COEXISTS) => { bool };
    (@LAST) => { bool };
    (@VARIANT) => { bool };
    (@DATA) => { Data };
    (@PROTECTED) => { bool };
    (@LEADS_BACK) => { bool };
}

kinds! {
    /// Like a network.
    Net = "fake/net" { IDENTITY: Identity::Neither };
    /// Like a subnet.
    Part = "fake/part" { IDENTITY: Identity::Neither, VARIANT: true };
    /// Like a route table, whose routes are known everywhere only after a while.
    Table = "fake/table" { IDENTITY: Identity::Token, VARIANT: true, LEADS_BACK: true };
    /// Like a NAT gateway: old and new would share an address.
    Door = "fake/door" { IDENTITY: Identity::Token, VARIANT: true, COEXISTS: false };
    /// Like a subnet whose range is taken.
    Range = "fake/range" { IDENTITY: Identity::Neither, VARIANT: true, COEXISTS: false };
    /// Like a security group.
    Group = "fake/group" { IDENTITY: Identity::Name };
    /// Like a launch template.
    Template = "fake/template" { IDENTITY: Identity::Name, VARIANT: true };
    /// Like a mount target.
    Mount = "fake/mount" { IDENTITY: Identity::Name, VARIANT: true, COEXISTS: false };
    /// Like a database.
    Base = "fake/base" { IDENTITY: Identity::Name, DATA: Data::Copied, PROTECTED: true };
    /// Like a file system.
    Files = "fake/files" { IDENTITY: Identity::Token, DATA: Data::Kept };
    /// Like a vault for backups.
    Vault = "fake/vault" { IDENTITY: Identity::Neither, DATA: Data::Kept, LAST: true };
}
