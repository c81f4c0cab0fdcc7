//! Which WordPress instances have, and what it means to change it.

use std::fmt;

use serde_json::json;
use wpc_api::WordPressClusterSpec;
use wpc_engine::hex_digest;

use crate::bootstrap::{DEFAULT_RELEASE, release};

/// The path of the change of WordPress itself.
pub const VERSION: &str = "wordpress.version";

/// What a site's code is called: a release's number, or where it comes from and a digest of that.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Code(String);

impl Code {
    /// What a spec asks for. What is in a source of one's own is not known: a change of it counts as one of WordPress.
    pub fn of(spec: &WordPressClusterSpec) -> Self {
        let Some(source) = &spec.wordpress.source else {
            let asked = spec.wordpress.version.as_deref().and_then(release).unwrap_or(DEFAULT_RELEASE);
            return Self(asked.version.to_owned());
        };
        let kind = match (&source.archive, &source.s3) {
            (Some(_), _) => "archive",
            (None, Some(_)) => "s3",
            (None, None) => "git",
        };
        Self(format!("{kind}-{}", hex_digest(&[&json!(source).to_string()], 12)))
    }

    /// As it was written down.
    pub fn read(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
        (!text.is_empty() && text.len() <= 40 && text.chars().all(plain)).then(|| Self(text.to_owned()))
    }

    /// Its numbers, of a release.
    fn numbers(&self) -> Option<Vec<u32>> {
        let mut numbers = self.0.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u32>>>()?;
        numbers.truncate(numbers.iter().rposition(|number| *number != 0).map_or(0, |last| last + 1));
        Some(numbers)
    }

    /// Whether this is known to be an older WordPress than the other.
    pub fn older_than(&self, other: &Self) -> bool {
        self.numbers().zip(other.numbers()).is_some_and(|(mine, others)| mine < others)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One WordPress in place of another. Its first boot upgrades the database, which nothing but older data undoes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgrade {
    /// What the fleet has.
    pub from: Code,
    /// What it is to have.
    pub to: Code,
}

impl Upgrade {
    /// Its name, as a part of other names: letters, digits and single hyphens.
    pub fn slug(&self) -> String {
        let plain = |code: &Code| code.0.replace('.', "-");
        format!("wordpress-{}-to-{}", plain(&self.from), plain(&self.to))
    }
}

impl fmt::Display for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WordPress {} to {}", self.from, self.to)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use wpc_api::WordPressCluster;
    use wpc_api::v1alpha1::{GitSource, Source};

    use super::*;

    pub(crate) fn code(text: &str) -> Code {
        Code::read(text).unwrap()
    }

    #[test]
    fn a_release_is_its_number_and_a_source_its_digest() {
        let mut spec = WordPressCluster::fixture().spec;
        assert_eq!(Code::of(&spec), code(DEFAULT_RELEASE.version));
        spec.wordpress.version = Some("6.9.9".into());
        assert_eq!(Code::of(&spec), code("6.9.9"));
        let git = |revision: &str| {
            let mut spec = spec.clone();
            let git = GitSource { repository: "https://example.com/site.git".into(), revision: revision.into() };
            spec.wordpress.source = Some(Source { archive: None, s3: None, git: Some(git) });
            Code::of(&spec)
        };
        assert_ne!(git("one"), git("two"));
        assert!(git("one").to_string().starts_with("git-"));
        assert_eq!(Code::read(&git("one").to_string()), Some(git("one")));
        assert_eq!(Code::read("made by hand"), None);
    }

    #[test]
    fn older_is_what_is_known_to_be() {
        let older = |one: &str, other: &str| code(one).older_than(&code(other));
        assert!(older("6.8.8", "6.9.1") && older("6.9.9", "6.10.0") && older("6.8", "6.8.1"));
        assert!(!older("6.8.8", "6.8.8") && !older("7.0.1", "6.9.9") && !older("6.8.0", "6.8"));
        assert!(!older("git-0011", "6.8.8") && !older("6.8.8", "git-0011"), "nobody knows");
    }

    #[test]
    fn an_upgrade_has_a_name() {
        let upgrade = Upgrade { from: code("6.8.8"), to: code("archive-0123456789ab") };
        assert_eq!(upgrade.slug(), "wordpress-6-8-8-to-archive-0123456789ab");
        assert_eq!(upgrade.to_string(), "WordPress 6.8.8 to archive-0123456789ab");
    }
}
