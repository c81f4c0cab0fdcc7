//! What clients see of the cloud's answers: AWS's states, nothing that is too new, and errors for ids that are not there.

use anyhow::Result;

use super::engine::Engine;
use super::lifecycle;
use super::protocol::answer::Refusal;
use super::protocol::service::{EC2, ELB, SCALING};
use super::protocol::{Answer, Request, Scope, Tree};
use super::table::{self, Read, Row};

impl Engine {
    /// Shows what the cloud answers as AWS would; a refusal when something asked for by id is not there (yet).
    pub(super) fn rewrite(&self, request: &Request, answer: &mut Answer) -> Option<Answer> {
        let (service, action) = (request.service.as_str(), request.action.as_str());
        let shown = table::reads(service, action).map(|(row, read)| (row, read.items, Some(read)));
        let made = table::creates(service, action).map(|(row, create)| (row, create.items, None));
        let changed = table::modifies(service, action).map(|(row, modify)| (row, modify.items, None));
        // An empty path is the whole answer; only a document that says its id is an item.
        let all: Vec<_> = shown.chain(made).chain(changed).collect();
        if all.is_empty() {
            return None;
        }
        let mut tree = answer.tree()?;
        let before = tree.clone();
        for (row, items, read) in all {
            if let Some(refusal) = self.dress(row, items, read, request, &mut tree) {
                return Some(Answer::refusal(request, &refusal));
            }
        }
        if tree != before {
            answer.put(&tree);
        }
        None
    }

    fn dress(
        &self,
        row: &'static Row,
        path: &str,
        read: Option<&Read>,
        request: &Request,
        tree: &mut Tree,
    ) -> Option<Refusal> {
        let (now, scope) = (self.clock.now(), &request.scope);
        let mirror = read.and_then(|read| read.mirror.as_ref());
        let states = mirror.map_or(row.states, |mirror| Some(mirror.states));
        let wanted =
            states.filter(|states| !states.filter.is_empty()).and_then(|states| request.params.filter(states.filter));
        let asked = read.into_iter().flat_map(|read| read.ask);
        let mut asked: Vec<(&str, &str)> =
            asked.flat_map(|by| request.params.list(by).into_iter().map(move |asked| (*by, asked))).collect();
        tree.visit(path, &mut |item| {
            let id = mirror.map_or_else(|| row.id_of(item), |mirror| item.text(mirror.id));
            let Some(id) = id else { return true };
            let key = lifecycle::key(row, scope, &id);
            if read.is_some() && !self.lifecycle.is_visible(&key, now) {
                return false;
            }
            asked.retain(|(_, asked)| !row.means(asked, item));
            let (Some(states), Some(look)) = (states, self.lifecycle.look(&key, now)) else { return true };
            lifecycle::dress(&states, &look, item);
            // The cloud has filtered by its own states, which are ahead of AWS's.
            wanted
                .as_ref()
                .is_none_or(|wanted| item.text(states.path).is_none_or(|state| wanted.contains(&state.as_str())))
        });
        let (by, absent) = asked.first()?;
        let by_name = row.missing_name.filter(|_| by.ends_with("Name"));
        let error = by_name.or(row.missing).filter(|_| mirror.is_none())?;
        Some(Refusal::new(error.status, error.code, format!("{} {absent} does not exist.", row.kind)))
    }

    /// A thing as clients see it, new or not; all of its kind where there is nothing to ask by.
    pub async fn look(&self, row: &'static Row, ask: &str, id: &str, scope: &Scope) -> Result<Vec<Tree>> {
        let read = row.reads.iter().find(|read| read.ask.contains(&ask)).unwrap_or(&row.reads[0]);
        let name = match row.service {
            EC2 => format!("{ask}.1"),
            ELB | SCALING if ask.ends_with('s') => format!("{ask}.member.1"),
            _ => ask.to_owned(),
        };
        let asked = [(name.as_str(), id)];
        let request = Request::build(row.service, read.action, if ask.is_empty() { &[] } else { &asked }, scope)?;
        let answer = self.upstreams.forward(&request).await?;
        let (Some(tree), true) = (answer.tree(), answer.ok()) else { return Ok(Vec::new()) };
        let mut items = tree.items(read.items);
        if read.ask.contains(&ask) {
            items.retain(|item| row.means(id, item));
        }
        self.validate_items(row, &mut items, scope).await?;
        for item in &mut items {
            let Some(id) = row.id_of(item) else { continue };
            let look = self.lifecycle.look(&lifecycle::key(row, scope, &id), self.clock.now());
            if let (Some(states), Some(look)) = (row.states, look) {
                lifecycle::dress(&states, &look, item);
            }
        }
        Ok(items)
    }
}
