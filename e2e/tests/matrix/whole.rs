//! The whole matrix: every call of every chapter, at every moment. `make test-all`.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::Result;
use futures::{StreamExt, TryStreamExt, stream};
use wpc_e2e::gateway::StopAfter;

use crate::chapters::{Chapter, edits};
use crate::fate::{Fate, Told, Ways};
use crate::life::Life;
use crate::sites::small;
use crate::wire::Trouble;

/// What happens at one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    /// The operator dies with it, before the answer.
    DiesBeforeAnswer,
    /// The operator dies with it, after the answer.
    DiesAfterAnswer,
    /// The operator dies before this write to Kubernetes.
    DiesBeforeKubernetes,
    /// The call fails.
    Fails,
    /// The answer is lost.
    AnswerLost,
}

const MOMENTS: [Moment; 5] = [
    Moment::DiesBeforeAnswer,
    Moment::DiesAfterAnswer,
    Moment::DiesBeforeKubernetes,
    Moment::Fails,
    Moment::AnswerLost,
];

impl Moment {
    /// How many calls of a chapter there are to meet. A read changes nothing, so that after its answer is before the
    /// next call, and its lost answer is a failure.
    fn calls(self, told: &Told) -> u64 {
        match self {
            Self::DiesBeforeAnswer | Self::Fails => told.calls as u64,
            Self::DiesAfterAnswer | Self::AnswerLost => told.writes as u64,
            Self::DiesBeforeKubernetes => told.kubernetes,
        }
    }

    fn trouble(self, n: u64) -> Option<Trouble> {
        match self {
            Self::Fails => Some(Trouble::Nth { n, lost: false, writes: false }),
            Self::AnswerLost => Some(Trouble::Nth { n, lost: true, writes: true }),
            Self::DiesBeforeAnswer | Self::DiesAfterAnswer | Self::DiesBeforeKubernetes => None,
        }
    }

    /// The second operator of every other cell dies too, while it repairs.
    fn fate(self, n: u64, operator: usize) -> Fate {
        match (self, operator) {
            (Self::DiesBeforeAnswer, 0) => Fate::Call(StopAfter::call(n)),
            (Self::DiesAfterAnswer, 0) => Fate::Call(StopAfter::write(n).answered()),
            (Self::DiesBeforeKubernetes, 0) => Fate::Kubernetes(n),
            (Self::DiesBeforeAnswer | Self::DiesAfterAnswer, 1) if n.is_multiple_of(2) => {
                Fate::Call(StopAfter::write(1 + n % 5))
            }
            _ => Fate::Spared,
        }
    }
}

/// Each chapter without any trouble: its calls are the matrix's columns.
async fn reference() -> Result<BTreeMap<&'static str, Told>> {
    let mut life = Life::new("reference", &Ways::instant()).await?;
    let mut told = BTreeMap::new();
    let edits = edits().into_iter().flat_map(|(forth, back)| [forth, back]);
    for chapter in [Chapter::Create(small()?)].into_iter().chain(edits).chain([Chapter::Delete]) {
        told.insert(chapter.name(), life.live(&chapter, |_| Fate::Spared).await?);
    }
    Ok(told)
}

/// Chapters that lead back to where they began, and the cells that they are lived through for.
struct Loop {
    chapters: [Chapter; 2],
    cells: Vec<(Moment, u64)>,
}

/// Lives through two chapters for each cell, in one site.
async fn live(one: Loop) -> Result<usize> {
    let Loop { chapters, cells } = one;
    let mut life = Life::new("", &Ways::instant()).await?;
    let edited = !matches!(chapters[0], Chapter::Create(_));
    if edited {
        life.live(&Chapter::Create(small()?), |_| Fate::Spared).await?;
    }
    let lived = cells.len();
    for (moment, n) in cells {
        life.rename(format!("{moment:?} {n}"));
        for chapter in &chapters {
            life.wire().set(moment.trouble(n));
            life.live(chapter, |operator| moment.fate(n, operator)).await?;
        }
    }
    Ok(lived)
}

/// Cells that one site lives through; a site of its own for so many.
const CELLS: usize = 25;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes long: make test-all"]
async fn every_call_at_every_moment() -> Result<()> {
    let began = Instant::now();
    let reference = reference().await?;
    let pairs = [(Chapter::Create(small()?), Chapter::Delete)].into_iter().chain(edits());
    let (mut loops, mut total) = (Vec::new(), 0);
    for (forth, back) in pairs {
        let told = [&reference[forth.name()], &reference[back.name()]];
        let mut cells = Vec::new();
        for moment in MOMENTS {
            let calls = told.map(|told| moment.calls(told));
            total += calls.iter().sum::<u64>();
            cells.extend((1..=calls[0].max(calls[1])).map(|n| (moment, n)));
        }
        println!(
            "{}, {}: {} and {} calls, {} and {} of them writes, {} and {} writes to Kubernetes",
            forth.name(),
            back.name(),
            told[0].calls,
            told[1].calls,
            told[0].writes,
            told[1].writes,
            told[0].kubernetes,
            told[1].kubernetes
        );
        let parts =
            cells.chunks(CELLS).map(|cells| Loop { chapters: [forth.clone(), back.clone()], cells: cells.into() });
        loops.extend(parts);
    }
    println!("the whole matrix: calls x {} moments = {total} cells", MOMENTS.len());
    let lives = stream::iter(loops).map(live);
    let lived: Vec<usize> = lives.buffer_unordered(4).try_collect().await?;
    println!(
        "the whole matrix: {total} cells in {} rounds of two chapters, {} s",
        lived.iter().sum::<usize>(),
        began.elapsed().as_secs()
    );
    Ok(())
}
