//! One pass over one stack, as the operator and the command line both make it.

use std::collections::BTreeMap;

use wpc_api::WordPressClusterSpec;
use wpc_api::v1alpha1::{DeletionPolicy, DriftPolicy};
use wpc_aws::{Access, Account, Labels};
use wpc_blueprint::preflight::{Check, Needs, permitted};
use wpc_blueprint::{Assembly, Blueprint, Facts, Impossible, Kinds, Stack, assemble};
use wpc_engine::{Fault, Graph, Hold, Memory, Mode, Options, Proposal, Removal, Report};

/// Why there was no pass.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Stop {
    /// AWS could not be asked.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// No stack can be built from the spec.
    #[error(transparent)]
    Impossible(#[from] Impossible),
}

/// Who works on which stack.
#[derive(Clone)]
pub struct Worker {
    /// The stack.
    pub stack: Stack,
    /// The cluster's kube-system uid, or `cli`.
    pub operator: String,
    /// Take over what another operator manages.
    pub adopt: bool,
    /// Whether it may write.
    pub access: Access,
}

impl Worker {
    fn kinds(&self, account: &Account, user: BTreeMap<String, String>) -> Kinds {
        account.kinds(self.labels(user), self.access.clone())
    }

    fn labels(&self, user: BTreeMap<String, String>) -> Labels {
        let Self { stack, operator, adopt, access: _ } = self.clone();
        Labels { stack, operator, user, adopt }
    }
}

/// Moves a stack one step nearer to its spec, or says what would be done.
pub async fn live(
    worker: &Worker,
    spec: &WordPressClusterSpec,
    account: &Account,
    memory: &mut Memory,
    options: &Options<'_>,
) -> Result<(Assembly, Report), Stop> {
    let mut facts = account.facts().await?;
    if let Some(network) = &spec.network.existing {
        facts.subnets = Some(account.subnets(network).await?);
    }
    let blueprint = Blueprint::new(spec.clone(), worker.stack.clone(), &facts)?;
    let kinds = worker.kinds(account, blueprint.tags());
    let assembly = assemble(&blueprint, &kinds);
    let report = wpc_engine::run(&assembly.graph, &kinds.all(), memory, options).await;
    Ok((assembly, report))
}

/// What can be known before the first thing is made; nothing if the stack exists already.
pub async fn preflight(
    worker: &Worker,
    spec: &WordPressClusterSpec,
    account: &Account,
    options: &Options<'_>,
) -> Result<Option<Vec<Check>>, Stop> {
    let looking = Worker { access: Access::ReadOnly, ..worker.clone() };
    let options = Options { mode: Mode::Plan, observer: &|_| (), ..*options };
    // What it doubts is its own matter: the pass that follows has a memory of its own.
    let (_, report) = Box::pin(live(&looking, spec, account, &mut Memory::inherited(), &options)).await?;
    let Some(mut checks) = permitted(&report) else { return Ok(None) };
    let facts = account.facts().await?;
    let blueprint = Blueprint::new(spec.clone(), worker.stack.clone(), &facts)?;
    let labels = worker.labels(blueprint.tags());
    checks.extend(Box::pin(account.preflight(&Needs::of(&blueprint), &labels)).await);
    Ok(Some(checks))
}

/// What would be made of a spec if nothing existed; asks nobody.
pub async fn offline(stack: Stack, spec: &WordPressClusterSpec) -> Result<(Assembly, Report), Impossible> {
    let blueprint = Blueprint::new(spec.clone(), stack, &Facts::assumed(&spec.region))?;
    let kinds = Kinds::offline();
    let assembly = assemble(&blueprint, &kinds);
    let report = wpc_engine::run(&assembly.graph, &kinds.all(), &mut Memory::fresh(), &Options::plan()).await;
    Ok((assembly, report))
}

/// Moves a stack one step nearer to its end. Needs no valid spec.
pub async fn destroy(worker: &Worker, account: &Account, memory: &mut Memory, options: &Options<'_>) -> Report {
    let kinds = worker.kinds(account, BTreeMap::new());
    wpc_engine::run(&Graph::new(), &kinds.all(), memory, options).await
}

/// What a deletion policy lets happen to data. Data is removed only when that was confirmed.
pub fn removal(policy: DeletionPolicy, confirmed: bool) -> Removal {
    match (policy, confirmed) {
        (DeletionPolicy::Retain, _) => Removal::Retain,
        (DeletionPolicy::Delete, true) => Removal::Delete,
        (DeletionPolicy::Snapshot, _) | (DeletionPolicy::Delete, false) => Removal::Snapshot,
    }
}

/// Which wanted steps are not taken: fields that somebody else owns, and, once the spec has been brought about, drift
/// that is only to be reported.
pub fn hold(spec: &WordPressClusterSpec, converged: bool) -> impl Fn(Proposal<'_>) -> Option<Hold> + Send + Sync {
    let ignored = spec.ignore_drift.clone();
    let report = converged && spec.drift_policy == DriftPolicy::Report;
    move |proposal| {
        let owned = proposal.change.is_some_and(|change| {
            let full = format!("{}.{}", proposal.component, change.path);
            ignored.iter().any(|path| covers(path, &change.path) || covers(path, &full))
        });
        match (owned, report) {
            (true, _) => Some(Hold::Ignored),
            (false, true) => Some(Hold::Reported),
            (false, false) => None,
        }
    }
}

/// Whether a path is the given one or lies below it.
fn covers(path: &str, field: &str) -> bool {
    field.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use wpc_api::WordPressCluster;
    use wpc_engine::{Change, Disruption, Verb};

    use super::*;

    #[test]
    fn data_is_removed_only_when_confirmed() {
        let table = [
            (DeletionPolicy::Snapshot, true, Removal::Snapshot),
            (DeletionPolicy::Retain, true, Removal::Retain),
            (DeletionPolicy::Delete, false, Removal::Snapshot),
            (DeletionPolicy::Delete, true, Removal::Delete),
        ];
        for (policy, confirmed, expected) in table {
            assert_eq!(removal(policy, confirmed), expected, "{policy:?} {confirmed}");
        }
    }

    #[test]
    fn a_field_that_somebody_else_owns_is_left() {
        let change =
            |path: &str| Change { path: path.into(), from: "1".into(), to: "2".into(), disruption: Disruption::None };
        let held = |ignored: &str, policy, converged, path: &str| {
            let mut spec = WordPressCluster::fixture().spec;
            spec.ignore_drift = vec![ignored.into()];
            spec.drift_policy = policy;
            let change = change(path);
            let proposal = Proposal { component: "compute/group", verb: Verb::Update, change: Some(&change) };
            hold(&spec, converged)(proposal)
        };
        let correct = DriftPolicy::Correct;
        assert_eq!(held("replicas.max", correct, true, "replicas.max"), Some(Hold::Ignored));
        assert_eq!(held("replicas", correct, true, "replicas.max"), Some(Hold::Ignored));
        assert_eq!(held("compute/group.replicas", correct, true, "replicas.max"), Some(Hold::Ignored));
        assert_eq!(held("replica", correct, true, "replicas.max"), None);
        assert_eq!(held("x", DriftPolicy::Report, true, "replicas.max"), Some(Hold::Reported));
        assert_eq!(held("x", DriftPolicy::Report, false, "replicas.max"), None);
    }
}
