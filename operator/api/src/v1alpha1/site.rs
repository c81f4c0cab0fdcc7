//! `spec.site`: what visitors and the administrator see.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::rule;

/// The site that visitors see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Site {
    /// The site's host names, 1 to 20, each once; the first is canonical and the others lead to it.
    #[schemars(length(min = 1, max = 20), inner(length(max = 253)), extend("x-kubernetes-validations" = [
        rule(
            "self.all(domain, domain.matches('^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$'))",
            "domains holds what is no host name: write lower-case names such as blog.example.com, without scheme, port, path or wildcard",
        ),
        rule(
            "self.all(domain, self.exists_one(other, other == domain))",
            "domains holds a name twice: write each once",
        ),
    ]))]
    pub domains: Vec<String>,

    /// The administrator's address: WordPress's first user, and where WordPress sends its mail.
    #[schemars(length(max = 254), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?[.])+[A-Za-z]{2,63}$')",
        "adminEmail is no plain address: write one such as web@example.com",
    )]))]
    pub admin_email: String,

    /// The administrator's user name.
    #[serde(default = "admin")]
    #[schemars(length(max = 60), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[A-Za-z0-9][A-Za-z0-9._@-]*$')",
        "adminUser is no user name: use letters, digits and . _ @ - and begin with a letter or digit",
    )]))]
    pub admin_user: String,

    /// The site's title, in any language. Quotes, dollar and ampersand are welcome, and quoting them is the
    /// operator's job; refused is what no title needs and a shell or PHP would run: control characters,
    /// backticks, backslashes, `$(`, `${` and `<?`.
    #[serde(default)]
    #[schemars(length(max = 200), extend("x-kubernetes-validations" = [rule(
        r"!self.matches('[\\x00-\\x1f\\x7f`\\\\]|[$][({]|<[?]')",
        "title holds a control character, a backtick, a backslash, $(, ${ or <?: leave it out",
    )]))]
    pub title: String,

    /// The language, as WordPress names it, such as `de_DE`.
    #[serde(default = "english")]
    #[schemars(length(max = 30), extend("x-kubernetes-validations" = [rule(
        "self.matches('^[a-z]{2,3}(_[A-Z]{2})?(_[a-z0-9]+)?$')",
        "locale is none of WordPress's: write one such as en_US, de_DE_formal or ja",
    )]))]
    pub locale: String,

    /// Whether this is a network of sites, and how they are told apart. Immutable.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-validations" = [rule(
        "self == oldSelf",
        "site.multisite is immutable: WordPress cannot be converted in place; create another WordPressCluster and move the content",
    )]))]
    pub multisite: Multisite,
}

/// Whether WordPress runs one site or a network of sites.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Multisite {
    /// One site.
    #[default]
    None,
    /// Sites told apart by the first part of the path.
    Subdirectory,
    /// Sites told apart by host name.
    Subdomain,
}

impl Site {
    /// A site with these names and this administrator, and defaults for the rest.
    pub fn new<T: Into<String>>(domains: impl IntoIterator<Item = T>, admin_email: impl Into<String>) -> Self {
        Self {
            domains: domains.into_iter().map(Into::into).collect(),
            admin_email: admin_email.into(),
            admin_user: admin(),
            title: String::new(),
            locale: english(),
            multisite: Multisite::default(),
        }
    }

    /// The name that visitors end up at: the first.
    pub fn canonical_domain(&self) -> Option<&str> {
        self.domains.first().map(String::as_str)
    }
}

fn admin() -> String {
    "admin".into()
}

fn english() -> String {
    "en_US".into()
}
