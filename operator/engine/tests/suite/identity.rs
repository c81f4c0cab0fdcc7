//! No crash, no lost answer and no late list makes a thing twice, or loses one.

use std::time::Duration;

use tokio::time::sleep;
use wpc_engine::{Class, Identity, Memory, Options, Outcome, run};

use crate::cloud::{Fate, Moment, Op, Weather};
use crate::kinds::Of;
use crate::stack::{Spec, Stack, outcome};

/// Lists that show nothing for a while.
fn late() -> Weather {
    Weather { lag: Duration::from_secs(4), ..Weather::default() }
}

/// The first create of this name meets this fate.
fn first_create(stack: &Stack, name: &'static str, fate: Fate) {
    let mut done = false;
    stack.cloud.script(move |_, call| match call.is(Op::Create, name) && !done {
        true => {
            done = true;
            fate
        }
        false => Fate::Served,
    });
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_makes_nothing_twice() {
    for of in Of::ALL {
        for fate in [Fate::Lost, Fate::Late, Fate::Fails] {
            for class in [Class::Unclear, Class::Transient, Class::Throttled, Class::Quota, Class::Denied] {
                let mut stack = Stack::new(late(), Spec::default().with("thing", *of, &[]));
                first_create(&stack, "thing", fate(class));
                stack.pass().await.unwrap();
                let report = stack.pass().await.unwrap();
                let doubted = matches!(outcome(&report, "thing"), Outcome::Doubted { .. });
                let unsure = of.traits().identity == Identity::Neither || !of.traits().coexists;
                assert_eq!(doubted, unsure, "{of:?}");
                stack.converge().await;
                stack.assert_as_wanted(&[]);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_death_in_a_create_makes_nothing_twice() {
    for of in Of::ALL {
        for moment in [Moment::Before, Moment::After, Moment::Late] {
            let mut stack = Stack::new(late(), Spec::default().with("thing", *of, &[]));
            first_create(&stack, "thing", Fate::Dies(moment));
            stack.converge().await;
            stack.assert_as_wanted(&[]);
        }
    }
}

/// The same, where a pass is dropped and the process goes on.
#[tokio::test(start_paused = true)]
async fn a_dropped_pass_makes_nothing_twice() {
    for of in Of::ALL {
        for moment in [Moment::After, Moment::Late] {
            let mut stack = Stack::new(late(), Spec::default().with("thing", *of, &[]));
            first_create(&stack, "thing", Fate::Dies(moment));
            let memory = {
                let mut memory = Memory::fresh();
                let (graph, kinds, options) = (stack.graph(), stack.kinds(), stack.options());
                tokio::select! {
                    biased;
                    () = stack.client.process.killed() => {}
                    _ = run(&graph, &kinds, &mut memory, &options) => panic!("the pass ended"),
                }
                memory
            };
            stack.memory = memory;
            stack.converge().await;
            stack.assert_as_wanted(&[]);
        }
    }
}

/// What the settle window, the doubt of a restart and the memory of what was made are for.
#[tokio::test(start_paused = true)]
async fn without_each_guard_a_thing_is_made_twice() {
    let twice =
        |stack: &Stack| stack.cloud.with(|state| state.wrongs.iter().any(|wrong| wrong.ends_with("is there twice")));
    let net = || Spec::default().with("net", Of::Net, &[]);
    for settle in [0, 5] {
        let mut stack = Stack::new(late(), net());
        stack.settle = Duration::from_secs(settle);
        first_create(&stack, "net", Fate::Lost(Class::Unclear));
        stack.converge().await;
        assert_eq!(twice(&stack), settle == 0, "a lost answer, settle window {settle}");

        let mut stack = Stack::new(late(), net());
        stack.settle = Duration::from_secs(settle);
        first_create(&stack, "net", Fate::Dies(Moment::After));
        stack.converge().await;
        assert_eq!(twice(&stack), settle == 0, "a death, settle window {settle}");
    }
    for inherited in [false, true] {
        let mut stack = Stack::new(late(), net());
        first_create(&stack, "net", Fate::Dies(Moment::After));
        assert!(stack.pass().await.is_none());
        stack.memory = if inherited { Memory::inherited() } else { Memory::fresh() };
        stack.converge().await;
        assert_eq!(twice(&stack), !inherited, "a death, inherited {inherited}");
    }
    for remembered in [false, true] {
        let mut stack = Stack::new(late(), net());
        for _ in 0..5 {
            stack.pass().await.unwrap();
            if !remembered {
                stack.memory = Memory::fresh();
            }
        }
        assert_eq!(twice(&stack), !remembered, "late lists, remembered {remembered}");
    }
}

/// A list that began before the window ended proves nothing, however long it took.
#[tokio::test(start_paused = true)]
async fn the_window_is_over_when_a_list_begins_after_it() {
    let weather = Weather { lag: Duration::from_secs(4), latency: Duration::from_secs(6), ..Weather::default() };
    let mut stack = Stack::new(weather, Spec::default().with("net", Of::Net, &[]));
    stack.memory = Memory::inherited();
    assert!(matches!(outcome(&stack.pass().await.unwrap(), "net"), Outcome::Doubted { left } if left.is_zero()));
    assert_eq!(outcome(&stack.pass().await.unwrap(), "net"), &Outcome::Ready);
}

#[tokio::test(start_paused = true)]
async fn what_no_list_shows_yet_is_known_by_its_id() {
    let spec = Spec::default().with("net", Of::Net, &[]).with("part", Of::Part, &["net"]);
    let mut stack = Stack::new(late(), spec.clone().without(&["part"]));
    stack.pass().await.unwrap();
    stack.spec = spec;
    for _ in 0..3 {
        assert_eq!(outcome(&stack.pass().await.unwrap(), "part"), &Outcome::Ready);
    }
    assert_eq!(stack.wrote(0), ["Create net", "Create part"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_cloud_denies_right_after_its_create_is_waited_for() {
    let weather = Weather { hidden: Duration::from_secs(400), ..late() };
    for of in Of::ALL {
        let mut stack = Stack::new(weather, Spec::default().with("thing", *of, &[]));
        let creating = Outcome::Settling { reason: "Creating", usable: false };
        assert_eq!(outcome(&stack.pass().await.unwrap(), "thing"), &creating);
        stack.converge().await;
        assert_eq!(stack.wrote(0), ["Create thing"]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_made_and_then_removed_by_hand_is_made_again() {
    let mut stack = Stack::new(Weather::default(), Spec::default().with("net", Of::Net, &[]));
    stack.converge().await;
    stack.cloud.with(|state| state.named("net").change(|version| version.phase = crate::things::Phase::Gone));
    stack.converge().await;
    assert_eq!(stack.wrote(0), ["Create net", "Create net"]);
    stack.assert_as_wanted(&[]);
}

/// A list that still shows what was before a write does not make the write again.
#[tokio::test(start_paused = true)]
async fn no_write_is_repeated_over_a_late_list() {
    let spec = Spec::default().with("net", Of::Net, &[]).with("part", Of::Part, &["net"]);
    for restarted in [false, true] {
        let mut stack = Stack::new(late(), spec.clone());
        stack.converge().await;
        sleep(Duration::from_secs(60)).await;
        let before = stack.writes().len();
        stack.spec = spec.clone().size("net", 2);
        stack.pass().await.unwrap();
        for _ in 0..5 {
            if restarted {
                stack.restart();
            }
            stack.pass().await.unwrap();
        }
        stack.spec = spec.clone().size("net", 2).without(&["part"]);
        for _ in 0..100 {
            stack.pass().await.unwrap();
            sleep(Duration::from_millis(250)).await;
        }
        assert_eq!(stack.wrote(before), ["Update net", "Delete part"]);
        stack.assert_as_wanted(&[]);
    }
}

/// Neither what was made a moment ago nor what a dead process may have made is left behind.
#[tokio::test(start_paused = true)]
async fn nothing_is_forgotten_that_no_list_shows_yet() {
    for of in Of::ALL {
        for moment in [None, Some(Moment::After), Some(Moment::Late)] {
            let mut stack = Stack::new(late(), Spec::default().with("thing", *of, &[]));
            if let Some(moment) = moment {
                first_create(&stack, "thing", Fate::Dies(moment));
            }
            stack.pass().await;
            stack.spec = Spec::default();
            stack.removal = wpc_engine::Removal::Delete;
            stack.converge().await;
            sleep(Duration::from_secs(60)).await;
            stack.assert_as_wanted(&[]);
        }
    }
}

/// A thing that only a lost create knows of may hold what is to be removed.
#[tokio::test(start_paused = true)]
async fn nothing_is_removed_in_doubt() {
    let spec = Spec::default().with("base", Of::Base, &[]).with("replica", Of::Base, &["base"]);
    let mut stack = Stack::new(late(), spec.clone().without(&["replica"]));
    stack.converge().await;
    sleep(Duration::from_secs(60)).await;
    stack.spec = spec;
    first_create(&stack, "replica", Fate::Lost(Class::Unclear));
    stack.pass().await.unwrap();
    stack.spec = Spec::default();
    stack.removal = wpc_engine::Removal::Snapshot;
    let report = stack.pass().await.unwrap();
    assert!(report.doubt.is_some() && !report.removed());
    assert_eq!(outcome(&report, "base"), &Outcome::Unclaimed);
    stack.converge().await;
    stack.assert_as_wanted(&[]);
    assert_eq!(stack.cloud.with(|state| state.snapshots.len()), 2);
}

#[tokio::test(start_paused = true)]
async fn a_plan_remembers_nothing_and_doubts_nothing() {
    let mut stack = Stack::new(late(), Spec::default().with("net", Of::Net, &[]));
    stack.memory = Memory::inherited();
    let report = stack.pass_with(Options::plan()).await.unwrap();
    assert_eq!(outcome(&report, "net"), &Outcome::Absent);
}

/// A thing on its way out is not taken for a living one because a list still shows it so.
#[tokio::test(start_paused = true)]
async fn what_was_deleted_is_not_claimed_over_a_late_list() {
    for work in [0, 60] {
        for of in [Of::Net, Of::Group, Of::Table, Of::Door] {
            let mut stack = Stack::new(late(), Spec::default().with("thing", of, &[]));
            stack.converge().await;
            sleep(Duration::from_secs(60)).await;
            let (spec, old) = (std::mem::take(&mut stack.spec), stack.id("thing"));
            stack.cloud.with(|state| state.weather.work = Duration::from_secs(work));
            stack.pass().await.unwrap();
            stack.spec = spec.with("part", Of::Part, &["thing"]);
            for _ in 0..5 {
                let report = stack.pass().await.unwrap();
                assert_ne!(report.components[0].id.as_ref(), Some(&old), "{of:?} {work}");
            }
            stack.converge().await;
            stack.assert_as_wanted(&[]);
        }
    }
}

/// A list shows what a thing held before it was changed: what it holds since must not be deleted under it.
#[tokio::test(start_paused = true)]
async fn what_a_late_list_does_not_show_as_held_is_held() {
    let spec = Spec::default().with("part", Of::Part, &[]).with("group", Of::Group, &[]);
    let mut stack = Stack::new(late(), spec.clone());
    stack.converge().await;
    sleep(Duration::from_secs(60)).await;
    stack.spec = spec.edit("group", |group| group.needs = vec!["part".into()]);
    stack.pass().await.unwrap();
    stack.cloud.with(|state| state.weather.work = Duration::from_secs(10));
    stack.spec = Spec::default();
    stack.converge().await;
    stack.assert_as_wanted(&[]);
}

/// Neither is a new thing gone because the cloud denies it, after its delete, as it did before.
#[tokio::test(start_paused = true)]
async fn what_the_cloud_denies_after_a_delete_may_still_leave() {
    for seed in 0..100 {
        let spec = Spec::default().with("net", Of::Net, &[]).with("part", Of::Part, &["net"]);
        let hidden = Duration::from_secs(3);
        let mut stack = Stack::seeded(Weather { hidden, ..late() }, spec.clone().without(&["part"]), seed);
        stack.converge().await;
        sleep(Duration::from_secs(60)).await;
        stack.spec = spec;
        stack.pass().await.unwrap();
        stack.cloud.with(|state| state.weather.work = Duration::from_secs(30));
        stack.spec = Spec::default();
        stack.converge().await;
        stack.assert_as_wanted(&[]);
    }
}
