use std::process::ExitCode;

use anyhow::{Result, bail};
use comfy_table::{Table, presets};
use serde::Serialize;
use wpc_aws::Access;
use wpc_blueprint::price::Estimate;
use wpc_controller::pass;
use wpc_engine::{Disruption, Memory, Options, Report, Verb, hex_digest};

use crate::args::Plan;
use crate::drive::{account, refused, worker};
use crate::{CHANGES, manifest, output, price_lists};

/// What a plan prints for programs.
#[derive(Debug, Serialize)]
struct Printed {
    actions: Vec<Action>,
    summary: Summary,
    estimate: Price,
    /// Stands for exactly these actions.
    hash: String,
}

/// One change to one component.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Action {
    component: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    verb: Verb,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disruption: Option<Disruption>,
    /// What a component that is created costs a month.
    #[serde(rename = "monthlyUSD", skip_serializing_if = "Option::is_none")]
    monthly: Option<f64>,
}

/// What everything costs a month once it is as wanted.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Price {
    #[serde(rename = "monthlyUSD")]
    monthly: Option<f64>,
    as_of: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<String>,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Summary {
    create: usize,
    update: usize,
    delete: usize,
    unchanged: usize,
}

pub async fn plan(args: Plan) -> Result<ExitCode> {
    let (object, stack) = manifest::read(&args.source, &args.cluster)?;
    let estimate = price_lists::affordable(&object.spec, &args.prices)?;
    let report = if args.offline {
        pass::offline(stack, &object.spec).await?.1
    } else {
        let account = account(&object.spec.region, object.spec.role_arn.as_deref(), &stack, &args.cluster).await?;
        let worker = worker(stack, args.adopt, Access::ReadOnly);
        let hold = pass::hold(&object.spec, false);
        let options = Options { hold: &hold, ..Options::plan() };
        pass::live(&worker, &object.spec, &account, &mut Memory::inherited(), &options).await?.1
    };
    let faults: Vec<_> = report.faults().map(|(name, fault)| format!("  {name}: {fault}")).collect();
    if !faults.is_empty() {
        bail!("the plan is not complete:\n{}", faults.join("\n"));
    }
    let refused: Vec<_> = refused(&report).map(|refusal| format!("  {refusal}")).collect();
    if !refused.is_empty() {
        bail!("the spec asks for what cannot be done:\n{}", refused.join("\n"));
    }
    let mut printed = printed(&report, &estimate);
    printed.actions.iter_mut().for_each(|action| action.price(&estimate));
    output::print(args.output, &printed, || text(&printed))?;
    Ok(if printed.actions.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(CHANGES) })
}

fn printed(report: &Report, estimate: &Estimate) -> Printed {
    let actions: Vec<Action> = report.components.iter().flat_map(actions).collect();
    let count = |verb: &[Verb]| {
        report.components.iter().filter(|c| c.steps.iter().any(|step| verb.contains(&step.verb))).count()
    };
    let summary = Summary {
        create: count(&[Verb::Create]),
        update: count(&[Verb::Update, Verb::Relabel]),
        delete: count(&[Verb::Delete]),
        unchanged: report.components.iter().filter(|c| c.claimed && c.steps.is_empty()).count(),
    };
    let lines: Vec<String> = actions.iter().map(|action| format!("{action:?}")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let estimate = Price {
        monthly: estimate.monthly().map(cents),
        as_of: estimate.as_of.clone(),
        unknown: estimate.unknown.clone(),
    };
    Printed { hash: hex_digest(&lines, 16), actions, summary, estimate }
}

impl Action {
    fn price(&mut self, estimate: &Estimate) {
        let new = self.verb == Verb::Create;
        self.monthly = new.then(|| estimate.of_component(&self.component)).flatten().map(cents);
    }
}

/// A sum in whole cents.
fn cents(sum: f64) -> f64 {
    (sum * 100.0).round() / 100.0
}

fn actions(component: &wpc_engine::Component) -> Vec<Action> {
    let action = |verb| Action {
        component: if component.claimed { component.key.name.clone() } else { component.key.to_string() },
        kind: component.kind,
        id: component.id.as_ref().map(|id| id.0.clone()),
        verb,
        path: None,
        from: None,
        to: None,
        disruption: None,
        monthly: None,
    };
    let steps = component.steps.iter().flat_map(|step| match step.changes.as_slice() {
        [] => vec![action(step.verb)],
        changes => changes
            .iter()
            .map(|change| Action {
                path: Some(change.path.clone()),
                from: Some(change.from.clone()),
                to: Some(change.to.clone()),
                disruption: Some(change.disruption),
                ..action(step.verb)
            })
            .collect(),
    });
    steps.collect()
}

fn text(Printed { actions, summary, estimate, hash }: &Printed) -> String {
    if actions.is_empty() {
        return "Nothing to do: what was found is what is wanted.".into();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["", "COMPONENT", "KIND", "CHANGE", "DISRUPTION", "$/MONTH"]);
    for action in actions {
        let sign = match action.verb {
            Verb::Create => "+",
            Verb::Update | Verb::Relabel => "~",
            Verb::Delete => "-",
        };
        let value = |text: &Option<String>| match text.as_deref() {
            Some("") | None => "(nothing)".to_owned(),
            Some(text) => text.to_owned(),
        };
        let change = match &action.path {
            Some(path) => format!("{path}: {} -> {}", value(&action.from), value(&action.to)),
            None => action.id.clone().unwrap_or_default(),
        };
        let disruption = action.disruption.filter(|d| *d != Disruption::None).map(|d| format!("{d:?}"));
        let price = action.monthly.map(|price| format!("{price:.2}")).unwrap_or_default();
        table.add_row([sign, &action.component, action.kind, &change, &disruption.unwrap_or_default(), &price]);
    }
    let Summary { create, update, delete, unchanged } = summary;
    let price = match (estimate.monthly, &estimate.as_of) {
        (Some(monthly), Some(day)) => format!("${monthly:.2} a month at list prices as of {day}: see `wpc cost -f`."),
        _ => format!("No price of a month: {}.", estimate.unknown.join("; ")),
    };
    format!(
        "{table}\n\n{create} to create, {update} to change, {delete} to delete, {unchanged} unchanged. Plan {hash}.\n{price}"
    )
}
