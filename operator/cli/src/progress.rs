//! Shows a long piece of work: a line for each step, and what AWS is at work on.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use wpc_engine::{Event, Outcome, Report, Verb};

/// A terminal gets a moving line below the steps; anything else gets the steps alone.
pub struct Progress {
    bar: Option<ProgressBar>,
    busy: Mutex<BTreeMap<String, String>>,
}

impl Progress {
    pub fn new(what: &str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {prefix} {pos}/{len} [{elapsed}] {wide_msg}");
            let bar = ProgressBar::new(0).with_style(style.expect("the template is constant"));
            bar.set_prefix(what.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, busy: Mutex::default() }
    }

    /// Hears of what happens in a pass.
    pub fn event(&self, event: Event) {
        match event {
            Event::Done { component, id, step } => {
                let changes: Vec<_> = step
                    .changes
                    .iter()
                    .map(|change| format!("{} {} -> {}", change.path, change.from, change.to))
                    .collect();
                let verb = match step.verb {
                    Verb::Create => "created",
                    Verb::Update => "changed",
                    Verb::Relabel => "tagged",
                    Verb::Delete => "deleting",
                };
                self.line(format!("{component}: {verb} {id} {}", changes.join("; ")).trim_end());
            }
            Event::Failed { component, fault } => self.line(&format!("{component}: {fault}")),
            Event::Observed { component, outcome } => self.observed(component, &outcome),
        }
    }

    fn observed(&self, component: String, outcome: &Outcome) {
        let mut busy = self.busy.lock().expect("no panic while held");
        match outcome {
            Outcome::Settling { reason, .. } => {
                busy.insert(component, (*reason).to_owned());
            }
            _ => {
                busy.remove(&component);
            }
        }
        if let Some(bar) = &self.bar {
            let busy: Vec<_> = busy.iter().map(|(name, reason)| format!("{name} ({reason})")).collect();
            bar.set_message(busy.join(", "));
        }
    }

    /// A pass is through.
    pub fn pass(&self, report: &Report) {
        if let Some(bar) = &self.bar {
            let done = |outcome: &Outcome| matches!(outcome, Outcome::Ready | Outcome::Gone | Outcome::Kept);
            bar.set_length(report.components.len() as u64);
            bar.set_position(report.components.iter().filter(|c| done(&c.outcome)).count() as u64);
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => eprintln!("{text}"),
        }
    }

    pub fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
