use std::process::ExitCode;

use anyhow::{Result, bail};
use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};
use wpc_api::Area;
use wpc_blueprint::price::{Estimate, Line};

use crate::args::Cost;
use crate::{manifest, output, price_lists};

pub fn cost(args: Cost) -> Result<ExitCode> {
    let object = match manifest::check(&manifest::text(&args.file)?) {
        Ok(object) => object,
        Err(problems) => bail!("{} is not valid:\n{}", args.file.display(), manifest::list(&problems)),
    };
    let estimate = Estimate::of(&object.spec, &price_lists::read(&args.prices)?);
    let budget = object.spec.budget.monthly_usd;
    output::print(args.output, &json(&estimate, budget), || text(&estimate, budget))?;
    Ok(if estimate.monthly().is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A sum in whole cents.
fn cents(sum: f64) -> f64 {
    (sum * 100.0).round() / 100.0
}

fn json(estimate: &Estimate, budget: Option<u32>) -> Value {
    let line = |line: &Line| {
        json!({
            "component": line.component, "item": line.item, "count": line.count, "quantity": line.quantity,
            "unit": line.unit, "price": line.price, "assumed": line.assumed, "monthlyUSD": cents(line.monthly()),
        })
    };
    let area = |area: &Area| {
        let lines: Vec<_> = estimate.lines.iter().filter(|line| line.area == *area).map(line).collect();
        json!({"area": area.prefix(), "monthlyUSD": cents(estimate.of_area(*area)), "lines": lines})
    };
    let areas: Vec<_> = Area::ALL.iter().filter(|one| estimate.lines.iter().any(|line| line.area == **one)).collect();
    let reserved = estimate.reserved().map(|reserved| {
        json!({
            "onDemandUSD": cents(reserved.on_demand), "reservedUSD": cents(reserved.reserved),
            "savingUSD": cents(reserved.saving()),
        })
    });
    json!({
        "region": estimate.region,
        "asOf": estimate.as_of,
        "monthlyUSD": estimate.monthly().map(cents),
        "budgetUSD": budget,
        "areas": areas.into_iter().map(area).collect::<Vec<_>>(),
        "unknown": estimate.unknown,
        "reservedOneYearNoUpfront": reserved,
        "assumed": estimate.assumed,
    })
}

fn text(estimate: &Estimate, budget: Option<u32>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["COMPONENT", "WHAT", "HOW MUCH", "PRICE", "$/MONTH"]);
    for area in Area::ALL {
        let lines: Vec<_> = estimate.lines.iter().filter(|line| line.area == area).collect();
        if lines.is_empty() {
            continue;
        }
        for line in &lines {
            let times = if line.count > 1 { format!("{} x ", line.count) } else { String::new() };
            let about = if line.assumed { "~" } else { "" };
            let how_much = format!("{times}{about}{} {}", line.quantity, line.unit);
            let (price, sum) = (line.price.to_string(), format!("{:.2}", line.monthly()));
            table.add_row([&line.component, &line.item, &how_much, &price, &sum]);
        }
        table.add_row([&area.to_string(), "", "", "", &format!("{:.2}", estimate.of_area(area))]);
    }
    for column in [3, 4] {
        table.column_mut(column).into_iter().for_each(|column| {
            column.set_cell_alignment(CellAlignment::Right);
        });
    }
    let mut said = vec![table.to_string(), String::new()];
    let of = estimate.as_of.as_ref().map(|day| format!("list prices of {} as of {day}", estimate.region));
    let of = of.unwrap_or_else(|| format!("no list prices of {}", estimate.region));
    said.push(match estimate.monthly() {
        Some(monthly) => format!("${monthly:.2} a month ({of}, before taxes, credits and free tiers)."),
        None => format!(
            "There is no total: {}. `wpc prices --region {}` reads the list prices from AWS; give them with --prices.",
            estimate.unknown.join("; "),
            estimate.region
        ),
    });
    if let Some(reserved) = estimate.reserved() {
        said.push(format!(
            "Reserved for a year without upfront payment, the machines would cost about ${:.2} in place of ${:.2}: ${:.2} less a month.",
            reserved.reserved,
            reserved.on_demand,
            reserved.saving()
        ));
    }
    if let Some(budget) = budget {
        said.push(match estimate.above(budget) {
            Some(over) => format!("{}: {over}.", over.reason()),
            None => format!("The budget of ${budget}.00 allows it."),
        });
    }
    said.push("\nAssumed (~), since the manifest does not say it:".into());
    said.extend(estimate.assumed.text().into_iter().map(|text| format!("  {text}")));
    said.join("\n")
}
