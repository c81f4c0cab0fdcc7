//! One stack in one cloud: what is wanted, the passes over it, and what must be true of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use wpc_engine::{AnyKind, Graph, Handle, Id, Memory, Options, Outcome, Pace, Removal, Report, requeue, run};

use crate::cloud::{Call, Cloud, Weather};
use crate::kinds::{Client, Desired, Of};
use crate::process::Process;

/// One wanted thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub name: String,
    pub of: Of,
    pub fixed: String,
    pub size: u32,
    pub needs: Vec<String>,
}

/// What is wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spec(pub Vec<Node>);

impl Spec {
    pub fn with(mut self, name: &str, of: Of, needs: &[&str]) -> Self {
        let needs = needs.iter().map(|need| (*need).to_owned()).collect();
        self.0.push(Node { name: name.to_owned(), of, fixed: "a".into(), size: 1, needs });
        self
    }

    pub fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|node| !names.contains(&node.name.as_str()));
        self
    }

    pub fn edit(mut self, name: &str, edit: impl FnOnce(&mut Node)) -> Self {
        edit(self.0.iter_mut().find(|node| node.name == name).unwrap_or_else(|| panic!("{name} is not wanted")));
        self
    }

    pub fn fixed(self, name: &str, fixed: &str) -> Self {
        self.edit(name, |node| node.fixed = fixed.into())
    }

    pub fn size(self, name: &str, size: u32) -> Self {
        self.edit(name, |node| node.size = size)
    }

    pub fn graph(&self, client: &Arc<Client>) -> Graph {
        let mut graph = Graph::new();
        let mut handles: Vec<(&str, Handle<Id>)> = vec![];
        for Node { name, of, fixed, size, needs } in &self.0 {
            let handle = |need: &String| handles.iter().find(|(name, _)| name == need).map(|(_, handle)| *handle);
            let inputs =
                needs.iter().map(|need| handle(need).unwrap_or_else(|| panic!("{name} needs {need}"))).collect();
            let (fixed, size) = (fixed.clone(), *size);
            let want = move |refs| Desired { fixed: fixed.clone(), size, refs };
            handles.push((name, of.add(&mut graph, client, name, inputs, want)));
        }
        graph
    }
}

/// One of every kind, some twice, with data that hangs on much of it.
pub fn full() -> Spec {
    Spec::default()
        .with("net", Of::Net, &[])
        .with("part-a", Of::Part, &["net"])
        .with("part-b", Of::Part, &["net"])
        .with("group", Of::Group, &["net"])
        .with("door", Of::Door, &["part-a"])
        .with("table", Of::Table, &["net", "door"])
        .with("range", Of::Range, &["net"])
        .with("template", Of::Template, &["group"])
        .with("vault", Of::Vault, &[])
        .with("base", Of::Base, &["part-a", "part-b", "vault"])
        .with("replica", Of::Base, &["base"])
        .with("files", Of::Files, &["vault"])
        .with("mount", Of::Mount, &["files", "part-b"])
}

pub struct Stack {
    pub cloud: Arc<Cloud>,
    pub client: Arc<Client>,
    pub spec: Spec,
    pub memory: Memory,
    pub removal: Removal,
    pub settle: Duration,
    /// How often the process died.
    pub deaths: usize,
}

impl Stack {
    pub fn new(weather: Weather, spec: Spec) -> Self {
        Self::seeded(weather, spec, 0)
    }

    pub fn seeded(weather: Weather, spec: Spec, seed: u64) -> Self {
        let cloud = Cloud::new(weather, seed);
        let client = Arc::new(Client { cloud: cloud.clone(), process: Arc::new(Process::alone()) });
        let settle = Duration::from_secs(5);
        Self { cloud, client, spec, memory: Memory::fresh(), removal: Removal::Live, settle, deaths: 0 }
    }

    pub fn graph(&self) -> Graph {
        self.spec.graph(&self.client)
    }

    pub fn kinds(&self) -> Vec<Arc<dyn AnyKind>> {
        self.client.kinds()
    }

    pub fn options(&self) -> Options<'static> {
        Options { removal: self.removal, settle: self.settle, ..Options::apply() }
    }

    /// One pass; `None` when the process died in it, and another one has taken over.
    pub async fn pass(&mut self) -> Option<Report> {
        self.pass_with(self.options()).await
    }

    pub async fn pass_with(&mut self, options: Options<'_>) -> Option<Report> {
        let (graph, kinds, process) = (self.graph(), self.kinds(), self.client.process.clone());
        let report = tokio::select! {
            biased;
            () = process.killed() => None,
            report = run(&graph, &kinds, &mut self.memory, &options) => Some(report),
        };
        if report.is_none() {
            self.restart();
        }
        report
    }

    pub fn restart(&mut self) {
        self.deaths += 1;
        self.memory = Memory::inherited();
    }

    /// What a plan by somebody who remembers nothing says.
    pub async fn plan(&self) -> Report {
        let options = Options { removal: self.removal, ..Options::plan() };
        run(&self.graph(), &self.kinds(), &mut Memory::fresh(), &options).await
    }

    fn done(&self, report: &Report) -> bool {
        report.settled() && (!self.spec.0.is_empty() || report.removed())
    }

    /// Passes until all is as wanted, as a controller would make them.
    pub async fn converge(&mut self) -> Report {
        self.converge_with(|stack| stack.options()).await
    }

    pub async fn converge_with<'o>(&mut self, options: impl Fn(&Self) -> Options<'o>) -> Report {
        let start = Instant::now();
        let mut last = String::new();
        for _ in 0..1000 {
            let Some(report) = self.pass_with(options(self)).await else { continue };
            if self.done(&report) {
                return report;
            }
            last = describe(&report);
            sleep(requeue(&report, &mut self.memory, Pace::default())).await;
        }
        panic!("not settled after {:?}: {last}\n{}", start.elapsed(), self.truth());
    }

    /// Asserts that a pass over the settled stack writes nothing.
    pub async fn assert_at_rest(&mut self) {
        sleep(Duration::from_secs(60)).await;
        let before = self.writes().len();
        let report = self.pass().await.expect("nobody dies at rest");
        assert!(self.done(&report), "not at rest: {}\n{}", describe(&report), self.truth());
        assert_eq!(self.writes().split_off(before), [], "writes at rest");
    }

    /// Asserts that every wanted thing is there exactly once and as wanted, and beside them only `kept`.
    pub fn assert_as_wanted(&self, kept: &[&str]) {
        let unwanted = self.cloud.unwanted(&self.spec).unwrap_or_else(|wrong| panic!("{wrong}\n{}", self.truth()));
        let mut names: Vec<String> = unwanted.into_iter().map(|(_, name)| name).collect();
        names.sort_unstable();
        assert_eq!(names, kept, "what is there and not wanted, and what is to be kept\n{}", self.truth());
    }

    pub fn writes(&self) -> Vec<Call> {
        self.cloud.writes()
    }

    /// The writes since a number of writes, as `Create net`.
    pub fn wrote(&self, since: usize) -> Vec<String> {
        let name = |call: Call| format!("{:?} {}", call.op, call.key.map(|key| key.name).unwrap_or_default());
        self.writes().into_iter().skip(since).map(name).collect()
    }

    pub fn id(&self, name: &str) -> Id {
        self.cloud.with(|state| state.named(name).id.clone())
    }

    /// How many things of data were ever made under one name.
    pub fn data_made(&self) -> Vec<(String, usize)> {
        self.cloud.data_made(&self.spec)
    }

    pub fn truth(&self) -> String {
        self.cloud.truth()
    }
}

pub fn describe(report: &Report) -> String {
    let lines = report.components.iter().filter(|c| !matches!(c.outcome, Outcome::Ready));
    let lines = lines.map(|c| format!("\n  {} {:?} {} {}", c.key, c.id, c.outcome.word(), c.outcome.detail()));
    lines.chain(report.unlisted.iter().map(|(kind, fault)| format!("\n  {kind}: {fault}"))).collect()
}

/// What came of one component.
pub fn outcome<'r>(report: &'r Report, name: &str) -> &'r Outcome {
    let wanted = report.components.iter().find(|c| c.key.name == name);
    &wanted.unwrap_or_else(|| panic!("{name} is not reported")).outcome
}
