//! Answers that the SDK takes and that say nothing: they stop in the middle, are empty, or never end.
//!
//! The SDK's XML reader ends quietly where the text does, a list that is missing is an empty one to it, and its
//! paginators ask for as long as there is a token. Read as "nothing there", each would make again what is there.

use std::cell::Cell;
use std::error::Error;
use std::future::Future;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// The most pages of one list. Even the smallest pages show thousands of things by then.
const PAGES: u32 = 200;

/// Questions whose answer may say "none" by saying nothing: a bucket whose versions were never kept, a load balancer
/// without a firewall.
const MAY_BE_EMPTY: [&str; 2] = ["GetBucketVersioning", "GetWebACLForResource"];

tokio::task_local! {
    /// The answers that one call through the gate has had.
    static ANSWERS: Cell<u32>;
}

/// Makes a call, or all the calls of one list, of which there may be only so many.
pub(crate) async fn bounded<F: Future>(request: F) -> F::Output {
    // The SDK's futures are large, and each that wraps one on the stack is larger.
    let request = Box::pin(request);
    match ANSWERS.try_with(|_| ()) {
        // One of a list's.
        Ok(()) => request.await,
        Err(_) => ANSWERS.scope(Cell::new(0), request).await,
    }
}

/// What is wrong with an answer that the SDK takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotUnderstood(&'static str);

/// What this guard said, if it was the one that failed the call.
pub(crate) fn not_understood<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e NotUnderstood> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// Fails calls whose answers say nothing; every client has it.
#[derive(Debug)]
pub(crate) struct Understood;

#[dyn_dispatch_hint]
impl Intercept for Understood {
    fn name(&self) -> &'static str {
        "Understood"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answers = ANSWERS.try_with(|answers| answers.replace(answers.get() + 1)).unwrap_or_default();
        if answers >= PAGES {
            return Err(NotUnderstood("the list has no end").into());
        }
        if context.output_or_error().is_err() {
            return Ok(());
        }
        let operation = config.load::<Metadata>().map(Metadata::name).unwrap_or_default();
        let asks = ["Describe", "List", "Get"].iter().any(|verb| operation.starts_with(verb));
        let asks = asks && !MAY_BE_EMPTY.contains(&operation);
        Ok(whole(context.response().body().bytes().unwrap_or_default(), asks)?)
    }
}

/// Whether an answer is there to its end and, where something was asked, says anything.
fn whole(body: &[u8], asks: bool) -> Result<(), NotUnderstood> {
    // A map of CBOR, which the SDK reads to its end.
    if let [0xa0..=0xbf, ..] = body {
        let empty = matches!(body, [0xa0] | [0xbf, 0xff]);
        return if asks && empty { Err(NotUnderstood("the answer is empty")) } else { Ok(()) };
    }
    let body = body.trim_ascii();
    let content = match body {
        [b'<', ..] => element(body)?,
        [b'{', content @ .., b'}'] => content,
        other => other,
    };
    match asks && content.trim_ascii().is_empty() {
        true => Err(NotUnderstood("the answer is empty")),
        false => Ok(()),
    }
}

/// What the root of an XML text holds.
fn element(text: &[u8]) -> Result<&[u8], NotUnderstood> {
    let cut = NotUnderstood("the answer stops in the middle");
    let end = |text: &[u8]| text.iter().position(|byte| *byte == b'>').ok_or(cut.clone());
    let mut rest = text;
    while rest.starts_with(b"<?") || rest.starts_with(b"<!") {
        rest = rest[end(rest)? + 1..].trim_ascii_start();
    }
    let start = end(rest)?;
    let tag = &rest[..start];
    if tag.ends_with(b"/") {
        return Ok(&[]);
    }
    let name = tag.get(1..).unwrap_or_default().split(u8::is_ascii_whitespace).next().unwrap_or_default();
    let inner = rest[start + 1..].strip_suffix(b">").map(<[u8]>::trim_ascii_end);
    let inner = inner.and_then(|inner| inner.strip_suffix(name)?.strip_suffix(b"</"));
    inner.ok_or(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_is_told_from_what_says_that_nothing_is_there() {
        let cut = Err(NotUnderstood("the answer stops in the middle"));
        let empty = Err(NotUnderstood("the answer is empty"));
        let table = [
            ("<A><set/></A>", Ok(())),
            ("<?xml version=\"1.0\"?>\n<!-- x -->\n<A xmlns=\"y\"><set/></A >\n", Ok(())),
            ("{\"FileSystems\": []}", Ok(())),
            ("<A><set><item>", cut.clone()),
            ("<A><set><item></item></set>", cut.clone()),
            ("<A", cut),
            ("<A/>", empty.clone()),
            ("<A xmlns=\"y\"> </A>", empty.clone()),
            ("{ }", empty.clone()),
            (" ", empty),
        ];
        for (text, expected) in table {
            assert_eq!(whole(text.as_bytes(), true), expected, "{text}");
        }
        assert_eq!(whole(&[0xa1, 0x61, b'a', 0x80], true), Ok(()));
        assert_eq!(whole(&[0xa0], false), Ok(()));
        for empty in [&[0xa0][..], &[0xbf, 0xff]] {
            assert_eq!(whole(empty, true), Err(NotUnderstood("the answer is empty")));
        }
        for text in ["", "{}", "<A/>"] {
            assert_eq!(whole(text.as_bytes(), false), Ok(()), "a write need not say anything: {text}");
        }
        assert!(whole(b"<A><id>", false).is_err(), "a write's answer, too, is read to its end");
    }
}
