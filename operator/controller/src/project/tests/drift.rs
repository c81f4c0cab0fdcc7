use wpc_engine::Step;

use super::conditions::LONGEST_MESSAGE;
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

fn contest(path: &str, took: bool) -> Contest {
    Contest { change: change(path, "false", "true"), writes: 3, took }
}

#[test]
fn a_field_that_is_not_written_any_more_is_named_everywhere_with_a_way_out() {
    let fight = |took| report(vec![component("network/vpc", Outcome::Contested(vec![contest("dnsHostnames", took)]))]);
    let table = [
        (true, "ChangedBack", "changed back each time. Stop what changes it back"),
        (false, "NotTaken", "accepted and not shown. Ask for what was found"),
    ];
    for (took, reason, why) in table {
        let status = of(&settled(), &fight(took), early());
        assert_eq!(told_as(&status), format!("False/{reason} False/Stalled True/{reason} Failed"));
        assert_eq!(word(&status, DRIFT), format!("True/{reason}"));
        assert_eq!(get(&status, DRIFT).message, "network/vpc: dnsHostnames found false, wanted true");
        assert_eq!(word(&status, "NetworkReady"), format!("False/{reason}"));
        let found = "network/vpc: dnsHostnames found false, wanted true: written 3 times";
        let text = format!("{found}, {why}, or list network/vpc.dnsHostnames in spec.ignoreDrift");
        assert_eq!(get(&status, "Stalled").message, text);
        assert_eq!(status.components[0].state, "Contested");
        assert!(text.contains(&status.components[0].reason), "{}", status.components[0].reason);
        // It is no drift before the spec was ever brought about; it is told all the same.
        let status = of(&WordPressCluster::fixture(), &fight(took), early());
        assert_eq!((word(&status, DRIFT), word(&status, "Stalled")), ("none".into(), format!("True/{reason}")));
    }
}

#[test]
fn what_a_person_must_mend_first_is_told_before_a_contest() {
    let fight = || component("a/a", Outcome::Contested(vec![contest("x", true)]));
    let denied = component("b/b", Outcome::Failed(Fault::new(Class::Denied, "no")));
    assert_eq!(get(&seen(vec![fight(), denied]), "Ready").reason, "AccessDenied");
    assert_eq!(get(&seen(vec![fight(), component("b/b", Outcome::Broken("x".into()))]), "Ready").reason, "ChangedBack");
}

#[test]
fn what_was_added_by_hand_is_drift_too() {
    let rule = |steps, held| Component { steps, held, ..unclaimed("network/rule-x", Outcome::Unclaimed) };
    let ready = || component("network/vpc", Outcome::Ready);
    let removed = Component { outcome: Outcome::Gone, ..rule(vec![Step::of(Verb::Delete)], vec![]) };
    let status = of(&settled(), &report(vec![ready(), removed]), early());
    assert_eq!(word(&status, DRIFT), "True/Corrected");
    assert_eq!(get(&status, DRIFT).message, "network/rule-x: found and not wanted");
    let held = (change("network/rule-x", "present", "absent"), Hold::Reported);
    let status = of(&settled(), &report(vec![ready(), rule(vec![], vec![held])]), early());
    assert_eq!(word(&status, DRIFT), "True/Reported");
    assert_eq!(told_as(&status), "True/Ready False/Settled False/NotStalled Current", "nothing is left to do");
}

#[test]
fn more_drift_than_a_message_holds_is_counted_and_each_component_names_its_own() {
    let one = |n: usize| Component {
        held: vec![(change("tags", &"a".repeat(n * 10), "b"), Hold::Reported)],
        ..component(&format!("network/subnet-{n}"), Outcome::Ready)
    };
    let status = of(&settled(), &report((0..40).map(one).collect()), early());
    let message = &get(&status, DRIFT).message;
    assert!(message.starts_with("40 differences: network/subnet-0: tags found nothing, wanted b; network/subnet-1: "));
    assert!(message.ends_with(" more") && message.len() <= LONGEST_MESSAGE, "{message}");
    let named = |component: &wpc_api::v1alpha1::Component| component.reason.starts_with("tags found ");
    assert!(status.components.iter().all(named), "{:?}", status.components);
}

#[test]
fn what_is_missing_and_only_reported_needs_a_person() {
    let held = vec![(change("network/vpc", "absent", "present"), Hold::Reported)];
    let status =
        of(&settled(), &report(vec![Component { held, ..component("network/vpc", Outcome::Absent) }]), early());
    assert_eq!(told_as(&status), "False/Missing False/Stalled True/Missing Failed");
    assert_eq!(word(&status, DRIFT), "True/Reported");
    assert_eq!(get(&status, DRIFT).message, "network/vpc: was missing");
    assert_eq!(word(&status, "NetworkReady"), "False/Missing");
    assert_eq!(status.components[0].reason, "missing, and driftPolicy is Report");
}
