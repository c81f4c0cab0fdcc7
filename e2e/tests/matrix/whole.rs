//! The whole matrix: every call of every chapter, at every moment. `make test-all`.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::Value;
use wpc_e2e::gateway::StopAfter;

use crate::chapters::{Chapter, edits};
use crate::fate::{Fate, Told, Ways};
use crate::life::Life;
use crate::sites::{needs, small, with};
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

/// Two chapters that lead back to where they began, the site that lives through them, and the cells they are lived for.
#[derive(Debug, Clone)]
struct Loop {
    site: Value,
    chapters: [Chapter; 2],
    cells: Vec<(Moment, u64)>,
}

impl Loop {
    fn edits(&self) -> bool {
        !matches!(self.chapters[0], Chapter::Create(_))
    }

    async fn begin(&self, title: &str) -> Result<Life> {
        let mut life = Life::new(title, &Ways::instant()).await?;
        if self.edits() {
            life.live(&Chapter::Create(self.site.clone()), |_| Fate::Spared).await?;
        }
        Ok(life)
    }

    /// Lives through both without any trouble: their calls are the matrix's columns. Gives the number of cells too.
    async fn measured(mut self) -> Result<(Self, u64)> {
        let mut life = self.begin("reference").await?;
        let mut told = Vec::new();
        for chapter in &self.chapters {
            told.push(life.live(chapter, |_| Fate::Spared).await?);
        }
        let mut total = 0;
        for moment in MOMENTS {
            let calls: Vec<_> = told.iter().map(|told| moment.calls(told)).collect();
            total += calls.iter().sum::<u64>();
            self.cells.extend((1..=calls.iter().copied().max().unwrap_or_default()).map(|n| (moment, n)));
        }
        println!(
            "{}, {}: {} and {} calls, {} and {} of them writes, {} and {} writes to Kubernetes",
            self.chapters[0].name(),
            self.chapters[1].name(),
            told[0].calls,
            told[1].calls,
            told[0].writes,
            told[1].writes,
            told[0].kubernetes,
            told[1].kubernetes
        );
        Ok((self, total))
    }

    /// Lives through both for each cell, in one site.
    async fn live(self) -> Result<usize> {
        let mut life = self.begin("").await?;
        for (moment, n) in &self.cells {
            life.rename(format!("{moment:?} {n}"));
            for chapter in &self.chapters {
                life.wire().set(moment.trouble(*n));
                life.live(chapter, |operator| moment.fate(*n, operator)).await?;
            }
        }
        Ok(self.cells.len())
    }
}

/// Creation and deletion of a site with every area; each edit and its opposite, of a site with what it is about.
fn loops() -> Result<Vec<Loop>> {
    let whole = Loop { site: small()?, chapters: [Chapter::Create(small()?), Chapter::Delete], cells: Vec::new() };
    let edits = edits()
        .into_iter()
        .map(|(forth, back)| Ok(Loop { site: with(needs(forth.name()))?, chapters: [forth, back], cells: Vec::new() }));
    [Ok(whole)].into_iter().chain(edits).collect()
}

/// Cells that one site lives through; a site of its own for so many.
const CELLS: usize = 25;

/// `WPC_E2E_SHARE=3/40`: of every forty cells the third alone.
fn share() -> Result<(usize, usize)> {
    let Ok(share) = std::env::var("WPC_E2E_SHARE") else { return Ok((1, 1)) };
    let parts = share.split_once('/').and_then(|(nth, of)| Some((nth.parse().ok()?, of.parse().ok()?)));
    let (nth, of) = parts.with_context(|| format!("WPC_E2E_SHARE={share}: write 3/40 for the third of forty"))?;
    ensure!(0 < nth && nth <= of, "WPC_E2E_SHARE={share}: there is no such share");
    Ok((nth, of))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes many hours: make test-all"]
async fn every_call_at_every_moment() -> Result<()> {
    let began = Instant::now();
    let (nth, of) = share()?;
    let measured: Vec<_> = stream::iter(loops()?).map(Loop::measured).buffered(4).try_collect().await?;
    let total: u64 = measured.iter().map(|(_, cells)| cells).sum();
    println!("the whole matrix: calls x {} moments = {total} cells", MOMENTS.len());
    let mut number = 0;
    let mut mine = Vec::new();
    for (whole, _) in measured {
        let mut cells = whole.cells.clone();
        cells.retain(|_| {
            number += 1;
            number % of == nth % of
        });
        mine.extend(cells.chunks(CELLS).map(|cells| Loop { cells: cells.into(), ..whole.clone() }));
    }
    let lived: Vec<usize> = stream::iter(mine).map(Loop::live).buffer_unordered(4).try_collect().await?;
    println!(
        "share {nth} of {of}: {} rounds of two chapters, {} s",
        lived.iter().sum::<usize>(),
        began.elapsed().as_secs()
    );
    Ok(())
}
