//! What nobody claims goes: in a legal order, only when that is certain, and never data that policy keeps.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::sleep;
use wpc_engine::{Class, Key, Options, Outcome, Removal};

use crate::cloud::{Fate, Op, Weather};
use crate::kinds::Of;
use crate::stack::{Spec, Stack, full, outcome};
use crate::things::{Phase, Version};

/// A settled full stack of which nothing is wanted any more.
async fn leaving(weather: Weather, removal: Removal) -> Stack {
    let mut stack = Stack::new(weather, full());
    stack.converge().await;
    sleep(Duration::from_secs(60)).await;
    stack.spec = Spec::default();
    stack.removal = removal;
    stack
}

#[tokio::test(start_paused = true)]
async fn a_policy_says_what_stays() {
    let parts = ["base", "files", "net", "part-a", "part-b", "replica", "vault"];
    let cases: [(Removal, &[&str], usize); 3] = [
        (Removal::Retain, &parts, 0),
        // The databases leave a copy behind, so nothing keeps their network.
        (Removal::Snapshot, &["files", "vault"], 2),
        (Removal::Delete, &[], 0),
    ];
    for (removal, kept, snapshots) in cases {
        let mut stack = leaving(Weather::default(), removal).await;
        let report = stack.converge().await;
        let mut reported: Vec<&str> = report.kept().map(|c| c.key.name.as_str()).collect();
        reported.sort_unstable();
        assert_eq!(reported, kept, "{removal:?}");
        stack.assert_as_wanted(kept);
        stack.assert_at_rest().await;
        assert_eq!(stack.cloud.with(|state| state.snapshots.len()), snapshots);
    }
}

#[tokio::test(start_paused = true)]
async fn an_instant_cloud_is_cleared_in_one_pass_and_a_slow_one_layer_by_layer() {
    let mut stack = Stack::new(Weather::default(), full().without(&["base", "replica"]));
    stack.converge().await;
    sleep(Duration::from_secs(60)).await;
    stack.spec = Spec::default();
    stack.removal = Removal::Delete;
    assert!(stack.pass().await.unwrap().removed());

    let mut stack = leaving(Weather { work: Duration::from_secs(60), ..Weather::default() }, Removal::Delete).await;
    // The first delete lifts a protection, the second one takes.
    stack.pass().await.unwrap();
    let report = stack.pass().await.unwrap();
    assert_eq!(stack.wrote(0).iter().filter(|write| *write == "Delete replica").count(), 2);
    assert_eq!(outcome(&report, "replica"), &Outcome::Deleting);
    assert_eq!(outcome(&report, "base"), &Outcome::Held { by: vec!["replica".into()] });
    let by = vec!["base".into(), "door".into()];
    assert_eq!(outcome(&report, "part-a"), &Outcome::Held { by }, "every holder is named once");
    stack.converge().await;
    stack.assert_as_wanted(&[]);
}

#[tokio::test(start_paused = true)]
async fn what_goes_last_waits_for_all_else_that_goes_and_not_for_what_is_kept() {
    let weather = || Weather { work: Duration::from_secs(60), ..Weather::default() };
    let mut stack = leaving(weather(), Removal::Delete).await;
    let report = stack.pass().await.unwrap();
    assert!(matches!(outcome(&report, "vault"), Outcome::Held { by } if by.contains(&"base".to_owned())));
    stack.converge().await;
    assert_eq!(stack.wrote(0).last().map(String::as_str), Some("Delete vault"));
    stack.assert_as_wanted(&[]);
}

#[tokio::test(start_paused = true)]
async fn an_edited_field_never_removes_data_nor_what_it_needs() {
    let mut stack = Stack::new(Weather::default(), full());
    stack.converge().await;
    let (base, part) = (stack.id("base"), stack.id("part-a"));
    stack.spec = full().without(&["replica", "base"]).fixed("part-a", "b");
    let report = stack.converge().await;
    assert_eq!(outcome(&report, "base"), &Outcome::Kept);
    stack.assert_as_wanted(&["base", "part-a", "replica"]);
    stack.assert_at_rest().await;
    // Wanted again, it is the same.
    stack.spec = full();
    stack.converge().await;
    stack.assert_as_wanted(&[]);
    assert_eq!((stack.id("base"), stack.id("part-a")), (base, part));
}

/// Visitors may still be led to what was there before.
#[tokio::test(start_paused = true)]
async fn nothing_goes_before_what_leads_back_has_settled() {
    for (edited, stays) in [("table", true), ("group", false)] {
        let mut stack = Stack::new(Weather { work: Duration::from_secs(60), ..Weather::default() }, full());
        stack.converge().await;
        sleep(Duration::from_secs(60)).await;
        stack.spec = full().without(&["mount"]).size(edited, 2);
        stack.pass().await.unwrap();
        sleep(Duration::from_secs(10)).await;
        stack.pass().await.unwrap();
        assert_ne!(stack.wrote(0).iter().any(|write| write == "Delete mount"), stays, "while {edited} changes");
        stack.converge().await;
        stack.assert_as_wanted(&[]);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_goes_while_a_list_fails() {
    for of in Of::ALL {
        let kind = of.traits().kind;
        let mut stack = leaving(Weather::default(), Removal::Delete).await;
        stack.cloud.script(move |_, call| match call.op == Op::List && call.kind == kind {
            true => Fate::Fails(Class::Denied),
            false => Fate::Served,
        });
        let before = stack.writes().len();
        let report = stack.pass().await.unwrap();
        assert!(!report.removed() && !report.settled());
        assert_eq!(report.unlisted.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), [kind]);
        assert_eq!(stack.wrote(before), [] as [String; 0]);
        stack.cloud.calm();
        stack.converge().await;
        stack.assert_as_wanted(&[]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_hangs_on_waits_for_them() {
    let mut stack = leaving(Weather::default(), Removal::Delete).await;
    let net = stack.id("net");
    let theirs = Version { phase: Phase::Ready, fixed: "a".into(), size: 1, refs: vec![net], labelled: false };
    stack.cloud.with(|state| state.put(Of::Group.traits(), Key::of(""), theirs, true));
    let report = stack.pass().await.unwrap();
    assert!(matches!(outcome(&report, "net"), Outcome::Held { by } if by[0].starts_with("group-")), "by its id");
    stack.cloud.with(|state| state.named("").change(|version| version.phase = Phase::Gone));
    stack.converge().await;
    stack.assert_as_wanted(&[]);
}

/// A thing that leaves already needs no delete; data that leaves is not kept, and neither is what it holds.
#[tokio::test(start_paused = true)]
async fn what_leaves_already_is_waited_for() {
    let mut stack = leaving(Weather::default(), Removal::Retain).await;
    stack.cloud.with(|state| {
        for name in ["base", "replica"] {
            state.named(name).change(|version| version.phase = Phase::Leaving);
        }
    });
    let report = stack.pass().await.unwrap();
    assert_eq!(outcome(&report, "base"), &Outcome::Deleting);
    assert!(matches!(outcome(&report, "part-a"), Outcome::Held { .. }));
    assert!(!report.removed());
    stack.cloud.with(|state| {
        for name in ["base", "replica"] {
            state.named(name).change(|version| version.phase = Phase::Gone);
        }
    });
    stack.converge().await;
    stack.assert_as_wanted(&["files", "vault"]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_delete_is_tried_again_and_holds_up_only_what_it_must() {
    for fate in [Fate::Fails(Class::Busy), Fate::Lost(Class::Unclear)] {
        let mut stack = leaving(Weather::default(), Removal::Delete).await;
        stack.cloud.script(move |_, call| if call.is(Op::Delete, "replica") { fate } else { Fate::Served });
        let report = stack.pass().await.unwrap();
        assert!(matches!(outcome(&report, "replica"), Outcome::Failed(_)));
        assert!(matches!(outcome(&report, "base"), Outcome::Held { .. }));
        assert_eq!(outcome(&report, "table"), &Outcome::Gone);
        stack.cloud.calm();
        stack.converge().await;
        stack.assert_as_wanted(&[]);
    }
}

#[tokio::test(start_paused = true)]
async fn told_to_stop_it_stops_in_the_middle() {
    let mut stack = leaving(Weather::default(), Removal::Delete).await;
    let before = stack.writes().len();
    let writes = AtomicUsize::new(0);
    let cloud = stack.cloud.clone();
    let halted = move || {
        writes.store(cloud.with(|state| state.calls.iter().filter(|call| call.writes()).count()), Ordering::SeqCst);
        writes.load(Ordering::SeqCst) >= before + 3
    };
    let options = Options { halted: &halted, concurrency: 1, ..stack.options() };
    let report = stack.pass_with(options).await.unwrap();
    assert!(report.halted && !report.removed());
    assert_eq!(stack.wrote(before).len(), 3);
    let idle = report.components.iter().filter(|c| c.steps.is_empty());
    assert!(idle.clone().all(|c| c.outcome != Outcome::Deleting), "nothing is said to go that does not");
    assert!(idle.count() > 0);
    stack.converge().await;
    stack.assert_as_wanted(&[]);
}
