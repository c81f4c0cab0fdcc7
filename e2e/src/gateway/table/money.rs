//! Budgets, which an account has and no region.

use super::{ROW, Reply, Row, Row as R, Tags, create, delete, error, modify, read};
use crate::gateway::protocol::service::BUDGETS;

pub(super) const ROWS: &[Row] = &[R {
    kind: "budgets/budget",
    service: BUDGETS,
    id: "BudgetName",
    reads: &[read("DescribeBudgets", "Budgets/*", &[]), read("DescribeBudget", "Budget", &["BudgetName"])],
    creates: &[create("CreateBudget", "", "Budget.BudgetName", 0)],
    modifies: &[modify("UpdateBudget", "NewBudget.BudgetName", "", 0)],
    deletes: &[delete("DeleteBudget", "BudgetName", 0, Reply::Bare)],
    missing: error(400, "NotFoundException"),
    exists: error(400, "DuplicateRecordException"),
    tags: Tags::Named {
        action: "ListTagsForResource",
        param: "ResourceARN",
        arn: "arn:aws:budgets::{account}:budget/{id}",
        items: "ResourceTags/*",
    },
    ..ROW
}];
