//! How far the replacement of the instances is.

use wpc_api::WordPressClusterSpec;
use wpc_api::v1alpha1::{RolloutPolicy, RolloutStatus};
use wpc_blueprint::Assembly;
use wpc_blueprint::compute::code::Upgrade;
use wpc_blueprint::compute::instance_refresh::Rollout;
use wpc_blueprint::compute::{REFRESH, group::Fleet, launch_template::Template};
use wpc_engine::{Outcome, Report};

/// What is known of it.
#[derive(Debug, Clone, Copy)]
struct Seen<'a> {
    template: &'a Template,
    fleet: &'a Fleet,
    rollout: Option<&'a Rollout>,
    failed: bool,
    manual: bool,
}

/// What waits for a person, and how it is let go; where a person replaces the instances.
pub(super) fn waits(spec: &WordPressClusterSpec, assembly: &Assembly, report: &Report) -> Option<String> {
    seen(spec, assembly, report)?.waits()
}

/// The step that the replacement is at; none while there is none.
pub(super) fn step(spec: &WordPressClusterSpec, assembly: &Assembly, report: &Report) -> Option<RolloutStatus> {
    seen(spec, assembly, report)?.step()
}

fn seen<'a>(spec: &WordPressClusterSpec, assembly: &Assembly, report: &'a Report) -> Option<Seen<'a>> {
    let refresh = report.components.iter().find(|component| component.key.name == REFRESH);
    Some(Seen {
        template: report.outputs.get(assembly.compute.launch_template)?,
        fleet: report.outputs.get(assembly.compute.group)?,
        rollout: report.outputs.get(assembly.rollout.refresh),
        failed: refresh.is_some_and(|refresh| matches!(refresh.outcome, Outcome::Refused(_))),
        manual: spec.compute.rollout.policy == RolloutPolicy::Manual,
    })
}

impl Seen<'_> {
    fn running(&self) -> Option<&'static str> {
        self.rollout.and_then(|rollout| rollout.running)
    }

    fn waits(&self) -> Option<String> {
        if !self.manual || self.running().is_some() {
            return None;
        }
        let version = self.template.version;
        let outdated = self.rollout.map_or(0, |rollout| rollout.outdated);
        let how =
            format!("set compute.rollout.policy to Automatic, or start an instance refresh of {}", self.fleet.name);
        match &self.template.upgrade {
            Some(upgrade) => Some(format!(
                "{upgrade} waits, as version {version} of the launch template: {how} to that version, after a snapshot of \
                 the database"
            )),
            None if outdated > 0 => Some(format!(
                "{outdated} instances are older than version {version} of the launch template and wait to be replaced: \
                 {how}, or end them"
            )),
            None => None,
        }
    }

    fn step(&self) -> Option<RolloutStatus> {
        let waits = self.waits();
        let upgrade = self.template.upgrade.as_ref();
        let step = match (self.running(), upgrade) {
            // One instance first, and only where it brings another WordPress.
            (Some("RollingOut"), Some(_)) if self.rollout.is_some_and(|it| it.replaced <= 1) => "Canary",
            (Some(at), _) => at,
            (None, Some(_)) if self.rollout.is_some_and(|it| it.done == Some(self.template.version)) => return None,
            (None, _) if self.failed => "Failed",
            (None, _) if waits.is_some() => "Waiting",
            (None, Some(_)) => "RecoveryPoint",
            (None, None) => return None,
        };
        let message = match step {
            "Failed" => "the condition Stalled says why and what to do".into(),
            _ => waits.unwrap_or_default(),
        };
        let named = |code: fn(&Upgrade) -> String| upgrade.map(code);
        Some(RolloutStatus {
            step: step.into(),
            from: named(|upgrade| upgrade.from.to_string()),
            to: named(|upgrade| upgrade.to.to_string()),
            message,
        })
    }
}

#[cfg(test)]
mod tests {
    use wpc_blueprint::compute::code::Code;

    use super::*;

    #[test]
    fn it_is_at_one_step_at_a_time() {
        let upgrade = Upgrade { from: Code::read("6.8.8").unwrap(), to: Code::read("6.9.9").unwrap() };
        let told = |upgrade: Option<&Upgrade>, running, replaced, (failed, manual, outdated)| {
            let template = Template { id: "lt-1".into(), version: 2, image: None, upgrade: upgrade.cloned() };
            let fleet = Fleet { name: "gazette".into(), desired: 3, in_service: 3, healthy: 3, version: Some(1) };
            let rollout = Rollout { running, replaced, outdated, ..Rollout::default() };
            let seen = Seen { template: &template, fleet: &fleet, rollout: Some(&rollout), failed, manual };
            seen.step().map(|status| (status.step, status.message))
        };
        let step = |of: Option<(String, String)>| of.map(|(step, _)| step);
        let rests = (false, false, 0);
        let table = [
            (None, None, 0, rests, None),
            (Some(&upgrade), None, 0, rests, Some("RecoveryPoint")),
            (Some(&upgrade), Some("RollingOut"), 1, rests, Some("Canary")),
            (Some(&upgrade), Some("RollingOut"), 2, rests, Some("RollingOut")),
            (None, Some("RollingOut"), 1, rests, Some("RollingOut")),
            (Some(&upgrade), Some("Baking"), 3, rests, Some("Baking")),
            (Some(&upgrade), Some("RollingBack"), 1, rests, Some("RollingBack")),
            (Some(&upgrade), None, 0, (true, false, 3), Some("Failed")),
            (Some(&upgrade), None, 0, (false, true, 0), Some("Waiting")),
            (None, None, 0, (false, true, 2), Some("Waiting")),
            (None, None, 0, (false, true, 0), None),
            (None, None, 0, (false, false, 2), None),
        ];
        for (upgrade, running, replaced, rest, expected) in table {
            let found = step(told(upgrade, running, replaced, rest));
            assert_eq!(found.as_deref(), expected, "{upgrade:?} {running:?} {replaced} {rest:?}");
        }
        let (_, message) = told(Some(&upgrade), None, 0, (false, true, 0)).unwrap();
        for part in ["WordPress 6.8.8 to 6.9.9", "version 2", "compute.rollout.policy to Automatic", "gazette"] {
            assert!(message.contains(part), "{part}: {message}");
        }
    }
}
