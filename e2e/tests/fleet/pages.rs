//! What the page cache takes off the database.

use anyhow::{Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};

use super::fleet::{Fleet, story};
use super::visitor::Visitor;

const ANONYMOUS: usize = 1_000;
const LOGGED_IN: usize = 200;
const AT_ONCE: usize = 8;

#[test]
fn the_page_cache_takes_load_off_the_primary() -> Result<()> {
    story("page cache", async |fleet| {
        let administrator = fleet.administrator().await?;
        let mut pages = vec!["/".to_owned()];
        for number in 1..=4 {
            pages.push(administrator.publishes(&format!("Page {number}"), "Some text.").await?);
        }
        let visitor = fleet.visitor()?;
        let mut commentator = visitor.clone();
        // Whoever has commented gets pages of their own.
        commentator.carry("comment_author_fleet", "somebody");

        let with = views(fleet, &visitor, &administrator, &pages).await?;
        let without = views(fleet, &commentator, &administrator, &pages).await?;
        let fall = 100.0 - 100.0 * with as f64 / without as f64;
        println!(
            "fleet: {ANONYMOUS} anonymous and {LOGGED_IN} logged-in page views cost the primary {with} statements with the page cache, {without} without: {fall:.1} % less{}",
            if fleet.objects { "; objects are in Redis" } else { "" }
        );
        ensure!(fall >= 40.0, "only {fall:.1} % less");
        Ok(())
    })
}

/// The statements that the same views cost.
async fn views(fleet: &Fleet, anonymous: &Visitor, logged_in: &Visitor, pages: &[String]) -> Result<u64> {
    let before = fleet.questions().await?;
    let who =
        |number: usize| if number.is_multiple_of((ANONYMOUS + LOGGED_IN) / LOGGED_IN) { logged_in } else { anonymous };
    stream::iter(0..ANONYMOUS + LOGGED_IN)
        .map(|number| async move { who(number).sees(&pages[number % pages.len()]).await })
        .buffer_unordered(AT_ONCE)
        .try_for_each(async |_| Ok(()))
        .await?;
    Ok(fleet.questions().await? - before)
}
