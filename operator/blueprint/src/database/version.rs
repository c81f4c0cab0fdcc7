//! How a wanted version is compared with a found one. See "Upgrading a DB instance engine version" in the Amazon RDS
//! User Guide.

use std::cmp::Ordering;

/// What a wanted version (`8.4`, `8.4.6`, `8.0.mysql_aurora.3.10`) means for a thing that has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing: it is the one, or a newer patch of it, to which AWS upgrades by itself.
    Stay,
    /// An upgrade.
    Up,
    /// A downgrade, which RDS does not have.
    Down,
}

/// The step from `have` to `want`.
pub(super) fn step(want: &str, have: &str) -> Step {
    let (wanted, found) = (numbers(want), numbers(have));
    let shared = wanted.len().min(found.len());
    match wanted[..shared].cmp(&found[..shared]) {
        Ordering::Greater => Step::Up,
        Ordering::Equal => Step::Stay,
        Ordering::Less if wanted.len() > 2 && wanted.get(..2) == found.get(..2) => Step::Stay,
        Ordering::Less => Step::Down,
    }
}

/// `mysql8.4`, `aurora-mysql8.0`: parameter groups are made for the first two numbers of a version.
pub(super) fn family(engine: &str, version: &str) -> String {
    let release: Vec<&str> = version.split('.').take(2).collect();
    format!("{engine}{}", release.join("."))
}

/// What stands between the numbers of MySQL's release and those of Aurora's.
const AURORA: &str = "mysql_aurora";

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').filter(|part| *part != AURORA).map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_prefix_and_only_grow() {
        let table = [
            ("8.4", "8.4.7", Step::Stay),
            ("8.4.7", "8.4.7", Step::Stay),
            ("8.4.5", "8.4.7", Step::Stay),
            ("8.4.10", "8.4.9", Step::Up),
            ("8.4", "8.0.42", Step::Up),
            ("8.0", "8.4.7", Step::Down),
            ("8.0.42", "8.4.7", Step::Down),
            ("8.4.7", "8.4", Step::Stay),
            ("8.0", "8.0.mysql_aurora.3.10.1", Step::Stay),
            ("8.0.mysql_aurora.3", "8.0.mysql_aurora.3.10.1", Step::Stay),
            ("8.0.mysql_aurora.3.10.1", "8.0.mysql_aurora.3.08.0", Step::Up),
            ("8.0.mysql_aurora.3.08.0", "8.0.mysql_aurora.3.10.1", Step::Stay),
            ("8.4", "8.0.mysql_aurora.3.10.1", Step::Up),
            ("8.0.mysql_aurora.3.10.1", "8.4.7", Step::Down),
        ];
        for (want, have, expected) in table {
            assert_eq!(step(want, have), expected, "{have} -> {want}");
        }
    }

    #[test]
    fn a_family_is_engine_and_release() {
        assert_eq!(family("mysql", "8.4"), "mysql8.4");
        assert_eq!(family("mysql", "8.4.7"), "mysql8.4");
        assert_eq!(family("mariadb", "11.8"), "mariadb11.8");
        assert_eq!(family("aurora-mysql", "8.0.mysql_aurora.3.10.1"), "aurora-mysql8.0");
    }
}
