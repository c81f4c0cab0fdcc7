use serde::Serialize;
use wpc_api::{Area, WordPressClusterSpec};

use super::areas::areas;
use super::{Assumed, Prices};

/// What a site costs a month.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// The region whose prices these are.
    pub region: String,
    /// The day of the prices; none if there is no price list.
    pub as_of: Option<String>,
    /// What costs something.
    pub lines: Vec<Line>,
    /// What costs something, nobody knows what.
    pub unknown: Vec<String>,
    /// The use that was assumed.
    pub assumed: Assumed,
}

/// One thing that costs something: `count` times `quantity` of a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its area.
    pub area: Area,
    /// The component that it is paid for; several of the same kind where it ends in `*`.
    pub component: String,
    /// What it is, for people.
    pub item: String,
    /// How many such components.
    pub count: u32,
    /// How much each of them takes.
    pub quantity: f64,
    /// Of what.
    pub unit: &'static str,
    /// The price of one.
    pub price: f64,
    /// Whether the quantity is assumed.
    pub assumed: bool,
    /// The price of one, reserved, where that is offered.
    pub reserved: Option<f64>,
}

/// What reserving for a year without upfront payment would change.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reserved {
    /// What the machines that can be reserved cost on demand.
    pub on_demand: f64,
    /// What they cost reserved.
    pub reserved: f64,
}

impl Reserved {
    /// What is saved a month.
    pub fn saving(self) -> f64 {
        self.on_demand - self.reserved
    }
}

impl Line {
    /// What one component costs a month.
    pub fn each(&self) -> f64 {
        self.quantity * self.price
    }

    /// What they cost together.
    pub fn monthly(&self) -> f64 {
        f64::from(self.count) * self.each()
    }

    fn is_of(&self, component: &str) -> bool {
        match self.component.strip_suffix('*') {
            Some(prefix) => component.starts_with(prefix),
            None => self.component == component,
        }
    }
}

impl Estimate {
    /// What a spec costs by the price list of its region: one that is given, or the one that this release knows.
    pub fn of(spec: &WordPressClusterSpec, given: &[Prices]) -> Self {
        let prices = given.iter().find(|prices| prices.region == spec.region).or_else(|| Prices::known(&spec.region));
        let assumed = Assumed::default();
        let none = || Self {
            region: spec.region.clone(),
            as_of: None,
            lines: vec![],
            unknown: vec![format!("no prices of {} are known", spec.region)],
            assumed,
        };
        prices.map_or_else(none, |prices| {
            let (lines, unknown) = areas(spec, prices, assumed);
            Self { region: spec.region.clone(), as_of: Some(prices.as_of.clone()), lines, unknown, assumed }
        })
    }

    /// The price of a month; none if a price is not known.
    pub fn monthly(&self) -> Option<f64> {
        self.unknown.is_empty().then(|| self.lines.iter().map(Line::monthly).sum())
    }

    /// What an area costs.
    pub fn of_area(&self, area: Area) -> f64 {
        self.lines.iter().filter(|line| line.area == area).map(Line::monthly).sum()
    }

    /// What a component costs; none if it costs nothing.
    pub fn of_component(&self, component: &str) -> Option<f64> {
        let mut mine: Vec<_> = self.lines.iter().filter(|line| line.is_of(component)).collect();
        // What has a line of its own is not one of several.
        if mine.iter().any(|line| line.component == component) {
            mine.retain(|line| line.component == component);
        }
        (!mine.is_empty()).then(|| mine.iter().map(|line| line.each()).sum())
    }

    /// What reserving would change; none if nothing can be reserved.
    pub fn reserved(&self) -> Option<Reserved> {
        let lines: Vec<_> = self.lines.iter().filter_map(|line| Some((line, line.reserved?))).collect();
        (!lines.is_empty()).then(|| Reserved {
            on_demand: lines.iter().map(|(line, _)| line.monthly()).sum(),
            reserved: lines.iter().map(|(line, price)| line.monthly() / line.price * price).sum(),
        })
    }

    /// Why a budget does not allow this, with what to change; nothing if it does.
    pub fn above(&self, budget: u32) -> Option<Over> {
        match self.monthly() {
            None => Some(Over::Unknown { budget, why: self.unknown.join("; ") }),
            Some(monthly) if monthly > f64::from(budget) => {
                let mut areas: Vec<_> = Area::ALL.into_iter().map(|area| (area, self.of_area(area))).collect();
                areas.sort_by(|one, other| other.1.total_cmp(&one.1));
                Some(Over::Above { budget, monthly, most: areas.into_iter().take(3).collect() })
            }
            Some(_) => None,
        }
    }
}

/// Why a budget refuses a spec.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Over {
    /// It costs more.
    #[error(
        "the estimate is ${monthly:.2} a month, spec.budget.monthlyUSD is ${budget}.00. The most goes to {}. Raise the budget, or ask for less: `wpc cost -f` shows each price",
        most.iter().map(|(area, sum)| format!("{} (${sum:.2})", area.prefix())).collect::<Vec<_>>().join(", ")
    )]
    Above {
        /// What is allowed.
        budget: u32,
        /// What it costs.
        monthly: f64,
        /// The most expensive areas.
        most: Vec<(Area, f64)>,
    },
    /// Nobody knows what it costs.
    #[error(
        "spec.budget.monthlyUSD is ${budget}.00, and what this costs is not known: {why}. Leave the budget out, or give the operator a price list (`wpc prices`, --prices)"
    )]
    Unknown {
        /// What is allowed.
        budget: u32,
        /// What is not known.
        why: String,
    },
}

impl Over {
    /// The reason, in conditions and events.
    pub fn reason(&self) -> &'static str {
        match self {
            Over::Above { .. } => "BudgetExceeded",
            Over::Unknown { .. } => "PriceUnknown",
        }
    }
}
