//! A plan says exactly what applying does, and writes nothing.

use std::sync::Mutex;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use wpc_engine::{Class, Event, Hold, Options, Outcome, Proposal, Removal, Report, Step, Verb};

use crate::author::Author;
use crate::cloud::{Fate, Op, Weather};
use crate::kinds::Of;
use crate::stack::{Spec, Stack, full, outcome};
use crate::things::Phase;

fn text(component: &str, step: &Step) -> String {
    let paths: Vec<&str> = step.changes.iter().map(|change| change.path.as_str()).collect();
    format!("{:?} {component} {}", step.verb, paths.join(",")).trim_end().to_owned()
}

fn planned(report: &Report) -> Vec<String> {
    let steps = report.components.iter().flat_map(|c| c.steps.iter().map(|step| text(&c.key.name, step)));
    let mut steps: Vec<String> = steps.collect();
    steps.sort();
    steps
}

/// Plans, then applies until all is settled; both must name the same steps, which are answered.
async fn agreed(stack: &mut Stack) -> Vec<String> {
    let before = stack.writes().len();
    let plan = stack.plan().await;
    assert_eq!(stack.wrote(before), [] as [String; 0], "a plan writes nothing");
    let done = Mutex::new(vec![]);
    let observer = |event: Event| {
        if let Event::Done { component, id, step } = event {
            done.lock().unwrap().push((text(&component, &step), id));
        }
    };
    stack.converge_with(|stack| Options { observer: &observer, ..stack.options() }).await;
    let mut done = done.into_inner().unwrap();
    done.sort();
    // The end of one thing may take several calls.
    done.dedup_by(|(a, one), (b, other)| a == b && one == other && a.starts_with("Delete"));
    let done: Vec<String> = done.into_iter().map(|(step, _)| step).collect();
    assert_eq!(planned(&plan), done, "what was planned, and what was done\n{}", stack.truth());
    done
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_what_applying_does() {
    type Hand = fn(&mut Stack);
    let nothing: Hand = |_| {};
    let cases: [(&str, Spec, Hand, usize); 13] = [
        ("nothing", full(), nothing, 0),
        ("a field", full().size("base", 2), nothing, 1),
        ("another variant", full().fixed("template", "b"), nothing, 2),
        ("another variant that others hang on", full().fixed("part-b", "b"), nothing, 5),
        ("what cannot coexist", full().fixed("range", "b"), nothing, 2),
        ("what cannot coexist and is held", full().fixed("door", "b"), nothing, 4),
        ("a feature off", full().without(&["table", "door"]), nothing, 2),
        ("a data feature off", full().without(&["replica", "mount", "files"]), nothing, 1),
        ("a feature on", full().with("more", Of::Mount, &["part-a"]), nothing, 1),
        ("all gone", Spec::default(), |stack| stack.removal = Removal::Delete, 13),
        (
            "labels and a field",
            full().size("net", 2),
            |stack| {
                stack.cloud.with(|state| state.named("net").change(|version| version.labelled = false));
            },
            2,
        ),
        (
            "a dead one that others hang on",
            full(),
            |stack| {
                stack.cloud.with(|state| state.named("group").change(|version| version.phase = Phase::Dead));
            },
            4,
        ),
        (
            "one removed by hand",
            full(),
            |stack| {
                stack.cloud.with(|state| state.named("table").change(|version| version.phase = Phase::Gone));
            },
            1,
        ),
    ];
    let mut new = Stack::new(Weather::default(), full());
    assert_eq!(agreed(&mut new).await.len(), 13);
    for (what, spec, hand, steps) in cases {
        let mut stack = Stack::new(Weather::default(), full());
        stack.converge().await;
        stack.spec = spec;
        hand(&mut stack);
        assert_eq!(agreed(&mut stack).await.len(), steps, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn any_plan_is_what_applying_does() {
    for seed in 0..300 {
        let mut rng = StdRng::seed_from_u64(seed);
        let things = rng.random_range(3..=10);
        let mut author = Author::new(&mut rng, things);
        let mut stack = Stack::seeded(Weather::default(), author.spec(), seed);
        for _ in 0..4 {
            println!("seed {seed}");
            agreed(&mut stack).await;
            (0..rng.random_range(1..5)).for_each(|_| author.edit(&mut rng));
            stack.spec = author.spec();
        }
        stack.spec = Spec::default();
        stack.removal = [Removal::Retain, Removal::Snapshot, Removal::Delete][rng.random_range(0..3)];
        agreed(&mut stack).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_names_what_is_not_known_yet() {
    let mut stack =
        Stack::new(Weather::default(), Spec::default().with("net", Of::Net, &[]).with("group", Of::Group, &[]));
    stack.converge().await;
    stack.spec = stack.spec.clone().with("part", Of::Part, &["net"]).edit("group", |group| group.needs = vec![]);
    stack.spec.0.swap(1, 2);
    stack.spec = stack.spec.clone().edit("group", |group| group.needs = vec!["part".into()]);
    let plan = stack.plan().await;
    let group = plan.components.iter().find(|c| c.key.name == "group").unwrap();
    assert_eq!(group.steps[0].changes[0].to, "(known after apply of part)");
}

/// What is there and cannot be used now is no reason to plan a replacement of what hangs on it.
#[tokio::test(start_paused = true)]
async fn a_plan_does_not_guess_past_trouble() {
    let spec =
        Spec::default().with("net", Of::Net, &[]).with("part", Of::Part, &["net"]).with("group", Of::Group, &["part"]);
    let mut stack = Stack::new(Weather::default(), spec.clone());
    stack.converge().await;
    stack.cloud.with(|state| state.named("net").change(|version| version.phase = Phase::Broken));
    let plan = stack.plan().await;
    assert_eq!(planned(&plan), [] as [String; 0]);
    assert_eq!(outcome(&plan, "part"), &Outcome::Blocked { by: vec!["net".into()] });

    stack.cloud.with(|state| state.named("net").change(|version| version.phase = Phase::Creating));
    stack.spec = spec.with("new", Of::Part, &["net"]);
    let plan = stack.plan().await;
    assert_eq!(planned(&plan), ["Create new"], "what is still being made will be usable");
    assert_eq!(outcome(&plan, "part"), &Outcome::Waiting { on: vec!["net".into()] });

    stack.cloud.script(|_, call| match call.op == Op::List && call.kind == "fake/net" {
        true => Fate::Fails(Class::Denied),
        false => Fate::Served,
    });
    let plan = stack.plan().await;
    assert!(matches!(outcome(&plan, "net"), Outcome::Failed(fault) if fault.class == Class::Denied));
    assert_eq!(outcome(&plan, "group"), &Outcome::Blocked { by: vec!["part".into()] });
    assert_eq!(planned(&plan), [] as [String; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_plan_leaves_out_what_is_held_back() {
    let mut stack = Stack::new(Weather::default(), full().without(&["range"]));
    stack.converge().await;
    stack.spec = full().without(&["table"]).size("base", 2).size("group", 2);
    let hold = |step: Proposal<'_>| match (step.component, step.verb) {
        ("range", Verb::Create) | ("base", Verb::Update) | ("table", Verb::Delete) => Some(Hold::Awaiting),
        _ => None,
    };
    let plan = stack.pass_with(Options { hold: &hold, ..Options::plan() }).await.unwrap();
    assert_eq!(planned(&plan), ["Update group size"]);
    let before = stack.writes().len();
    for _ in 0..3 {
        stack.pass_with(Options { hold: &hold, ..stack.options() }).await.unwrap();
    }
    assert_eq!(stack.wrote(before), ["Update group"]);
}
