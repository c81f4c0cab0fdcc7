//! Which of the things that are there the graph claims, and what becomes of the rest.

use std::time::Duration;

use tokio::time::sleep;
use wpc_engine::{Class, Data, Key, Outcome};

use crate::cloud::Weather;
use crate::kinds::Of;
use crate::stack::{Spec, Stack, describe, full, outcome};
use crate::things::{Phase, Thing, Version};

fn ready(fixed: &str, refs: Vec<wpc_engine::Id>) -> Version {
    Version { phase: Phase::Ready, fixed: fixed.into(), size: 1, refs, labelled: true }
}

async fn settled(spec: Spec) -> Stack {
    let mut stack = Stack::new(Weather::default(), spec);
    stack.converge().await;
    stack.assert_as_wanted(&[]);
    stack
}

/// Applies an edit and answers the writes it took.
async fn edited(stack: &mut Stack, spec: Spec) -> Vec<String> {
    let before = stack.writes().len();
    stack.spec = spec;
    stack.converge().await;
    stack.assert_as_wanted(&[]);
    stack.assert_at_rest().await;
    stack.wrote(before)
}

#[tokio::test(start_paused = true)]
async fn a_settled_stack_of_every_kind_is_left_alone() {
    settled(full()).await.assert_at_rest().await;
}

#[tokio::test(start_paused = true)]
async fn another_variant_is_another_thing_and_the_old_one_goes() {
    let spec =
        Spec::default().with("net", Of::Net, &[]).with("part", Of::Part, &["net"]).with("group", Of::Group, &["part"]);
    let mut stack = settled(spec.clone()).await;
    let wrote = edited(&mut stack, spec.fixed("part", "b")).await;
    assert_eq!(wrote, ["Create part", "Update group", "Delete part"]);
}

#[tokio::test(start_paused = true)]
async fn a_feature_switched_off_goes_once_the_wanted_is_ready() {
    let spec = Spec::default().with("net", Of::Net, &[]).with("old", Of::Part, &["net"]);
    let mut stack = settled(spec.clone()).await;
    stack.cloud.with(|state| state.weather.work = Duration::from_secs(60));
    stack.spec = spec.without(&["old"]).with("new", Of::Part, &["net"]);
    let report = stack.pass().await.unwrap();
    assert!(matches!(outcome(&report, "new"), Outcome::Settling { usable: false, .. }));
    assert_eq!(outcome(&report, "old"), &Outcome::Unclaimed);
    sleep(Duration::from_secs(30)).await;
    assert_eq!(outcome(&stack.pass().await.unwrap(), "old"), &Outcome::Unclaimed);
    sleep(Duration::from_secs(31)).await;
    assert_eq!(outcome(&stack.pass().await.unwrap(), "old"), &Outcome::Deleting);
    stack.converge().await;
    stack.assert_as_wanted(&[]);
}

#[tokio::test(start_paused = true)]
async fn one_name_may_change_its_kind() {
    let mut stack = settled(Spec::default().with("thing", Of::Group, &[])).await;
    let wrote = edited(&mut stack, Spec::default().with("thing", Of::Table, &[])).await;
    assert_eq!(wrote, ["Create thing", "Delete thing"]);
}

#[tokio::test(start_paused = true)]
async fn a_node_with_unknown_inputs_claims_all_of_its_name() {
    let spec = Spec::default().with("net", Of::Net, &[]).with("part", Of::Part, &["net"]);
    let mut stack = settled(spec).await;
    let net = stack.id("net");
    stack.cloud.with(|state| {
        state.put(
            Of::Part.traits(),
            Key { name: "part".into(), variant: Some("old".into()) },
            ready("z", vec![net]),
            false,
        );
        state.named("net").change(|version| version.phase = Phase::Broken);
    });
    let before = stack.writes().len();
    let report = stack.pass().await.unwrap();
    assert_eq!(outcome(&report, "part"), &Outcome::Blocked { by: vec!["net".into()] });
    assert_eq!(report.components.len(), 2, "both parts are claimed:{}", describe(&report));
    assert!(report.components[1].id.is_some(), "it is observed all the same");
    assert_eq!(stack.wrote(before), [] as [String; 0]);
    stack.cloud.with(|state| state.named("net").change(|version| version.phase = Phase::Ready));
    stack.converge().await;
    assert_eq!(stack.wrote(before), ["Delete part"]);
    stack.assert_as_wanted(&[]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_coexist_goes_first_with_all_that_holds_it() {
    let door = Spec::default().with("door", Of::Door, &[]);
    let held = door.clone().with("table", Of::Table, &["door"]).with("group", Of::Group, &["table"]);
    let cases: [(Spec, Spec, &[&str]); 3] = [
        (door.clone(), door.clone().fixed("door", "b"), &["Delete door", "Create door"]),
        // Held by what hangs on it, and must be made again.
        (
            held.clone(),
            held.clone().fixed("door", "b"),
            &["Delete group", "Delete table", "Delete door", "Create door", "Create table", "Create group"],
        ),
        // Held by what is no longer wanted at all.
        (
            held.clone(),
            door.clone().fixed("door", "b"),
            &["Delete group", "Delete table", "Delete door", "Create door"],
        ),
    ];
    for (before, after, writes) in cases {
        let mut stack = settled(before).await;
        assert_eq!(edited(&mut stack, after).await, writes);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_goes_for_what_data_keeps_in_the_way() {
    let spec = Spec::default().with("door", Of::Door, &[]).with("table", Of::Table, &["door"]).with(
        "base",
        Of::Base,
        &["table"],
    );
    let mut stack = settled(spec.clone()).await;
    let before = stack.writes().len();
    stack.spec = spec.fixed("door", "b");
    let report = stack.pass().await.unwrap();
    assert_eq!(outcome(&report, "door"), &Outcome::Held { by: vec!["base".into()] });
    assert_eq!(outcome(&report, "table"), &Outcome::Waiting { on: vec!["door".into()] });
    sleep(Duration::from_secs(60)).await;
    stack.pass().await.unwrap();
    assert_eq!(stack.wrote(before), [] as [String; 0]);
}

#[tokio::test(start_paused = true)]
async fn the_dead_are_replaced() {
    let cases: [(Of, &[&str]); 3] = [
        (Of::Table, &["Create thing", "Update group", "Delete thing"]),
        (Of::Door, &["Delete group", "Delete thing", "Create thing", "Create group"]),
        // Its name is taken until it is gone.
        (Of::Template, &["Delete group", "Delete thing", "Create thing", "Create group"]),
    ];
    for (of, writes) in cases {
        let spec = Spec::default().with("thing", of, &[]).with("group", Of::Group, &["thing"]);
        let mut stack = settled(spec.clone()).await;
        stack.cloud.with(|state| state.named("thing").change(|version| version.phase = Phase::Dead));
        assert_eq!(edited(&mut stack, spec).await, writes, "{of:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn data_is_never_given_up() {
    for of in Of::ALL.iter().filter(|of| of.traits().data != Data::None) {
        let mut stack = settled(Spec::default().with("data", *of, &[])).await;
        stack.cloud.with(|state| state.named("data").change(|version| version.phase = Phase::Dead));
        let before = stack.writes().len();
        let report = stack.pass().await.unwrap();
        assert!(matches!(outcome(&report, "data"), Outcome::Broken(_)), "{of:?}");
        assert_eq!(stack.wrote(before), [] as [String; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_keeps_dying_is_made_again_ever_more_slowly() {
    let mut stack = Stack::new(Weather::default(), Spec::default().with("table", Of::Table, &[]));
    stack.cloud.with(|state| state.weather.work = Duration::from_secs(10));
    for _ in 0..3600 {
        stack.pass().await.unwrap();
        stack.cloud.with(|state| {
            let creating = |thing: &&mut Thing| thing.now().is_some_and(|version| version.phase == Phase::Creating);
            let fails = |thing: &mut Thing| thing.change(|version| version.phase = Phase::Dead);
            state.things.iter_mut().find(creating).map(fails);
        });
        sleep(Duration::from_secs(1)).await;
    }
    let made = stack.writes().len();
    assert!((10..50).contains(&made), "made {made} times in an hour");
    stack.converge().await;
    stack.assert_as_wanted(&[]);
}

#[tokio::test(start_paused = true)]
async fn what_died_after_a_life_is_followed_at_once() {
    let mut stack = settled(Spec::default().with("table", Of::Table, &[])).await;
    for _ in 0..5 {
        stack.cloud.with(|state| state.named("table").change(|version| version.phase = Phase::Dead));
        assert_eq!(outcome(&stack.pass().await.unwrap(), "table"), &Outcome::Ready);
        stack.converge().await;
    }
    stack.assert_as_wanted(&[]);
}

#[tokio::test(start_paused = true)]
async fn of_two_under_one_key_stays_the_one_that_others_need_most() {
    let spec = Spec::default().with("net", Of::Net, &[]).with("part", Of::Part, &["net"]);
    let held = spec.clone().with("group", Of::Group, &["part"]).with("base", Of::Base, &["part"]);
    // Neither is held: the lowest id stays.
    let mut stack = settled(spec.clone()).await;
    let (net, key) = stack.cloud.with(|state| (state.named("net").id.clone(), state.named("part").key.clone()));
    let first = stack.id("part");
    stack.cloud.with(|state| state.put(Of::Part.traits(), key, ready("a", vec![net]), false));
    assert_eq!(edited(&mut stack, spec).await, ["Delete part"]);
    assert_eq!(stack.id("part"), first);

    // Both are held: the one that data hangs on stays, though its id is not the lowest.
    let mut stack = settled(held.clone().without(&["base"])).await;
    let (net, key) = stack.cloud.with(|state| (state.named("net").id.clone(), state.named("part").key.clone()));
    let second = stack.cloud.with(|state| state.put(Of::Part.traits(), key, ready("a", vec![net]), false));
    let base = ready("a", vec![second.clone()]);
    stack.cloud.with(|state| state.put(Of::Base.traits(), Key::of("base"), base, false));
    assert_eq!(edited(&mut stack, held).await, ["Update group", "Delete part"]);
    assert_eq!(stack.id("part"), second);
}

#[tokio::test(start_paused = true)]
async fn what_is_somebody_elses_is_reported_and_not_touched() {
    for of in [Of::Group, Of::Table, Of::Net, Of::Door] {
        let spec = Spec::default().with("thing", of, &[]).with("part", Of::Part, &["thing"]);
        let key = settled(spec.clone()).await.cloud.with(|state| state.named("thing").key.clone());
        let mut stack = Stack::new(Weather::default(), spec);
        stack.cloud.with(|state| state.put(of.traits(), key, ready("a", vec![]), true));
        let report = stack.pass().await.unwrap();
        assert!(matches!(outcome(&report, "thing"), Outcome::Failed(fault) if fault.class == Class::NotOurs), "{of:?}");
        assert_eq!(outcome(&report, "part"), &Outcome::Blocked { by: vec!["thing".into()] });
        stack.spec = Spec::default();
        assert!(stack.pass().await.unwrap().removed(), "it is not ours to remove");
        assert_eq!(stack.writes(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_is_free_only_when_its_thing_is_gone() {
    let mut stack = settled(Spec::default().with("group", Of::Group, &[])).await;
    stack.cloud.with(|state| state.weather.work = Duration::from_secs(60));
    stack.spec = Spec::default();
    stack.pass().await.unwrap();
    stack.spec = Spec::default().with("group", Of::Group, &[]);
    let report = stack.pass().await.unwrap();
    assert_eq!(outcome(&report, "group"), &Outcome::Settling { reason: "Replacing", usable: false });
    stack.converge().await;
    assert_eq!(stack.wrote(0), ["Create group", "Delete group", "Create group"]);
    stack.assert_as_wanted(&[]);
}

#[tokio::test(start_paused = true)]
async fn labels_are_written_again() {
    let spec = Spec::default().with("net", Of::Net, &[]);
    let mut stack = settled(spec.clone()).await;
    stack.cloud.with(|state| state.named("net").change(|version| version.labelled = false));
    assert_eq!(edited(&mut stack, spec.size("net", 2)).await, ["Relabel net", "Update net"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_field_is_named_and_nothing_is_done() {
    let spec = Spec::default().with("base", Of::Base, &[]);
    let mut stack = settled(spec.clone()).await;
    let before = stack.writes().len();
    stack.spec = spec.fixed("base", "b").size("base", 2);
    let report = stack.pass().await.unwrap();
    assert!(
        matches!(outcome(&report, "base"), Outcome::Refused(changes) if changes.len() == 1 && changes[0].path == "fixed")
    );
    assert_eq!(stack.wrote(before), [] as [String; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_elses_keeps_out_is_not_made_beside_it() {
    let mut stack = Stack::new(Weather::default(), Spec::default().with("door", Of::Door, &[]));
    let key = Key { name: "door".into(), variant: Some("theirs".into()) };
    let id = stack.cloud.with(|state| state.put(Of::Door.traits(), key, ready("z", vec![]), true));
    let report = stack.pass().await.unwrap();
    assert_eq!(outcome(&report, "door"), &Outcome::Held { by: vec![id.0.clone()] });
    assert_eq!(stack.writes(), []);
    stack.cloud.with(|state| state.find(&id).unwrap().change(|version| version.phase = Phase::Gone));
    stack.converge().await;
    stack.assert_as_wanted(&[]);
}

/// A field that the cloud keeps answering differently is not written over and over in one pass.
#[tokio::test(start_paused = true)]
async fn an_update_without_effect_is_made_once_a_pass() {
    let spec = Spec::default().with("net", Of::Net, &[]);
    let mut stack = settled(spec.clone()).await;
    stack.cloud.with(|state| state.deaf = Some("size"));
    stack.spec = spec.size("net", 2);
    let before = stack.writes().len();
    let report = stack.pass().await.unwrap();
    assert_eq!(outcome(&report, "net"), &Outcome::Settling { reason: "Updating", usable: true });
    assert_eq!(stack.wrote(before), ["Update net"]);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_shows_everything_twice_changes_nothing() {
    let mut stack = settled(full()).await;
    stack.cloud.with(|state| state.stutters = true);
    stack.assert_at_rest().await;
    let before = stack.writes().len();
    stack.spec = Spec::default();
    stack.removal = wpc_engine::Removal::Delete;
    let report = stack.pass().await.unwrap();
    assert_eq!(report.components.len(), full().0.len());
    stack.converge().await;
    // Two of them are protected.
    assert_eq!(stack.wrote(before).len(), full().0.len() + 2);
}
