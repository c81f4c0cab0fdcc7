use std::sync::Arc;

use crate::{Clients, Gate, Labels, Leave, Observer};

/// Whether a cloud may be written to now.
#[derive(Clone)]
pub enum Access {
    /// It may not: this is a plan.
    ReadOnly,
    /// It may.
    ReadWrite,
    /// It may with this one's leave: a leader gives it only while its lease outlives the call.
    While(Arc<dyn Fn() -> Option<Leave> + Send + Sync>),
}

/// One stack's view of one account and region. It has the verbs of every kind.
#[derive(Clone)]
pub struct Cloud {
    pub(crate) clients: Clients,
    pub(crate) labels: Labels,
    pub(crate) access: Access,
    pub(crate) gate: Arc<Gate>,
    pub(crate) observer: Arc<Observer>,
}

impl Cloud {
    /// A stack's view. Gate and observer are shared by all stacks of the same account and region.
    pub fn new(clients: Clients, labels: Labels, access: Access, gate: Arc<Gate>, observer: Arc<Observer>) -> Self {
        Self { clients, labels, access, gate, observer }
    }
}
