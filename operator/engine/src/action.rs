use crate::{Fault, Id};

/// Whether an action only looks or also changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Describes and lists; allowed in a plan.
    Read,
    /// Everything else.
    Write,
}

/// One call of a cloud's API, by the name its permission has: `ec2:CreateVpc`.
///
/// The permission a deployment needs is generated from these. See "Actions, resources, and condition keys for AWS
/// services" in the Service Authorization Reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Action {
    /// The permission's name, `service:Operation`.
    pub name: &'static str,
    /// Whether it changes something.
    pub access: Access,
}

impl Action {
    /// An action that only looks.
    pub const fn read(name: &'static str) -> Self {
        Self { name, access: Access::Read }
    }

    /// An action that changes something.
    pub const fn write(name: &'static str) -> Self {
        Self { name, access: Access::Write }
    }

    /// The service's part of the name: `ec2`.
    pub fn service(&self) -> &'static str {
        self.name.split_once(':').map_or(self.name, |(service, _)| service)
    }

    /// The operation's part of the name: `CreateVpc`.
    pub fn operation(&self) -> &'static str {
        self.name.split_once(':').map_or(self.name, |(_, operation)| operation)
    }

    /// The id that an answer must carry; an answer without one is a fault of this action.
    pub fn id(&self, id: Option<impl Into<String>>) -> Result<Id, Fault> {
        id.map(|id| Id(id.into())).ok_or_else(|| Fault::unclear(*self, "the answer carries no id"))
    }
}
