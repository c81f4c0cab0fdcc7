//! Rolling lives: one moment of death, met again and again from creation to deletion.

use std::time::Instant;

use anyhow::{Result, ensure};
use wpc_e2e::gateway::StopAfter;

use crate::chapters::{Chapter, aurora, restored, whole};
use crate::fate::{Fate, Told, Ways};
use crate::life::Life;
use crate::sites::small;
use crate::wire::Trouble;

/// When operators die, or what they suffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// With a write of each action, before its answer.
    Lost,
    /// With a write of each action, after its answer.
    Answered,
    /// With a call of any sort: in each chapter with the n-th, the [`STRIDE`] + n-th and so on, and n another one.
    Call,
    /// Before a write to Kubernetes, the first to the fourth and later ones.
    Kubernetes,
    /// Nobody dies; every call fails once.
    Fails,
    /// Nobody dies; every call's answer is lost once.
    Unanswered,
}

/// Calls between the deaths of one operator and the next. A fresh one reads for three hundred.
const STRIDE: u64 = 43;

impl Moment {
    fn fate(self, chapter: usize, operator: usize) -> Fate {
        let nth = operator as u64;
        match self {
            Self::Lost => Fate::Call(StopAfter::write(1)),
            Self::Answered => Fate::Call(StopAfter::write(1).answered()),
            Self::Call => Fate::Call(StopAfter::call(1 + 10 * chapter as u64 % STRIDE + STRIDE * nth)),
            Self::Kubernetes => Fate::Kubernetes(1 + nth % 4 + nth / 8),
            Self::Fails | Self::Unanswered => Fate::Spared,
        }
    }

    /// A hundred deaths and more each: these lives go without a settle window, the others prove it.
    fn ways(self) -> Ways {
        match self {
            Self::Lost | Self::Answered => Ways::certain(),
            Self::Call | Self::Kubernetes | Self::Fails | Self::Unanswered => Ways::instant(),
        }
    }

    fn trouble(self) -> Option<Trouble> {
        match self {
            Self::Fails => Some(Trouble::EachFails),
            Self::Unanswered => Some(Trouble::EachLost),
            Self::Lost | Self::Answered | Self::Call | Self::Kubernetes => None,
        }
    }
}

/// A life with this moment in each of its chapters.
async fn life(moment: Moment) -> Result<()> {
    lived(moment, "", whole(small()?)).await
}

async fn lived(moment: Moment, on: &str, chapters: Vec<Chapter>) -> Result<()> {
    let began = Instant::now();
    let mut life = Life::new(format!("rolling {moment:?}{on}"), &moment.ways()).await?;
    life.wire().set(moment.trouble());
    if let Moment::Lost | Moment::Answered = moment {
        life.once_each();
    }
    let mut sum = Told::default();
    for (number, chapter) in chapters.iter().enumerate() {
        let told = life.live(chapter, |operator| moment.fate(number, operator)).await?;
        sum.add(told);
    }
    ensure!(moment.trouble().is_some() || sum.deaths > 0, "nobody died: {moment:?}");
    let struck = life.wire().struck();
    ensure!(moment.trouble().is_none() || struck > 0, "no call met {moment:?}");
    println!(
        "rolling life {moment:?}{on}: {} operators, {} deaths, {} calls in trouble, {} calls, {} writes, {} to Kubernetes, {} s",
        sum.operators,
        sum.deaths,
        struck,
        sum.calls,
        sum.writes,
        sum.kubernetes,
        began.elapsed().as_secs()
    );
    if let Moment::Lost | Moment::Answered = moment {
        let spared: Vec<_> = sum.effects.difference(&sum.died_with).collect();
        ensure!(spared.is_empty(), "nobody died with {spared:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_life_that_dies_with_each_write_unanswered() -> Result<()> {
    life(Moment::Lost).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_life_that_dies_with_each_write_answered() -> Result<()> {
    life(Moment::Answered).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_life_that_dies_with_calls_of_any_sort() -> Result<()> {
    life(Moment::Call).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_life_that_dies_before_writes_to_kubernetes() -> Result<()> {
    life(Moment::Kubernetes).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_life_that_meets_a_failure_with_every_call() -> Result<()> {
    life(Moment::Fails).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_life_that_loses_the_answer_of_every_call() -> Result<()> {
    life(Moment::Unanswered).await
}

/// The writes of the kinds that a site on Aurora has in place of others.
#[tokio::test(flavor = "multi_thread")]
async fn a_life_on_aurora() -> Result<()> {
    lived(Moment::Lost, " on Aurora", aurora()?).await
}

/// A job is begun once, whoever dies when.
#[tokio::test(flavor = "multi_thread")]
async fn a_life_that_begins_with_restored_files() -> Result<()> {
    lived(Moment::Lost, " with restored files", restored()?).await
}
