//! Two instances that booted at the same time are one site.

use anyhow::{Result, ensure};

use super::fleet::story;
use super::visitor::Visitor;

/// A picture of one pixel.
pub const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

#[test]
fn what_is_done_on_one_instance_is_there_on_the_other() -> Result<()> {
    story("two instances are one site", async |fleet| {
        let (one, other) = fleet.two()?;
        ensure!(fleet.installed == 1, "installed {} times", fleet.installed);
        ensure!(fleet.value("SELECT COUNT(*) FROM wp_users").await? == "1", "another administrator");
        ensure!(
            fleet.value("SELECT COUNT(*) FROM wp_options WHERE option_name = 'blogname'").await? == "1",
            "two titles"
        );
        for instance in [one, other] {
            ensure!(fleet.aws.signals(instance).first().is_some_and(|said| said == "CONTINUE"), "{}", instance.name);
            let page = Visitor::at(&instance.url())?.sees("/").await?.text();
            ensure!(page.contains("It&#039;s a &quot;fleet&quot; &amp; more"), "the title is not there:\n{page:.900}");
        }

        let mut author = Visitor::at(&one.url())?;
        author.log_in("admin", &fleet.aws.secrets.admin_password).await?;
        let reader = Visitor::at(&other.url())?;
        let post = author.publishes("Written on one", "and read on the other").await?;
        ensure!(reader.sees(&post).await?.text().contains("and read on the other"), "{post}");

        let headers = [("content-type", "image/png"), ("content-disposition", "attachment; filename=\"pixel.png\"")];
        let media = author.creates("/wp-json/wp/v2/media", &headers, PICTURE.to_vec()).await?;
        let address = media["source_url"].as_str().unwrap_or_default();
        ensure!(reader.sees(address).await?.body == PICTURE, "{address} is another picture");

        author.moves_to(&other.url()).is_logged_in().await?;
        Ok(())
    })
}
