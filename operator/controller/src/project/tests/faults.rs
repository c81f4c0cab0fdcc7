use wpc_engine::Class;

use super::*;

const CLASSES: [(Class, &str); 9] = [
    (Class::Throttled, "Unknown/Throttled True/Throttled False/NotStalled InProgress"),
    (Class::Transient, "Unknown/CloudUnavailable True/CloudUnavailable False/NotStalled InProgress"),
    (Class::Unclear, "Unknown/AnswerLost True/AnswerLost False/NotStalled InProgress"),
    (Class::Busy, "False/Busy True/Busy False/NotStalled InProgress"),
    (Class::Blocked, "False/InUse True/InUse False/NotStalled InProgress"),
    (Class::Denied, "Unknown/AccessDenied False/Stalled True/AccessDenied Failed"),
    (Class::Quota, "False/QuotaExceeded False/Stalled True/QuotaExceeded Failed"),
    (Class::Invalid, "False/InvalidRequest False/Stalled True/InvalidRequest Failed"),
    (Class::NotOurs, "False/NotOurs False/Stalled True/NotOurs Failed"),
];

fn failed(class: Class) -> Outcome {
    Outcome::Failed(Fault::new(class, "the cloud said so"))
}

#[test]
fn unknown_while_an_error_hides_the_truth_and_false_when_it_is_known() {
    for (class, expected) in CLASSES {
        let status = seen(vec![component("network/vpc", Outcome::Ready), component("cache/group", failed(class))]);
        assert_eq!(told_as(&status), expected, "{class:?} of a component");
        assert_eq!(get(&status, "Ready").message, "cache/group: the cloud said so");
        let ready = expected.split(' ').next().unwrap_or_default();
        assert_eq!(word(&status, "CacheReady"), ready, "{class:?} of an area");
        assert_eq!(word(&status, "NetworkReady"), "True/Ready");

        let unlisted = Report {
            unlisted: vec![("ec2/vpc", Fault::new(class, "the cloud said so"))],
            ..report(vec![component("network/vpc", Outcome::Ready)])
        };
        let status = of(&WordPressCluster::fixture(), &unlisted, early());
        assert_eq!(told_as(&status), expected, "{class:?} of a list");

        let stop = Stop::Fault(Fault::new(class, "the cloud said so"));
        let status = checked(&WordPressCluster::fixture(), |object, now| stopped(object, &stop, now), early());
        assert_eq!(told_as(&status), expected, "{class:?} of the account");
    }
}

#[test]
fn trouble_with_what_nobody_wants_takes_nothing_from_the_site() {
    let ready = || component("network/vpc", Outcome::Ready);
    let status = seen(vec![ready(), unclaimed("network/nat-b", failed(Class::Denied))]);
    assert_eq!(told_as(&status), "True/Ready False/Stalled True/AccessDenied Failed");
    let message = "all 1 components are ready; network/nat-b: the cloud said so";
    assert_eq!(get(&status, "Stalled").message, message);
    let status = seen(vec![ready(), unclaimed("network/nat-b", failed(Class::Blocked))]);
    assert_eq!(told_as(&status), "True/Ready True/InUse False/NotStalled InProgress");
}

#[test]
fn a_person_is_told_first_what_only_a_person_mends() {
    let refused = || component("database/primary", Outcome::Refused(vec![change("engine", "MySQL", "Aurora")]));
    let table = [
        (vec![component("a/a", failed(Class::Transient)), component("b/b", failed(Class::Quota))], "QuotaExceeded"),
        (vec![component("a/a", failed(Class::Denied)), refused()], "ChangeRefused"),
        (vec![component("a/a", Outcome::Broken("x".into())), component("b/b", failed(Class::Busy))], "Busy"),
        (vec![component("a/a", failed(Class::Quota)), component("b/b", failed(Class::Denied))], "QuotaExceeded"),
    ];
    for (components, reason) in table {
        assert_eq!(get(&seen(components), "Ready").reason, reason);
    }
}

#[test]
fn a_refused_change_names_the_field_and_the_way_out() {
    let status = seen(vec![
        component("network/vpc", Outcome::Ready),
        component("database/primary", Outcome::Refused(vec![change("storage.size", "100Gi", "50Gi")])),
    ]);
    assert_eq!(told_as(&status), "False/ChangeRefused False/Stalled True/ChangeRefused Failed");
    assert_eq!(word(&status, "DatabaseReady"), "False/ChangeRefused");
    insta::assert_snapshot!(get(&status, "Stalled").message, @"database/primary: storage.size: 100Gi -> 50Gi cannot be changed while its data lives. Write the old value back, or move the data to a new WordPressCluster");
}

#[test]
fn what_cannot_be_built_is_stalled_and_keeps_what_was_known() {
    let mut object = WordPressCluster::fixture();
    let before = seen(vec![component("network/vpc", Outcome::Ready)]);
    object.status = Some(before.clone());
    object.metadata.generation = Some(5);
    let message = || "spec.database.engine Aurora is not supported yet".to_owned();
    let status = checked(&object, |object, now| stalled(object, "NotSupportedYet", message(), now), late());
    assert_eq!(told_as_of(&object, &status), "False/NotSupportedYet False/Stalled True/NotSupportedYet Failed");
    assert_eq!(status.components, before.components);
    assert_eq!(get(&status, "NetworkReady"), get(&before, "NetworkReady"));
}

fn told_as_of(object: &WordPressCluster, status: &WordPressClusterStatus) -> String {
    let three = told_as(status);
    let (words, _) = three.rsplit_once(' ').expect("four words");
    format!("{words} {}", kstatus(object, status))
}

/// AWS names another request each time; that is no news.
#[test]
fn a_fault_that_comes_again_writes_nothing_new() {
    let fault = |request: &str| Fault { request_id: Some(request.into()), ..Fault::new(Class::Quota, "full") };
    let first = seen(vec![component("network/vpc", Outcome::Failed(fault("4f1c")))]);
    let object = WordPressCluster { status: Some(first.clone()), ..WordPressCluster::fixture() };
    let again = report(vec![component("network/vpc", Outcome::Failed(fault("9e2d")))]);
    assert_eq!(of(&object, &again, late()), first);
    let stop = |request: &str| Stop::Fault(fault(request));
    let first = stopped(&object, &stop("4f1c"), early());
    let object = WordPressCluster { status: Some(first.clone()), ..object };
    assert_eq!(stopped(&object, &stop("9e2d"), late()), first);
}
