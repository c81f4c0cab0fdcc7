//! The record by which ACM knows that a name is ours. See "DNS validation" in the AWS Certificate Manager User Guide.
//!
//! ACM asks for the same record for every certificate of a name in an account, whichever stack or region wants it. So it
//! belongs to all who need it: the TXT record beside it names each of them, and the last to leave takes it away. That TXT
//! record is replaced as a whole, and only if it is as it was read: whoever comes second looks again.

use wpc_engine::{Action, Changes, Delta, Disruption, Id, Identity, Kind, State};

use super::{CHANGE_RECORDS, LIST_RECORDS, LIST_ZONES};
use crate::certificate::Cname;

/// The path of the change of its value.
pub const VALUE: &str = "dns.validation";

/// The component of a name's record.
pub fn component(domain: &str) -> String {
    format!("dns/validation-{domain}")
}

/// The component of such a record, by the record's name.
pub fn component_of(record: &str) -> Option<String> {
    let (label, domain) = record.split_once('.')?;
    label.starts_with('_').then(|| component(domain))
}

/// The kind.
#[derive(Debug, Clone)]
pub struct Validation;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The hosted zone.
    pub zone: Id,
    /// The record.
    pub cname: Cname,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The record's name.
    pub name: String,
    /// Its value, if it is there.
    pub value: Option<String>,
}

impl Kind for Validation {
    const NAME: &'static str = "route53/validation";
    const ACTIONS: &'static [Action] = &[LIST_ZONES, LIST_RECORDS, CHANGE_RECORDS];
    const IDENTITY: Identity = Identity::Name;
    type Desired = Desired;
    type Observed = Observed;
    type Output = ();

    /// The zone itself: where the record is must be known from the key.
    fn variant(Desired { zone, cname: _ }: &Desired) -> Option<String> {
        Some(zone.0.clone())
    }

    fn id(have: &Observed) -> Id {
        Id(have.name.clone())
    }

    fn holds(_: &Observed) -> Vec<Id> {
        vec![]
    }

    fn diff(Desired { zone: _, cname }: &Desired, Observed { name: _, value }: &Observed) -> Delta {
        let mut changes = Changes::new();
        changes.compare(VALUE, value, &Some(cname.value.clone()), Disruption::None);
        changes.delta()
    }

    fn state(_: &Observed) -> State<()> {
        State::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_value_is_compared_and_its_name_says_whose_it_is() {
        let cname = Cname { name: "_a1.www.example.com".into(), value: "_b2.acm-validations.aws".into() };
        let want = Desired { zone: "Z1".into(), cname: cname.clone() };
        let have = |value: Option<&str>| Observed { name: cname.name.clone(), value: value.map(Into::into) };
        assert_eq!(Validation::diff(&want, &have(Some("_b2.acm-validations.aws"))), Delta::Same);
        for value in [None, Some("elsewhere")] {
            assert!(matches!(Validation::diff(&want, &have(value)), Delta::Update(list) if list[0].path == VALUE));
        }
        assert_eq!(component_of(&cname.name), Some(component("www.example.com")));
        assert_eq!(component_of("www.example.com"), None);
    }
}
