//! The old that must go before the new can come: it and all that holds it goes at once, not after all is ready.

use crate::Graph;
use crate::erased::Item;
use crate::report::{Outcome, Verb};
use crate::state::State;
use crate::step::Advance;
use crate::sweep::claimed;
use crate::world::{World, foreign, labels, same};

/// Answers what is to go to make room: everything in the way of a node, if all that holds it may go with it. That is
/// what nobody claims, and what only nodes claim that cannot be as wanted before the new thing is there.
///
/// What a node loses by this, it no longer claims.
pub(crate) fn make_room(world: &World<'_>, graph: &Graph, advanced: &mut [Advance]) -> Vec<Item> {
    let mut going: Vec<Item> = vec![];
    for index in 0..advanced.len() {
        if advanced[index].in_the_way.is_empty() {
            continue;
        }
        let old = advanced[index].in_the_way.iter();
        let all = world.all_holders(old);
        let below = graph.below(index);
        let stays = |item: &&&Item| {
            let name = &item.key.name;
            let may = |verb| world.held(name, verb, None).is_none();
            let given = match advanced.iter().position(|advance| claimed(item, advance)) {
                Some(owner) => below[owner] && may(Verb::Create),
                None => true,
            };
            let goes = !world.options.removal.keeps(item.data) && may(Verb::Delete);
            foreign(item) || !given || !(goes || matches!(item.state, State::Leaving))
        };
        let staying = labels(all.iter().filter(stays).copied());
        let all: Vec<Item> = all.into_iter().cloned().collect();
        if staying.is_empty() {
            going.extend(all);
        } else if world.applying() {
            advanced[index].outcome = Outcome::Held { by: staying };
        }
    }
    for advance in advanced {
        if let Some(item) = advance.item.take_if(|item| going.iter().any(|other| same(item, other)))
            && !world.applying()
        {
            *advance = Advance::planned(item.key);
        }
    }
    going
}
