use wpc_api::v1alpha1::Tls;
use wpc_api::{Area, WordPressClusterSpec};
use wpc_blueprint::Assembly;
use wpc_blueprint::refusal::{Refusal, refusal};
use wpc_engine::{Component, Outcome, Report};

use super::conditions::{Conditions, Truth};
use super::drift::{contested, missing};
use super::{detail, hides_the_truth, rollout};

/// One `<Area>Ready` for each area that the site has.
pub(super) fn set(conditions: &mut Conditions<'_>, spec: &WordPressClusterSpec, assembly: &Assembly, report: &Report) {
    let waits = rollout::waits(spec, assembly, report);
    for area in Area::ALL {
        let mine = |component: &&Component| component.claimed && Area::of_component(&component.key.name) == Some(area);
        let components: Vec<_> = report.components.iter().filter(mine).collect();
        let judged = match (judge(&components), area) {
            (None, Area::Certificate) if spec.tls == Tls::Disabled => {
                Some((Truth::False, "Disabled", "the site speaks plain HTTP, since spec.tls is Disabled".to_owned()))
            }
            (Some((Truth::True, _, message)), Area::Compute) if waits.is_some() => {
                Some((Truth::True, "RolloutWaits", message))
            }
            (Some((Truth::True, reason, message)), Area::Certificate) => Some(match runs_out(assembly, report) {
                Some(warning) => (Truth::False, "RunsOut", warning),
                None => (Truth::True, reason, message),
            }),
            (judged, _) => judged,
        };
        if let Some((truth, reason, mut message)) = judged {
            if let Some(note) = unconfirmed(assembly, report).filter(|_| area == Area::Monitoring) {
                message = format!("{message}; {note}");
            }
            if let Some(waits) = waits.as_ref().filter(|_| area == Area::Compute) {
                message = format!("{message}; {waits}");
            }
            conditions.set(&area.condition(), truth, reason, message);
        }
    }
}

/// Who must still say that mail is welcome: no trouble of the site's, and nothing that the operator can do.
fn unconfirmed(assembly: &Assembly, report: &Report) -> Option<String> {
    let pending = &report.outputs.get(assembly.monitoring.topic?)?.pending;
    let names = pending.join(", ");
    (!pending.is_empty()).then(|| format!("{names} must still confirm the subscription, by the mail from Amazon SNS"))
}

/// What a person should know of a certificate in use before its visitors do.
fn runs_out(assembly: &Assembly, report: &Report) -> Option<String> {
    let certificates = assembly.certificates.requested().filter_map(|handle| report.outputs.get(handle));
    certificates.filter_map(|certificate| certificate.warning.clone()).next()
}

/// The worst component speaks for its area; none for an area without components.
fn judge(components: &[&Component]) -> Option<(Truth, &'static str, String)> {
    let worst = components.iter().max_by_key(|component| rank(&component.outcome))?;
    let text = || format!("{}: {}", worst.key.name, detail(&worst.outcome));
    Some(match &worst.outcome {
        Outcome::Ready => (Truth::True, "Ready", format!("{} components are ready", components.len())),
        Outcome::Failed(fault) if hides_the_truth(fault) => (Truth::Unknown, fault.reason, text()),
        Outcome::Failed(fault) => (Truth::False, fault.reason, text()),
        Outcome::Refused(changes) => {
            let Refusal { reason, message } = refusal(changes);
            (Truth::False, reason, format!("{}: {message}", worst.key.name))
        }
        Outcome::Contested(fields) => (Truth::False, contested(fields), text()),
        Outcome::Absent if missing(worst) => (Truth::False, "Missing", format!("{} is missing", worst.key.name)),
        Outcome::Broken(_) => (Truth::False, "Broken", text()),
        Outcome::Blocked { .. } => (Truth::False, "Blocked", text()),
        _ => (Truth::False, "Progressing", text()),
    })
}

fn rank(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Ready | Outcome::Kept | Outcome::Gone => 0,
        Outcome::Waiting { .. } => 1,
        Outcome::Settling { .. } | Outcome::Doubted { .. } | Outcome::Absent => 2,
        Outcome::Deleting | Outcome::Held { .. } | Outcome::Unclaimed => 2,
        Outcome::Blocked { .. } => 3,
        Outcome::Contested(_) => 4,
        Outcome::Broken(_) => 5,
        Outcome::Failed(_) => 6,
        Outcome::Refused(_) => 7,
    }
}
