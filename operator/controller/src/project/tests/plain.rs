use wpc_api::v1alpha1::{CacheEngine, DnsRecord, Tls};
use wpc_engine::Outputs;

use super::*;

#[test]
fn a_ready_stack() {
    let object = WordPressCluster::fixture();
    let (assembly, planned) = planned(&object);
    let report = Report {
        outputs: planned.outputs,
        ..report(vec![component("network/vpc", Outcome::Ready), component("database/primary", Outcome::Ready)])
    };
    let status = checked(&object, |object, now| live(object, &assembly, &report, now), early());
    assert_eq!(told_as(&status), "True/Ready False/Settled False/NotStalled Current");
    insta::assert_yaml_snapshot!("ready", status);
}

#[test]
fn a_stack_on_its_way() {
    let waiting = |on: &str| Outcome::Waiting { on: vec![on.into()] };
    let status = seen(vec![
        component("network/vpc", Outcome::Ready),
        component("network/nat-a", settling("Pending")),
        component("database/primary", Outcome::Doubted { left: Duration::from_secs(3) }),
        component("database/replica-0", waiting("database/primary")),
    ]);
    assert_eq!(told_as(&status), "False/Progressing True/Progressing False/NotStalled InProgress");
    insta::assert_yaml_snapshot!("progressing", status);
}

#[test]
fn a_message_names_five_and_counts_the_rest() {
    let busy = (0..9).map(|n| component(&format!("network/subnet-{n}"), settling("Pending"))).collect();
    let message = get(&seen(busy), "Ready").message.clone();
    assert!(message.starts_with("0 of 9 components are ready; waiting for network/subnet-0 (Pending), "), "{message}");
    assert!(message.ends_with("network/subnet-4 (Pending) and 4 more"), "{message}");
}

#[test]
fn a_message_always_says_what_is_waited_for() {
    let waiting = Outcome::Waiting { on: vec!["network/vpc".into()] };
    let table = [
        (waiting, "waiting for compute/group (needs network/vpc)"),
        (Outcome::Deleting, "waiting for compute/group (Deleting)"),
        (Outcome::Absent, "waiting for compute/group (Absent)"),
    ];
    for (outcome, expected) in table {
        let status = seen(vec![component("compute/group", outcome)]);
        assert_eq!(get(&status, "Ready").message, format!("0 of 1 components are ready; {expected}"));
        assert!(!get(&status, "ComputeReady").message.ends_with(": "));
    }
}

#[test]
fn leftovers_take_nothing_from_a_ready_site() {
    let held = Outcome::Held { by: vec!["eni-5".into()] };
    let status = seen(vec![component("network/vpc", Outcome::Ready), unclaimed("network/nat-b", held)]);
    assert_eq!(told_as(&status), "True/Ready True/Removing False/NotStalled InProgress");
    let message = "all 1 components are ready; 1 to remove: network/nat-b (held by eni-5)";
    assert_eq!(get(&status, "Reconciling").message, message);
    assert_eq!(status.progress.map(|progress| progress.summary).as_deref(), Some("1/1"));
}

#[test]
fn what_is_kept_is_shown_and_what_is_gone_is_not() {
    let status = seen(vec![
        component("network/vpc", Outcome::Ready),
        unclaimed("storage/file-system", Outcome::Kept),
        unclaimed("network/nat-b", Outcome::Gone),
    ]);
    assert_eq!(told_as(&status), "True/Ready False/Settled False/NotStalled Current");
    let shown: Vec<_> = status.components.iter().map(|c| (c.name.as_str(), c.state.as_str())).collect();
    assert_eq!(shown, [("network/vpc", "Ready"), ("storage/file-system", "Kept")]);
}

#[test]
fn the_old_variant_is_told_from_the_new_one() {
    let variant = |variant: &str| Key { name: "network/nat-a".into(), variant: Some(variant.into()) };
    let status = seen(vec![
        Component { key: variant("11111111"), ..component("", Outcome::Ready) },
        Component { key: variant("22222222"), ..unclaimed("", Outcome::Deleting) },
    ]);
    let names: Vec<_> = status.components.iter().map(|c| c.name.clone()).collect();
    assert_eq!(names, ["network/nat-a".to_owned(), variant("22222222").to_string()]);
}

#[test]
fn a_stack_that_goes() {
    let object = WordPressCluster::fixture().deleting();
    let held = Outcome::Held { by: vec!["database/replica-0".into()] };
    let going = report(vec![
        unclaimed("database/replica-0", Outcome::Deleting),
        unclaimed("database/primary", held),
        unclaimed("network/vpc", Outcome::Unclaimed),
    ]);
    let status = checked(&object, |object, now| leaving(object, &going, now), early());
    assert_eq!(told_as(&status), "False/Deleting True/Deleting False/NotStalled InProgress");
    insta::assert_yaml_snapshot!("leaving", status);
    let empty = Report { doubt: Some(Duration::from_secs(4)), ..Report::default() };
    let status = checked(&object, |object, now| leaving(object, &empty, now), early());
    assert_eq!(get(&status, "Ready").message, "making sure that nothing is left");
}

#[test]
fn a_paused_object_changes_only_that() {
    let mut object = WordPressCluster::fixture().paused();
    let status = checked(&object, paused, early());
    assert_eq!(word(&status, "Paused"), "True/Paused");
    let before = seen(vec![component("network/vpc", settling("Pending"))]);
    object.status = Some(before.clone());
    let status = checked(&object, paused, late());
    assert_eq!(word(&status, "Paused"), "True/Paused");
    assert_eq!(get(&status, "Ready"), get(&before, "Ready"));
    assert_eq!(status.components, before.components);
    let deleting = checked(&object.deleting(), paused, late());
    assert!(get(&deleting, "Paused").message.contains("set spec.paused to false"));
}

#[test]
fn areas_speak_for_their_worst_component() {
    let status = seen(vec![
        component("network/vpc", Outcome::Ready),
        component("network/nat-a", Outcome::Ready),
        component("database/primary", Outcome::Broken("storage is full".into())),
        component("database/replica-0", settling("Creating")),
        component("cache/group", Outcome::Blocked { by: vec!["network/vpc".into()] }),
    ]);
    assert_eq!(word(&status, "NetworkReady"), "True/Ready");
    assert_eq!(word(&status, "DatabaseReady"), "False/Broken");
    assert_eq!(get(&status, "DatabaseReady").message, "database/primary: storage is full");
    assert_eq!(word(&status, "CacheReady"), "False/Blocked");
    assert_eq!(word(&status, "CdnReady"), "none", "an area without components says nothing");
    assert_eq!(told_as(&status), "False/Broken True/Broken False/NotStalled InProgress");
}

#[test]
fn plain_http_is_said() {
    let mut object = WordPressCluster::fixture();
    object.spec.tls = Tls::Disabled;
    let status = of(&object, &report(vec![component("network/vpc", Outcome::Ready)]), early());
    assert_eq!(
        (word(&status, "CertificateReady"), word(&status, "Ready")),
        ("False/Disabled".into(), "True/Ready".into())
    );
}

/// A certificate that is requested, and a listener that waits for it.
fn pending() -> Vec<Component> {
    let waits = Outcome::Waiting { on: vec!["certificate/load-balancer".into()] };
    let requested = Outcome::Settling { reason: wpc_blueprint::certificate::PENDING, usable: true };
    vec![component("certificate/load-balancer", requested), component("traffic/listener-https", waits)]
}

#[test]
fn dns_is_awaited_once_everything_else_is_up() {
    let ready = || component("network/vpc", Outcome::Ready);
    let status = seen([pending(), vec![ready()]].concat());
    assert_eq!(told_as(&status), "False/AwaitingDNS True/AwaitingDNS False/NotStalled InProgress");
    let message = &get(&status, "Ready").message;
    assert!(message.contains("certificate/load-balancer") && message.contains("status.dnsRecords"), "{message}");

    let published = component("dns/validation-www.example.com", Outcome::Ready);
    let status = seen([pending(), vec![ready(), published]].concat());
    assert!(get(&status, "Ready").message.contains("in the hosted zone"), "{}", get(&status, "Ready").message);

    let named = component("dns/www.example.com", Outcome::Waiting { on: vec!["cdn/distribution".into()] });
    let status = seen([pending(), vec![component("cdn/distribution", Outcome::Ready), named]].concat());
    assert_eq!(word(&status, "Ready"), "False/AwaitingDNS", "a name is published once it is served");

    let busy = component("database/primary", settling("Creating"));
    assert_eq!(word(&seen([pending(), vec![busy]].concat()), "Ready"), "False/Progressing");
    let waits = component("cdn/distribution", Outcome::Waiting { on: vec!["traffic/load-balancer".into()] });
    assert_eq!(word(&seen([pending(), vec![waits]].concat()), "Ready"), "False/Progressing");
}

#[test]
fn who_has_no_hosted_zone_is_told_the_records() {
    let mut object = WordPressCluster::fixture();
    let (assembly, known) = planned(&object);
    let status = live(&object, &assembly, &known, early());
    let cdn = status.endpoints.clone().and_then(|endpoints| endpoints.cdn).expect("a distribution");
    let site: Vec<_> = status.dns_records.iter().filter(|record| record.purpose == "Site").collect();
    let names: Vec<_> = site.iter().map(|record| &record.name).collect();
    assert_eq!(names, object.spec.site.domains.iter().collect::<Vec<_>>());
    assert!(site.iter().all(|record| record.type_ == "CNAME" && record.value == cdn));

    let validation = DnsRecord {
        name: "_a1.www.example.com".into(),
        type_: "CNAME".into(),
        value: "_b2.acm-validations.aws".into(),
        purpose: "Validation".into(),
    };
    object.status = Some(WordPressClusterStatus { dns_records: vec![validation.clone()], ..status });
    let hidden = Report { outputs: Outputs::default(), ..report(vec![]) };
    let records = live(&object, &assembly, &hidden, early()).dns_records;
    assert!(records.contains(&validation), "what AWS hides for now stays: {records:?}");

    object.spec.dns = Some(serde_json::from_value(serde_json::json!({ "hostedZoneId": "Z1" })).expect("a zone"));
    assert_eq!(of(&object, &known, early()).dns_records, []);
}

#[test]
fn an_endpoint_stays_while_aws_hides_it_and_goes_with_its_wish() {
    let mut object = WordPressCluster::fixture().with_replicas(1);
    let (assembly, known) = planned(&object);
    let status = live(&object, &assembly, &known, early());
    let endpoints = status.endpoints.clone().expect("endpoints");
    assert!(endpoints.cache.is_some() && endpoints.database_reader.is_some() && endpoints.site.is_some());
    object.status = Some(status);

    let hidden = Report { outputs: Outputs::default(), ..report(vec![]) };
    assert_eq!(live(&object, &assembly, &hidden, early()).endpoints, Some(endpoints));

    let object = object.with_cache(CacheEngine::None).with_replicas(0);
    let endpoints = of(&object, &hidden, early()).endpoints.expect("endpoints");
    assert_eq!((endpoints.cache, endpoints.database_reader), (None, None));
    assert!(endpoints.database_writer.is_some());
}

#[test]
fn a_request_is_echoed() {
    let long = "9".repeat(300);
    let object = WordPressCluster::fixture().annotated(annotations::RECONCILE_AT, &long);
    let echoed = of(&object, &report(vec![]), early()).last_reconcile_request.expect("an echo");
    assert!(echoed.len() <= 256);
}
