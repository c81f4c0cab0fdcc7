use wpc_engine::Step;

use super::*;

fn vpc(steps: Vec<Step>, held: Vec<(Change, Hold)>) -> Report {
    report(vec![Component { steps, held, ..component("network/vpc", Outcome::Ready) }])
}

fn update() -> Step {
    Step { verb: Verb::Update, changes: vec![change("dnsHostnames", "false", "true")] }
}

/// An object whose spec has been brought about.
fn settled() -> WordPressCluster {
    let mut object = WordPressCluster::fixture();
    let status = of(&object, &vpc(vec![], vec![]), early());
    assert_eq!(word(&status, DRIFT), "False/NoDrift");
    object.status = Some(status);
    assert!(converged(&object));
    object
}

#[test]
fn building_is_no_drift() {
    let new = WordPressCluster::fixture();
    assert!(!converged(&new));
    let building = report(vec![Component { steps: vec![Step::of(Verb::Create)], ..component("a/b", settling("New")) }]);
    assert_eq!(word(&of(&new, &building, early()), DRIFT), "none");
    let mut edited = settled();
    edited.metadata.generation = Some(5);
    assert!(!converged(&edited));
    // The edit's own change, in its first pass.
    let (assembly, _) = planned(&edited);
    let status = live(&edited, &assembly, &vpc(vec![update()], vec![]), late());
    assert_eq!(word(&status, DRIFT), "False/NoDrift");
}

#[test]
fn corrected_drift_is_named_until_all_is_well_again() {
    let mut object = settled();
    let status = of(&object, &vpc(vec![update()], vec![]), early());
    assert_eq!(word(&status, DRIFT), "True/Corrected");
    assert_eq!(get(&status, DRIFT).message, "network/vpc: dnsHostnames found false, wanted true");
    object.status = Some(status);
    let settling = report(vec![component("network/vpc", settling("Modifying"))]);
    let status = of(&object, &settling, early());
    assert_eq!(word(&status, DRIFT), "True/Corrected", "until it is settled");
    object.status = Some(status);
    assert_eq!(word(&of(&object, &vpc(vec![], vec![]), late()), DRIFT), "False/NoDrift");
}

#[test]
fn what_is_missing_is_drift() {
    let status = of(&settled(), &vpc(vec![Step::of(Verb::Create)], vec![]), early());
    assert_eq!(get(&status, DRIFT).message, "network/vpc: was missing");
}

#[test]
fn drift_is_reported_where_it_is_not_corrected() {
    let held = |hold| vpc(vec![], vec![(change("dnsHostnames", "false", "true"), hold)]);
    let status = of(&settled(), &held(Hold::Reported), early());
    assert_eq!(word(&status, DRIFT), "True/Reported");
    assert_eq!(word(&status, "Ready"), "True/Ready");
    let status = of(&settled(), &held(Hold::Ignored), early());
    assert_eq!(word(&status, DRIFT), "False/NoDrift", "who owns the field has the last word");
}
