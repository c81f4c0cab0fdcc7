//! What the cloud does not hear: a parameter that is accepted and changes nothing.

use std::borrow::Cow;
use std::sync::{PoisonError, RwLock};

use super::protocol::Request;

/// An action and a parameter of its form; with what lies below it.
type Unheard = (&'static str, &'static str);

/// The parameters that are left out on their way to the cloud.
#[derive(Debug, Default)]
pub struct Deaf(RwLock<Vec<Unheard>>);

impl Deaf {
    /// From now on these, in place of those before.
    pub fn set(&self, unheard: &[Unheard]) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = unheard.to_vec();
    }

    /// The request as the cloud hears it.
    pub fn hears<'r>(&self, request: &'r Request) -> Cow<'r, Request> {
        let deaf = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let unheard: Vec<_> =
            deaf.iter().filter(|(action, _)| *action == request.action).map(|(_, name)| name).collect();
        if unheard.is_empty() {
            return Cow::Borrowed(request);
        }
        let below =
            |name: &str, of: &str| name.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let heard = |(name, _): &(Cow<'_, str>, Cow<'_, str>)| !unheard.iter().any(|of| below(name, of));
        let form = form_urlencoded::parse(&request.body).filter(heard);
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        Cow::Owned(Request { body: body.into(), ..request.clone() })
    }
}
