//! Everything that exists in the cloud, found without product code: every kind of the gateway's table, unfiltered.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::gateway::protocol::{Answer, Protocol, Request, Scope, Tree, service};
use crate::gateway::record::STACK_TAG;
use crate::gateway::table::{self, Row, Tags};
use crate::gateway::upstream::Upstreams;

/// The tag that says which component of its stack a thing is.
pub const COMPONENT_TAG: &str = "wordpresscluster.dev/component";

/// One thing in the cloud.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Item {
    /// Kind, as in the gateway's table.
    pub kind: String,
    /// AWS's id.
    pub id: String,
    /// Name, or the id once more.
    pub name: String,
    /// Stack tag, its own or of what it is part of.
    pub stack: Option<String>,
    /// Component tag.
    pub component: Option<String>,
    /// State, where the kind has one.
    pub state: Option<String>,
}

impl Item {
    /// Does AWS provide it? moto makes a default parameter group when somebody first needs it, and Auto Scaling keeps
    /// the alarms of its policies.
    pub fn is_provided(&self) -> bool {
        (self.kind.ends_with("/parameter-group") && self.name.starts_with("default."))
            || (self.kind == "cloudwatch/alarm" && self.name.starts_with("TargetTracking-"))
    }
}

/// The whole cloud, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory(pub Vec<Item>);

impl Inventory {
    /// How many there are of each kind.
    pub fn counts(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for item in &self.0 {
            *counts.entry(item.kind.as_str()).or_default() += 1;
        }
        counts
    }

    /// What is not in another: what a test made, without what the cloud had from the start or provides by itself.
    #[must_use]
    pub fn minus(&self, before: &Self) -> Self {
        let known: BTreeSet<_> = before.0.iter().map(|item| (&item.kind, &item.id)).collect();
        self.only(|item| !item.is_provided() && !known.contains(&(&item.kind, &item.id)))
    }

    /// What belongs to a stack.
    #[must_use]
    pub fn of_stack(&self, stack: &str) -> Self {
        self.only(|item| item.stack.as_deref() == Some(stack))
    }

    /// What carries a component tag: what an operator made, not what the cloud added to it.
    #[must_use]
    pub fn tagged(&self) -> Self {
        self.only(|item| item.component.is_some())
    }

    /// What is of a kind.
    #[must_use]
    pub fn of_kind(&self, kind: &str) -> Self {
        self.only(|item| item.kind == kind)
    }

    /// What a test keeps.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&Item) -> bool) -> Self {
        Self(self.0.iter().filter(|item| keep(item)).cloned().collect())
    }

    /// Every id, by kind.
    pub fn ids(&self) -> BTreeSet<(&str, &str)> {
        self.0.iter().map(|item| (item.kind.as_str(), item.id.as_str())).collect()
    }
}

/// Lists the whole cloud of one account, in one region.
pub async fn inventory(clouds: &Upstreams, scope: &Scope) -> Result<Inventory> {
    let lister = Lister { clouds, scope };
    let mut found: HashMap<&str, Vec<Tree>> = HashMap::new();
    for row in table::rows() {
        found.insert(row.kind, lister.all(row).await?);
    }
    let mut items = Vec::new();
    for row in table::rows() {
        for tree in &found[row.kind] {
            let tags = lister.tags(row, tree).await?;
            items.push((row, tree, item(row, tree, &tags)?));
        }
    }
    let stacks: HashMap<(String, String), String> = items
        .iter()
        .filter_map(|(_, _, item)| Some(((item.kind.clone(), item.id.clone()), item.stack.clone()?)))
        .collect();
    let mut items: Vec<Item> = items
        .into_iter()
        .map(|(row, tree, mut item)| {
            if let (None, Some((kind, path))) = (&item.stack, row.owner) {
                let owner = tree.text(path).unwrap_or_default();
                item.stack = stacks.get(&(kind.to_owned(), owner)).cloned();
            }
            item
        })
        .collect();
    items.sort();
    Ok(Inventory(items))
}

fn item(row: &'static Row, tree: &Tree, tags: &BTreeMap<String, String>) -> Result<Item> {
    let id = row.id_of(tree).with_context(|| format!("{} without an id: {tree:?}", row.kind))?;
    Ok(Item {
        kind: row.kind.into(),
        name: row.name_of(tree).unwrap_or_else(|| id.clone()),
        id,
        stack: tags.get(STACK_TAG).cloned(),
        component: tags.get(COMPONENT_TAG).cloned(),
        state: row.states.and_then(|states| tree.text(states.path)),
    })
}

/// Tags by name: a list of pairs, or one map.
fn pairs(items: &[Tree]) -> BTreeMap<String, String> {
    let part = |item: &Tree, names: [&str; 3]| names.iter().find_map(|name| item.text(name));
    let pair = |item: &Tree| Some((part(item, ["Key", "key", "TagKey"])?, part(item, ["Value", "value", "TagValue"])?));
    let map = items.iter().filter(|item| pair(item).is_none()).filter_map(Tree::object).flatten();
    let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    items.iter().filter_map(pair).chain(map.filter_map(text)).collect()
}

/// Where an answer says there is more, and the parameter that asks for it.
const MORE: &[(&str, &str)] =
    &[("nextToken", "NextToken"), ("NextToken", "NextToken"), ("NextMarker", "Marker"), ("Marker", "Marker")];

/// Lists what is in the cloud of one account, in one region.
pub(crate) struct Lister<'a> {
    pub(crate) clouds: &'a Upstreams,
    pub(crate) scope: &'a Scope,
}

impl Lister<'_> {
    async fn call(&self, service: &str, action: &str, params: &[(&str, &str)]) -> Result<Answer> {
        let request = Request::build(service, action, params, &self.scope.home(service))?;
        self.clouds.forward(&request).await
    }

    /// All items of a kind, page by page, without those that AWS only remembers.
    async fn list(&self, row: &'static Row, under: &[(&str, &str)]) -> Result<Vec<Tree>> {
        let read = &row.reads[0];
        let mut items = self.pages(row.service, read.action, read.items, &[under, read.with].concat()).await?;
        items.retain(row.only);
        if let Some(states) = row.states.filter(|states| !states.gone.is_empty()) {
            items.retain(|item| item.text(states.path).as_deref() != Some(states.gone));
        }
        let Some(ended) = row.ended else { return Ok(items) };
        let mut left = Vec::new();
        for item in items {
            let id = row.id_of(&item).unwrap_or_default();
            let told = self.call(row.service, ended.action, &[(ended.param, &id)]).await?.tree();
            let says = |(path, value): &(&str, &str)| {
                told.as_ref().and_then(|told| told.text(path)).as_deref() == Some(*value)
            };
            if !ended.says.iter().any(says) {
                left.push(item);
            }
        }
        Ok(left)
    }

    /// All items of a kind, also where AWS lists them per parent.
    pub(crate) async fn all(&self, row: &'static Row) -> Result<Vec<Tree>> {
        let Some(under) = row.under else {
            let mut all = Vec::new();
            for question in row.questions() {
                all.extend(self.list(row, &question).await?);
            }
            return Ok(all);
        };
        let parent = table::row(under.kind).context("no such parent")?;
        let mut all = Vec::new();
        for id in Box::pin(self.all(parent)).await?.iter().filter_map(|item| parent.id_of(item)) {
            all.extend(self.list(row, &[(under.param, &id)]).await?);
        }
        Ok(all)
    }

    /// The items at a path of an action's answers, page by page.
    pub(crate) async fn pages(
        &self,
        service: &str,
        action: &str,
        path: &str,
        under: &[(&str, &str)],
    ) -> Result<Vec<Tree>> {
        let (mut items, mut page): (Vec<Tree>, Option<(&str, String)>) = (Vec::new(), None);
        loop {
            let more = page.as_ref().map(|(name, token)| (*name, token.as_str()));
            let params: Vec<_> = under.iter().copied().chain(more).collect();
            let answer = self.call(service, action, &params).await?;
            if !answer.ok() {
                let (code, message) = (answer.error_code(), answer.error_message());
                bail!("{action} {params:?}: {} {code:?} {message:?}", answer.status);
            }
            let tree = answer.tree().with_context(|| format!("{action} answers no document"))?;
            items.extend(tree.items(path));
            let result = path.split('/').next().filter(|part| part.ends_with("Result")).unwrap_or_default();
            // JSON services want the token back under the name that they gave it.
            let json = service::find(service)
                .is_some_and(|service| matches!(service.protocol, Protocol::Json | Protocol::Cbor));
            let next = MORE.iter().find_map(|(path, name)| {
                let token = tree.text(&format!("{result}/{path}")).filter(|token| !token.is_empty())?;
                Some((if json { *path } else { *name }, token))
            });
            if next.is_none() || next == page {
                return Ok(items);
            }
            page = next;
        }
    }

    async fn asked(
        &self,
        row: &'static Row,
        (action, param, of): (&str, &str, &str),
        items: &str,
    ) -> Result<BTreeMap<String, String>> {
        let answer = self.call(row.service, action, &[(param, of)]).await?;
        let tree = answer.tree().filter(|_| answer.ok());
        Ok(tree.map(|tree| pairs(&tree.items(items))).unwrap_or_default())
    }

    async fn tags(&self, row: &'static Row, item: &Tree) -> Result<BTreeMap<String, String>> {
        match row.tags {
            Tags::None => Ok(BTreeMap::new()),
            Tags::Inside(path) => Ok(pairs(&item.items(path))),
            Tags::Asked { action, param, of, items } => {
                let provided = row.name_of(item).is_some_and(|name| name.starts_with("default"));
                let Some(of) = item.text(of).filter(|of| !of.is_empty() && !provided) else {
                    return Ok(BTreeMap::new());
                };
                self.asked(row, (action, param, &of), items).await
            }
            Tags::Named { action, param, arn, items } => {
                let id = row.id_of(item).unwrap_or_default();
                let arn = arn.replace("{account}", &self.scope.access_key).replace("{id}", &id);
                self.asked(row, (action, param, &arn), items).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::tests::fake::Fake;

    const STACK: &str = "default/ns/a";

    async fn recorded() -> Inventory {
        let cloud = Fake::start().await;
        inventory(&Upstreams::new(&cloud.url(), &BTreeMap::new()).unwrap(), &Scope::new("eu-central-1")).await.unwrap()
    }

    #[tokio::test]
    async fn every_kind_of_the_recorded_cloud_is_found() {
        let all = recorded().await;
        // The recorded restore job has ended.
        let kinds = table::rows().map(|row| row.kind).filter(|kind| *kind != "backup/restore-job");
        let kinds: BTreeSet<&str> = kinds.collect();
        assert_eq!(all.counts().into_keys().collect::<BTreeSet<_>>(), kinds);
        assert!(all.0.is_sorted());
        let ours = all.of_stack(STACK);
        // Not of a stack: what CloudFront keeps no tags of, dashboards, and what the cloud itself makes (default networks and groups).
        let missing: Vec<_> = kinds.into_iter().filter(|kind| ours.of_kind(kind).0.is_empty()).collect();
        let expected = [
            "cloudfront/cache-policy",
            "cloudfront/origin-access-control",
            "cloudwatch/dashboard",
            "route53/hosted-zone",
            "route53/record",
        ];
        assert_eq!(missing, expected);
        assert_eq!(ours.of_kind("ec2/subnet").0.len(), 2);
        assert_eq!(all.of_kind("ec2/subnet").0.len(), 5);
        let target = &ours.of_kind("efs/mount-target").0[0];
        assert_eq!(
            (target.component.as_deref(), target.state.as_deref()),
            (None, Some("available")),
            "its file system's"
        );
        let database = &ours.of_kind("rds/instance").tagged().0[0];
        assert_eq!((database.id.as_str(), database.component.as_deref()), ("db-a", Some("x/y")));
    }

    #[tokio::test]
    async fn minus_leaves_what_is_new() {
        let after = recorded().await;
        let before = after.only(|item| item.stack.is_none());
        let made = after.minus(&before);
        assert_eq!(made.ids(), after.of_stack(STACK).ids());
        assert!(after.0.iter().any(Item::is_provided));
        assert!(!after.minus(&Inventory::default()).0.iter().any(Item::is_provided));
        assert_eq!(after.minus(&after), Inventory::default());
    }

    #[tokio::test]
    async fn a_list_that_fails_fails_the_inventory() {
        let cloud = Fake::start().await;
        cloud.put("DescribeSubnets", 500, "");
        let clouds = Upstreams::new(&cloud.url(), &BTreeMap::new()).unwrap();
        let error = inventory(&clouds, &Scope::new("eu-central-1")).await.unwrap_err();
        assert!(error.to_string().contains("DescribeSubnets"), "{error}");
    }

    #[tokio::test]
    async fn lists_are_read_to_their_last_page_and_remembered_things_left_out() {
        let cloud = Fake::start().await;
        let page = |id: &str, state: &str, more: &str| {
            format!(
                "<R><natGatewaySet><item><natGatewayId>{id}</natGatewayId><state>{state}</state></item></natGatewaySet>{more}</R>"
            )
        };
        cloud.put("DescribeNatGateways", 200, &page("nat-1", "available", "<nextToken>more</nextToken>"));
        cloud.after("DescribeNatGateways", "DescribeNatGateways", &page("nat-2", "deleted", ""));
        let clouds = Upstreams::new(&cloud.url(), &BTreeMap::new()).unwrap();
        let all = inventory(&clouds, &Scope::new("eu-central-1")).await.unwrap();
        assert_eq!(all.of_kind("ec2/nat-gateway").ids(), BTreeSet::from([("ec2/nat-gateway", "nat-1")]));
        assert_eq!(cloud.count("DescribeNatGateways"), 2);
        assert_eq!(cloud.last("DescribeNatGateways").unwrap().params.get("NextToken"), Some("more"));
    }
}
