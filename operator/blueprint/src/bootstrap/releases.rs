//! The releases of WordPress that can be asked for by their number: those whose archive's checksum is known here.

/// A release, as wordpress.org serves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// `6.8.8`.
    pub version: &'static str,
    /// The SHA-256 of `wordpress-<version>.tar.gz`.
    pub sha256: &'static str,
}

impl Release {
    /// Where its archive is.
    pub fn url(&self) -> String {
        format!("https://wordpress.org/wordpress-{}.tar.gz", self.version)
    }
}

/// The newest release of each line, as of November 2026.
pub const RELEASES: &[Release] = &[
    Release { version: "6.8.8", sha256: "5388e7a8fa462c32e41ce5cabb796e2228cd187b6b80d15d069a8d5e6ecd3e05" },
    Release { version: "6.9.9", sha256: "32231b9acbe763a86138e8bbb7b5c4f3f123bec9d65fc3898bcb3b64506a7358" },
    Release { version: "7.0.7", sha256: "e4f12b690853e4cf65aa674d018536d5c46a58698313c5997ca0c5d2c6b8ba0d" },
    Release { version: "7.1.3", sha256: "d2a09acb6a15e3b9c471d72557753c266d6f41a79ed19bfe04cbfe49e283b2a5" },
];

/// What a site gets that asks for none: of the line that the instances are tested with.
pub const DEFAULT_RELEASE: &Release = &RELEASES[0];

/// The release with this number.
pub fn release(version: &str) -> Option<&'static Release> {
    RELEASES.iter().find(|release| release.version == version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_there_once_with_a_checksum() {
        for (index, one) in RELEASES.iter().enumerate() {
            assert!(one.sha256.len() == 64 && one.sha256.chars().all(|c| c.is_ascii_hexdigit()), "{}", one.version);
            assert!(
                RELEASES[index + 1..].iter().all(|other| other.version != one.version && other.sha256 != one.sha256)
            );
        }
        assert_eq!(release("6.8.8"), Some(DEFAULT_RELEASE));
        assert_eq!(release("5.0"), None);
    }
}
