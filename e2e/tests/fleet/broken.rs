//! A release that does not come up never replaces what serves.

use std::io::Write;

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::fleet::{Fleet, all_answer, story};
use super::site::{ARCHIVE, plugin};

#[test]
fn an_archive_with_another_checksum_is_abandoned() -> Result<()> {
    story("a wrong checksum", async |fleet| {
        let mut spec = fleet.spec.clone();
        let wrong = "0".repeat(64);
        spec.wordpress.source.as_mut().and_then(|source| source.archive.as_mut()).context("an archive")?.sha256 = wrong;
        let script = fleet.user_data(&spec)?;
        abandons(fleet, &script, &format!("{ARCHIVE} has not the SHA-256 0000")).await
    })
}

#[test]
fn a_plugin_that_php_cannot_read_is_abandoned() -> Result<()> {
    story("a broken plugin", async |fleet| {
        let code = "<?php\n/* Plugin Name: Broken */\nfunction {\n";
        let sum = fleet
            .aws
            .serve("https://downloads.wordpress.org/plugin/broken.1.0.zip", zip("broken/broken.php", code.as_bytes())?);
        let mut spec = fleet.spec.clone();
        spec.wordpress.plugins.push(plugin("broken", "1.0", &sum));
        let script = fleet.user_data(&spec)?;
        abandons(fleet, &script, "a plugin is no PHP: ").await
    })
}

/// A canary with this script fails for this reason, the group hears of it once, and the others go on.
async fn abandons(fleet: &mut Fleet, script: &str, reason: &str) -> Result<()> {
    let canary = fleet.machine().await?;
    let well = canary.user_data(script).await?;
    let log = canary.boot_log()?;
    ensure!(!well, "it came up:\n{log}");
    ensure!(log.contains(reason), "no word of {reason:?}:\n{log}");
    let signals = fleet.aws.signals(&canary);
    ensure!(signals == ["ABANDON"], "the group was told {signals:?}");
    // As the group does then.
    drop(canary);
    all_answer(fleet, "/health", 200).await?;
    all_answer(fleet, "/health/ready", 200).await?;
    ensure!(fleet.front.healthy().len() == fleet.web.len(), "healthy: {:?}", fleet.front.healthy());
    fleet.administrator().await?.is_logged_in().await?;
    fleet.visitor()?.sees("/").await?;
    Ok(())
}

/// An archive of one file. See APPNOTE.TXT of PKWARE, sections 4.3.7 to 4.3.16.
fn zip(name: &str, content: &[u8]) -> Result<Vec<u8>> {
    let mut crc = flate2::Crc::new();
    crc.update(content);
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::default());
    packer.write_all(content)?;
    let packed = packer.finish()?;
    let length = u16::try_from(name.len())?.to_le_bytes();
    // Version 2.0, no flags, deflated, 1 January 2026.
    let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0x5c];
    common.extend(crc.sum().to_le_bytes());
    common.extend(u32::try_from(packed.len())?.to_le_bytes());
    common.extend(u32::try_from(content.len())?.to_le_bytes());
    common.extend(length);
    common.extend([0, 0]);
    let file = [b"PK\x03\x04", &common[..], name.as_bytes(), &packed].concat();
    let entry = [b"PK\x01\x02\x14\x00", &common[..], &[0; 14], name.as_bytes()].concat();
    let (size, offset) = (u32::try_from(entry.len())?.to_le_bytes(), u32::try_from(file.len())?.to_le_bytes());
    let end = [b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &size[..], &offset, &[0, 0]].concat();
    Ok([file, entry, end].concat())
}
