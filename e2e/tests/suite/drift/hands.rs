//! What somebody does by hand, as data: calls past the operator and past the gateway.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use wpc_api::WordPressCluster;
use wpc_e2e::stage::Stage;

use super::id_of;

/// One kind's drift. In all texts `{a/component}` stands for what AWS calls that component, and `{name:a/component}` for
/// the name at the end of its ARN.
pub struct Case {
    /// The kind, by the product's name.
    pub kind: &'static str,
    /// The component that somebody changes.
    pub component: &'static str,
    /// What is done to it.
    pub hands: &'static [Hand],
    /// What the operator says: path, found and wanted, or that it was missing.
    pub drift: Drift,
    /// The writes that correct it.
    pub writes: &'static [(&'static str, usize)],
}

/// How a thing differs.
pub enum Drift {
    /// A field: path, found, wanted.
    Field(&'static str, &'static str, &'static str),
    /// It was deleted.
    Missing,
}

/// One call by hand: service, action, parameters.
pub enum Hand {
    /// With flat parameters.
    Call(&'static str, &'static str, &'static [(&'static str, &'static str)]),
    /// With a body of JSON.
    Json(&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str),
    /// With a body, as it is.
    Body(&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str),
    /// A configuration of CloudFront's: how it is read and written, of which component, and what is replaced by what.
    Config([&'static str; 2], &'static str, [&'static str; 2]),
    /// Something of AWS WAF's: how it is read and written, of which component, and what is replaced by what.
    Firewall([&'static str; 2], &'static str, [&'static str; 2]),
}

/// The texts of a case with AWS's ids in them.
pub struct Names<'o>(pub &'o WordPressCluster);

impl Names<'_> {
    fn of(&self, text: &str) -> Result<String> {
        let components = self.0.status.iter().flat_map(|status| &status.components);
        let named = components.fold(text.to_owned(), |text, component| {
            let id = component.id.as_deref().unwrap_or("(no id)");
            let name = id.rsplit(':').next().unwrap_or(id);
            text.replace(&format!("{{{}}}", component.name), id).replace(&format!("{{name:{}}}", component.name), name)
        });
        ensure!(!named.contains("(no id)"), "{text}: a component has no id");
        Ok(named)
    }

    fn params(&self, params: &[(&'static str, &str)]) -> Result<Vec<(&'static str, String)>> {
        params.iter().map(|(name, value)| Ok((*name, self.of(value)?))).collect()
    }

    /// What the operator says of this drift, without the component.
    pub fn said(&self, drift: &Drift) -> Result<String> {
        let Drift::Field(path, found, wanted) = drift else { return Ok("was missing".to_owned()) };
        // Sets are shown in order.
        let sorted = |text: &str| -> Result<String> {
            Ok(self.of(text)?.split(',').collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(","))
        };
        Ok(format!("{path} found {}, wanted {}", sorted(found)?, sorted(wanted)?))
    }
}

impl Case {
    /// Does it.
    pub async fn act(&self, stage: &Stage, names: &Names<'_>) -> Result<()> {
        for hand in self.hands {
            hand.act(stage, names).await.with_context(|| format!("by hand, for {}", self.kind))?;
        }
        Ok(())
    }
}

impl Hand {
    /// Does it.
    pub async fn act(&self, stage: &Stage, names: &Names<'_>) -> Result<()> {
        let (cloud, account) = (&stage.harness.cloud, &stage.harness.account);
        match self {
            Self::Firewall([get, put], component, [from, to]) => {
                let arn = id_of(names.0, component)?;
                let [id, name, ..] = arn.rsplit('/').collect::<Vec<_>>()[..] else { bail!("no ARN: {arn}") };
                let scope = if arn.contains(":global/") { "CLOUDFRONT" } else { "REGIONAL" };
                let named = json!({ "Name": name, "Scope": scope, "Id": id });
                let answer = cloud.send(account, ("wafv2", get), &[], &named.to_string(), None).await?;
                let answer: Value = serde_json::from_slice(&answer.body)?;
                let mut wanted = named;
                wanted["LockToken"] = answer["LockToken"].clone();
                let thing = answer.get("WebACL").or(answer.get("IPSet")).context("nothing there")?;
                for part in ["DefaultAction", "Rules", "VisibilityConfig", "Addresses"] {
                    if let Some(part_of) = thing.get(part) {
                        wanted[part] = part_of.clone();
                    }
                }
                let body = wanted.to_string();
                ensure!(body.contains(from), "there is no {from} in {body}");
                cloud.send(account, ("wafv2", put), &[], &body.replace(from, to), None).await.map(drop)
            }
            Self::Call(service, action, params) => {
                let params = names.params(params)?;
                let params: Vec<_> = params.iter().map(|(name, value)| (*name, value.as_str())).collect();
                cloud.send(account, (service, action), &params, "", None).await.map(drop)
            }
            Self::Json(service, action, params, body) | Self::Body(service, action, params, body) => {
                let params = names.params(params)?;
                let params: Vec<_> = params.iter().map(|(name, value)| (*name, value.as_str())).collect();
                cloud.send(account, (service, action), &params, &names.of(body)?, None).await.map(drop)
            }
            Self::Config([get, put], component, [from, to]) => {
                let id = id_of(names.0, component)?;
                let params = [("Id", id.as_str())];
                let answer = cloud.send(account, ("cloudfront", get), &params, "", None).await?;
                let etag = answer.headers.get("etag").and_then(|etag| etag.to_str().ok()).context("no ETag")?;
                let config = String::from_utf8_lossy(&answer.body);
                ensure!(config.contains(from), "there is no {from} in {config}");
                cloud.send(account, ("cloudfront", put), &params, &config.replace(from, to), Some(etag)).await.map(drop)
            }
        }
    }
}
