//! The operator in a cluster: replicas compete for a lease, and the one that has it makes passes over the object as the
//! controller does. Whatever breaks a promise is a wrong.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};
use wpc_engine::{Graph, Memory, Options, Pace, Removal, requeue, run};

use crate::cloud::{Call, Cloud, LATE, Op};
use crate::kinds::{Client, Of};
use crate::life::Flaw;
use crate::process::Process;
use crate::stack::Spec;

const LEASE: Duration = Duration::from_secs(15);
const RENEW: Duration = Duration::from_secs(5);
const RETRY: Duration = Duration::from_secs(1);
/// The longest that a call may take; a write starts only if the lease outlives it.
const TIMEOUT: Duration = Duration::from_secs(3);
const HOUR: Duration = Duration::from_secs(3600);
const PACE: Pace = Pace { resync: MINUTE, slow: MINUTE, settle: Duration::from_secs(5), jitter: 0.5 };
const MINUTE: Duration = Duration::from_secs(60);
/// More passes than any sequence of waits, edits and deaths explains.
const PASSES_IN_TEN_SECONDS: usize = 80;

/// What the API server keeps of the object.
#[derive(Debug, Clone)]
pub struct Object {
    pub spec: Spec,
    pub paused: bool,
    /// What its deletion does to data.
    pub policy: Removal,
    pub deleting: bool,
    /// Finalizer and scope are written in one call.
    enrolled: bool,
    /// Grows with every change; a write that knows an older one is refused.
    version: u64,
    asked: u64,
}

/// What a pass is made for.
type Trigger = (Spec, bool, bool, bool, u64);

impl Object {
    fn trigger(&self) -> Trigger {
        (self.spec.clone(), self.paused, self.deleting, self.enrolled, self.asked)
    }

    pub fn removal(&self) -> Removal {
        if self.deleting { self.policy } else { Removal::Live }
    }
}

struct Cluster {
    object: Option<Object>,
    holder: Option<(String, Instant)>,
    /// What the last pass was made for, and whether all was as wanted.
    status: Option<(Trigger, bool)>,
    passes: VecDeque<Instant>,
    replicas: [Arc<Process>; 2],
}

pub struct World {
    pub cloud: Arc<Cloud>,
    flaw: Option<Flaw>,
    cluster: Mutex<Cluster>,
}

impl World {
    pub fn new(cloud: Arc<Cloud>, spec: Spec, policy: Removal, flaw: Option<Flaw>) -> Arc<Self> {
        let object = Object { spec, paused: false, policy, deleting: false, enrolled: false, version: 0, asked: 0 };
        let cluster = Cluster {
            object: Some(object),
            holder: None,
            status: None,
            passes: VecDeque::new(),
            replicas: [(); 2].map(|()| Arc::new(Process::alone())),
        };
        let world = Arc::new(Self { cloud, flaw, cluster: Mutex::new(cluster) });
        let law = Arc::downgrade(&world);
        world.cloud.judge(move |by, call| law.upgrade()?.judge(by, call));
        world
    }

    fn cluster(&self) -> MutexGuard<'_, Cluster> {
        self.cluster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn object(&self) -> Option<Object> {
        self.cluster().object.clone()
    }

    pub fn process(&self, slot: usize) -> Arc<Process> {
        self.cluster().replicas[slot].clone()
    }

    /// Somebody changes the object.
    pub fn edit(&self, change: impl FnOnce(&mut Object)) {
        let mut cluster = self.cluster();
        let Some(object) = &mut cluster.object else { return };
        change(object);
        object.version += 1;
        cluster.replicas.iter().for_each(|process| process.woken.notify_one());
    }

    /// Somebody deletes the object; one that nobody holds on to is gone at once.
    pub fn delete(&self) {
        self.edit(|object| object.deleting = true);
        self.cluster().object.take_if(|object| !object.enrolled);
    }

    /// Somebody asks for a pass.
    pub fn ask(&self) {
        self.edit(|object| object.asked += 1);
    }

    /// Whether the last pass was made for the object as it is now and found all as wanted, or the object is gone.
    pub fn settled(&self) -> bool {
        let cluster = self.cluster();
        match (&cluster.object, &cluster.status) {
            (None, _) => true,
            (Some(object), Some((of, settled))) => !object.deleting && *settled && *of == object.trigger(),
            (Some(_), None) => false,
        }
    }

    fn wrong(&self, text: String) {
        self.cloud.with(|state| {
            state.note(format!("WRONG {text}"));
            state.wrongs.push(text);
        });
    }

    /// What is wrong about a write that starts now.
    fn judge(&self, by: &Process, call: &Call) -> Option<String> {
        let cluster = self.cluster();
        let outlives = |(name, until): &(String, Instant)| *name == by.name && *until > Instant::now() + LATE;
        let text = format!("{} {:?} {}", by.name, call.op, call.key.as_ref().map(ToString::to_string)?);
        if !cluster.holder.as_ref().is_some_and(outlives) {
            return Some(format!("{text} without the lease"));
        }
        let Some(object) = &cluster.object else { return Some(format!("{text} for an object that is gone")) };
        let data = Of::ALL.iter().map(|of| of.traits()).find(|traits| traits.kind == call.kind)?.data;
        match call.op {
            Op::Create if !object.enrolled => Some(format!("{text} before the finalizer")),
            Op::Delete if object.removal().keeps(data) => Some(format!("{text} though policy keeps its data")),
            _ => None,
        }
    }

    /// One place for a process of the operator: whenever one ends, the next one starts.
    pub async fn replica(self: Arc<Self>, slot: usize) {
        for number in 0.. {
            let lead = Arc::new(Mutex::new(Instant::now()));
            let (fenced, until) = (self.flaw != Some(Flaw::NoFence), lead.clone());
            let fence = move || !fenced || *until.lock().expect("no panic") > Instant::now() + TIMEOUT;
            let me = Arc::new(Process::new(format!("{}{number}", ["a", "b"][slot]), fence));
            self.cluster().replicas[slot] = me.clone();
            tokio::select! {
                biased;
                () = me.killed() => {}
                () = me.run(self.serve(&me, &lead)) => {}
            }
            self.cloud.with(|state| state.note(format!("{} ends", me.name)));
            sleep(Duration::from_secs(1)).await;
        }
    }

    async fn serve(&self, me: &Arc<Process>, lead: &Mutex<Instant>) {
        while !self.renew(me, lead).await {
            if me.is(&me.ending) {
                return;
            }
            sleep(RETRY).await;
        }
        self.cloud.with(|state| state.note(format!("{} leads", me.name)));
        let keep = async {
            loop {
                sleep(RENEW).await;
                if !self.renew(me, lead).await && *lead.lock().expect("no panic") <= Instant::now() {
                    return;
                }
            }
        };
        // A process that wakes goes on with its work before it notices that it lost the lease.
        tokio::select! {
            biased;
            () = self.work(me) => {}
            () = keep => {}
        }
    }

    async fn renew(&self, me: &Process, lead: &Mutex<Instant>) -> bool {
        let asked = Instant::now();
        if !self.reach(me).await {
            return false;
        }
        let mut cluster = self.cluster();
        let mine = cluster.holder.as_ref().is_none_or(|(name, until)| *name == me.name || *until <= Instant::now());
        if mine {
            cluster.holder = Some((me.name.clone(), Instant::now() + LEASE));
            *lead.lock().expect("no panic") = asked + LEASE;
        }
        mine
    }

    /// One question to the API server.
    async fn reach(&self, me: &Process) -> bool {
        sleep(Duration::from_millis(5)).await;
        !me.is(&me.cut_off)
    }

    /// Passes whenever the object asks for one, or one is due.
    async fn work(&self, me: &Arc<Process>) {
        let client = Arc::new(Client { cloud: self.cloud.clone(), process: me.clone() });
        let mut memory = match self.flaw {
            Some(Flaw::NoInheritance) => Memory::fresh(),
            _ => Memory::inherited(),
        };
        let mut last: Option<(Trigger, Instant)> = None;
        let mut seen = None;
        loop {
            if me.is(&me.ending) {
                // A write whose answer was lost is under way until its time is over.
                if let Some(began) = me.unclear().filter(|_| self.flaw != Some(Flaw::HastyRelease)) {
                    sleep_until(began + TIMEOUT).await;
                }
                self.cluster().holder.take_if(|(name, _)| *name == me.name);
                return;
            }
            let mut woken = pin!(me.woken.notified());
            woken.as_mut().enable();
            if !me.is(&me.cut_off) {
                seen = self.object();
            }
            let trigger = seen.as_ref().map(Object::trigger);
            let rests = last.as_ref().filter(|(of, due)| Some(of) == trigger.as_ref() && *due > Instant::now());
            let wait = match (&seen, rests) {
                _ if !me.may_write() => RETRY,
                (None, _) => HOUR,
                (Some(_), Some((_, due))) => due.duration_since(Instant::now()),
                (Some(object), None) => match self.pass(me, &client, object, &mut memory).await {
                    Ok(wait) => {
                        last = Some((object.trigger(), Instant::now() + wait));
                        continue;
                    }
                    Err(wait) => wait,
                },
            };
            tokio::select! {
                biased;
                () = woken => {}
                () = sleep(wait) => {}
            }
        }
    }

    /// One pass, and when to make the next; or when to try again because the API server did not take a write.
    async fn pass(
        &self,
        me: &Arc<Process>,
        client: &Arc<Client>,
        object: &Object,
        memory: &mut Memory,
    ) -> Result<Duration, Duration> {
        self.count().await;
        if object.paused {
            return Ok(PACE.slow);
        }
        if !object.enrolled && self.flaw != Some(Flaw::NoFinalizer) {
            self.write(me, object, |object| object.as_mut().expect("it is there").enrolled = true).await?;
            return Ok(TIMEOUT);
        }
        let graph = if object.deleting { Graph::new() } else { object.spec.graph(client) };
        let options = Options {
            removal: if self.flaw == Some(Flaw::DeletesData) { Removal::Delete } else { object.removal() },
            settle: if self.flaw == Some(Flaw::NoSettle) { Duration::ZERO } else { PACE.settle },
            halted: &|| me.is(&me.ending) || !me.may_write(),
            ..Options::apply()
        };
        let (calls, things) = (me.calls.load(Ordering::Relaxed), self.cloud.with(|state| state.present().count()));
        let report = run(&graph, &client.kinds(), memory, &options).await;
        let calls = me.calls.load(Ordering::Relaxed) - calls;
        if calls > Of::ALL.len() + 12 * (things + graph.len() + 1) {
            self.wrong(format!("a pass over {things} things makes {calls} calls"));
        }
        if object.deleting && report.removed() {
            self.write(me, object, |object| *object = None).await?;
            return Ok(HOUR);
        }
        if !report.halted && self.reach(me).await {
            self.cluster().status = Some((object.trigger(), report.settled()));
        }
        Ok(match self.flaw {
            Some(Flaw::NeverRests) => Duration::from_millis(1),
            _ => requeue(&report, memory, PACE),
        })
    }

    /// Changes the object, unless somebody else has changed it since it was seen.
    async fn write(
        &self,
        me: &Process,
        seen: &Object,
        change: impl FnOnce(&mut Option<Object>),
    ) -> Result<(), Duration> {
        if !self.reach(me).await {
            return Err(Duration::from_secs(5));
        }
        let mut cluster = self.cluster();
        if cluster.object.as_ref().map(|object| object.version) != Some(seen.version) {
            return Err(Duration::from_millis(200));
        }
        change(&mut cluster.object);
        if let Some(object) = &mut cluster.object {
            object.version += 1;
        }
        cluster.replicas.iter().for_each(|process| process.woken.notify_one());
        Ok(())
    }

    /// Notes a pass. Too many are the end of it: no time would pass any more.
    async fn count(&self) {
        let hot = {
            let mut cluster = self.cluster();
            let now = Instant::now();
            cluster.passes.push_back(now);
            cluster.passes.len() - cluster.passes.partition_point(|at| *at + Duration::from_secs(10) < now)
        };
        if hot > PASSES_IN_TEN_SECONDS {
            self.wrong(format!("{hot} passes in ten seconds"));
            std::future::pending().await
        }
    }

    /// How many passes were made so far.
    pub fn passes(&self) -> usize {
        self.cluster().passes.len()
    }

    /// Nobody is stopped, cut off or paused any more.
    pub fn calm(&self) {
        self.cloud.calm();
        for slot in 0..2 {
            let process = self.process(slot);
            process.cut_off.store(false, Ordering::Relaxed);
            process.stop(false);
        }
        self.edit(|object| object.paused = false);
    }
}
