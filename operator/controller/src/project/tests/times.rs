use super::*;

#[test]
fn a_condition_keeps_its_time_while_its_status_stays() {
    let mut object = WordPressCluster::fixture();
    object.status = Some(seen(vec![component("network/vpc", settling("Pending"))]));
    object.metadata.generation = Some(5);
    let broken = report(vec![component("network/vpc", Outcome::Broken("no".into()))]);
    let status = of(&object, &broken, late());
    let ready = get(&status, "Ready");
    assert_eq!((ready.status.as_str(), ready.reason.as_str()), ("False", "Broken"));
    assert_eq!(ready.last_transition_time.0, early(), "False stayed False");
    assert_eq!(ready.observed_generation, Some(5));
    let ready = of(&object, &report(vec![component("network/vpc", Outcome::Ready)]), late());
    assert_eq!(get(&ready, "Ready").last_transition_time.0, late());
    assert_eq!(get(&ready, "Stalled").last_transition_time.0, early());
}

#[test]
fn a_component_keeps_its_since_while_its_state_stays() {
    let mut object = WordPressCluster::fixture();
    let found = |reason| report(vec![component("network/nat-a", settling(reason)), component("a/b", Outcome::Ready)]);
    object.status = Some(of(&object, &found("Pending"), early()));
    let since = |status: &WordPressClusterStatus, index: usize| status.components[index].since.clone().map(|t| t.0);
    let status = of(&object, &found("Modifying"), late());
    assert_eq!(status.components[0].reason, "Modifying");
    assert_eq!((since(&status, 0), since(&status, 1)), (Some(early()), Some(early())));
    let status = of(&object, &report(vec![component("network/nat-a", Outcome::Ready)]), late());
    assert_eq!(since(&status, 0), Some(late()));
}
