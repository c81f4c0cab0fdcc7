//! A budget in AWS Budgets: whoever pays hears of it when the bill, not only the estimate, is above. See "Managing your
//! costs with AWS Budgets" in the AWS Cost Management User Guide.
//!
//! # Caveats
//! It counts what bears the stack's tag, once that tag is activated as a cost allocation tag in the account that pays. The
//! account, not a region, has it.
//!
//! Whom it tells is made with it and is in a tag of ours: notifications would cost three questions to compare.

use std::fmt;

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Key, Kind, State};

/// Reads it, by its name: a list of none does not say so.
pub const DESCRIBE: Action = Action::read("budgets:DescribeBudget");
/// Reads tags.
pub const LIST_TAGS: Action = Action::read("budgets:ListTagsForResource");
/// Makes it, with whom it tells.
pub const CREATE: Action = Action::write("budgets:CreateBudget");
/// Changes it.
pub const UPDATE: Action = Action::write("budgets:UpdateBudget");
/// Writes tags.
pub const TAG: Action = Action::write("budgets:TagResource");
/// Removes it.
pub const DELETE: Action = Action::write("budgets:DeleteBudget");

/// The component.
pub const COMPONENT: &str = "monitoring/budget";

/// The only one that a stack can have.
pub fn key() -> Key {
    Key::of(COMPONENT)
}

/// The path of the change of what may be spent.
pub const LIMIT: &str = "budget.monthlyUSD";
/// The path of the change of whom it tells.
pub const TELLS: &str = "budget.tells";
/// The path of the change of what is counted.
pub const FILTER: &str = "budget.costFilters";

/// The kind.
#[derive(Debug, Clone)]
pub struct Budget;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// How much a month may cost, in US dollars.
    pub monthly_usd: u32,
    /// Who hears of it.
    pub tells: Tells,
    /// What is counted: a tag, as [`filter`] writes it.
    pub filter: String,
}

/// Who hears that a budget is used up, or will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tells {
    /// A person.
    Email(String),
    /// A topic of Amazon SNS.
    Topic(String),
}

impl fmt::Display for Tells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tells::Email(address) | Tells::Topic(address) => f.write_str(address),
        }
    }
}

/// A user's tag as cost filters name it.
pub fn filter(tag: &str, value: &str) -> String {
    format!("user:{tag}${value}")
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its name; its id in its account.
    pub name: Id,
    /// How much a month may cost; AWS writes `900.0`.
    pub limit: String,
    /// What is counted.
    pub filter: String,
    /// Whom it told when it was made.
    pub tells: String,
}

impl Kind for Budget {
    const NAME: &'static str = "budgets/budget";
    const ACTIONS: &'static [Action] = &[DESCRIBE, LIST_TAGS, CREATE, UPDATE, TAG, DELETE];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = Id;

    /// All of it is changed under its name.
    fn variant(_: &Desired) -> Option<String> {
        None
    }

    fn id(have: &Observed) -> Id {
        have.name.clone()
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    fn diff(want: &Desired, Observed { name: _, limit, filter, tells }: &Observed) -> Delta {
        let mut changes = Changes::new();
        // As numbers: AWS writes the same amount in more than one way.
        if limit.parse() != Ok(f64::from(want.monthly_usd)) {
            changes.compare(LIMIT, limit, &want.monthly_usd.to_string(), Disruption::None);
        }
        changes.compare(FILTER, filter, &want.filter, Disruption::None);
        changes.compare(TELLS, tells, &want.tells.to_string(), Disruption::None);
        changes.delta()
    }

    fn state(have: &Observed) -> State<Id> {
        State::Ready(have.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diff_knows_an_amount_however_it_is_written() {
        let tells = Tells::Email("x@example.com".into());
        let want = Desired { monthly_usd: 900, tells, filter: filter("a", "b/c/d") };
        let paths = |limit: &str, filter: &str, tells: &str| {
            let (limit, filter, tells) = (limit.into(), filter.into(), tells.into());
            match Budget::diff(&want, &Observed { name: "n".into(), limit, filter, tells }) {
                Delta::Update(changes) => changes.into_iter().map(|change| change.path).collect(),
                _ => vec![],
            }
        };
        assert!(paths("900", "user:a$b/c/d", "x@example.com").is_empty());
        assert!(paths("900.0", "user:a$b/c/d", "x@example.com").is_empty());
        assert_eq!(paths("90.0", "user:a$b/c/d", "x@example.com"), [LIMIT]);
        assert_eq!(paths("900", "user:a$b/c/d", "y@example.com"), [TELLS]);
        assert_eq!(paths("nothing", "", ""), [LIMIT, FILTER, TELLS]);
    }
}
