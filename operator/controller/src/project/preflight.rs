use jiff::Timestamp;
use wpc_api::{WordPressCluster, WordPressClusterStatus};
use wpc_blueprint::preflight::{Check, Verdict};

use super::conditions::{Conditions, Truth};

/// The condition.
pub(super) const PREFLIGHT: &str = "Preflight";

/// Whether nothing of the object's is known to exist, so that it should be looked before anything is made.
pub fn untouched(object: &WordPressCluster) -> bool {
    let components = object.status.iter().flat_map(|status| &status.components);
    !components.into_iter().any(|component| component.id.is_some())
}

/// What keeps the site from being begun: its reason and what to do.
pub fn obstacle(checks: &[Check]) -> Option<(&'static str, String)> {
    let failed: Vec<_> = of(checks, Verdict::Failed).collect();
    Some((failed.first()?.reason, text(&failed)))
}

/// Says in a status what the checks found.
pub fn preflight(object: &WordPressCluster, status: &mut WordPressClusterStatus, checks: &[Check], now: Timestamp) {
    let before = object.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
    let mut conditions = Conditions::new(before, object.metadata.generation, now);
    let (failed, unknown): (Vec<_>, Vec<_>) =
        (of(checks, Verdict::Failed).collect(), of(checks, Verdict::Unknown).collect());
    match (failed.as_slice(), unknown.as_slice()) {
        ([], []) => conditions.set(PREFLIGHT, Truth::True, "Passed", format!("{} checks passed", checks.len())),
        ([], unknown) => conditions.set(PREFLIGHT, Truth::Unknown, "NotChecked", text(unknown)),
        (failed, _) => conditions.set(PREFLIGHT, Truth::False, failed[0].reason, text(failed)),
    }
    status.conditions.retain(|condition| condition.type_ != PREFLIGHT);
    status.conditions.extend(conditions.done());
}

fn of(checks: &[Check], verdict: Verdict) -> impl Iterator<Item = &Check> {
    checks.iter().filter(move |check| check.verdict == verdict)
}

fn text(checks: &[&Check]) -> String {
    checks.iter().map(|check| format!("{}: {}", check.name, check.message)).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use wpc_api::v1alpha1::Component;

    use super::*;

    fn said(checks: &[Check]) -> String {
        let object = WordPressCluster::fixture();
        let mut status = WordPressClusterStatus::default();
        preflight(&object, &mut status, checks, Timestamp::UNIX_EPOCH);
        let condition = status.conditions.iter().find(|condition| condition.type_ == PREFLIGHT).unwrap();
        format!("{} {}: {}", condition.status, condition.reason, condition.message)
    }

    #[test]
    fn a_failed_check_is_in_the_way_and_one_that_cannot_be_made_is_not() {
        let passed = Check::passed("VpcQuota", "1 of 5");
        let unknown = Check::unclear("InstanceTypes", "nobody knows");
        let failed = Check::failed("Names", "taken").because("NotOurs");
        assert_eq!(said(std::slice::from_ref(&passed)), "True Passed: 1 checks passed");
        assert_eq!(said(&[passed.clone(), unknown.clone()]), "Unknown NotChecked: InstanceTypes: nobody knows");
        assert_eq!(obstacle(&[passed.clone(), unknown.clone()]), None);
        assert_eq!(said(&[passed.clone(), unknown.clone(), failed.clone()]), "False NotOurs: Names: taken");
        assert_eq!(obstacle(&[passed, unknown, failed]), Some(("NotOurs", "Names: taken".to_owned())));
    }

    #[test]
    fn what_has_an_id_is_not_looked_at_again() {
        let mut object = WordPressCluster::fixture();
        object.status = None;
        assert!(untouched(&object));
        let component = |id: Option<&str>| Component { id: id.map(Into::into), ..Component::default() };
        let status = |components| Some(WordPressClusterStatus { components, ..WordPressClusterStatus::default() });
        object.status = status(vec![component(None)]);
        assert!(untouched(&object));
        object.status = status(vec![component(None), component(Some("vpc-1"))]);
        assert!(!untouched(&object));
    }
}
