//! What watches, and logs: one case for each kind.

use super::hands::Case;
use super::hands::Drift::Field;
use super::hands::Hand::Json;

pub const CASES: &[Case] = &[Case {
    kind: "logs/log-group",
    component: "monitoring/log-web",
    hands: &[Json(
        "logs",
        "PutRetentionPolicy",
        &[],
        r#"{"logGroupName":"{name:monitoring/log-web}","retentionInDays":3}"#,
    )],
    drift: Field("monitoring.logRetentionDays", "3", "30"),
    writes: &[("PutRetentionPolicy", 1)],
}];
