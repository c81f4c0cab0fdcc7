//! What the distributions call things.

use wpc_api::v1alpha1::ImageFamily;

/// What one distribution calls things. `{}` is PHP's version.
pub struct Family {
    /// As people call it.
    pub title: &'static str,
    /// As the CloudWatch agent's downloads name it.
    pub distribution: &'static str,
    /// Whom nginx and PHP run as.
    pub user: &'static str,
    /// Whom the system trusts: the file with its authorities.
    pub authorities: &'static str,
    /// The versions of PHP that it packages.
    pub versions: &'static [&'static str],
    service: &'static str,
    pools: &'static str,
    inis: &'static [&'static str],
    base: &'static [&'static str],
    cache: &'static [&'static str],
    files: &'static [&'static str],
}

/// What one distribution calls things with one version of PHP.
pub struct Php {
    /// PHP's service.
    pub service: String,
    /// The folder of its pools.
    pub pools: String,
    /// The folders of its settings: the web server's, and the command line's where that has one of its own.
    pub inis: Vec<String>,
    /// What is to be installed.
    pub packages: Vec<String>,
}

impl Family {
    /// A family's names.
    pub fn of(family: ImageFamily) -> &'static Self {
        match family {
            ImageFamily::AmazonLinux2023 => &AMAZON_LINUX,
            ImageFamily::Ubuntu2404 => &UBUNTU,
            ImageFamily::Debian13 => &DEBIAN,
        }
    }

    /// The names of a version of PHP, and what is to be installed: for the cache too, and for shared files.
    pub fn php(&self, version: &str, cache: bool, files: bool) -> Php {
        let some = |list: &'static [&'static str], wanted: bool| if wanted { list } else { &[] };
        let named = |text: &str| text.replace("{}", version);
        let packages = [self.base, some(self.cache, cache), some(self.files, files)].concat();
        Php {
            service: named(self.service),
            pools: named(self.pools),
            inis: self.inis.iter().map(|folder| named(folder)).collect(),
            packages: packages.into_iter().map(named).collect(),
        }
    }
}

/// See "PHP in AL2023" in the AL2023 User Guide, and "Packages in AL2023" in its release notes. PHP 8.5 has OPcache built
/// in, and no package for it.
const AMAZON_LINUX: Family = Family {
    title: "Amazon Linux 2023",
    distribution: "amazon_linux",
    user: "nginx",
    authorities: "/etc/pki/tls/certs/ca-bundle.crt",
    versions: &["8.4", "8.3", "8.2"],
    service: "php-fpm",
    pools: "/etc/php-fpm.d",
    inis: &["/etc/php.d"],
    base: &[
        "nginx",
        "jq",
        "unzip",
        "git",
        "tar",
        "php{}-cli",
        "php{}-fpm",
        "php{}-mysqlnd",
        "php{}-opcache",
        "php{}-gd",
        "php{}-intl",
        "php{}-mbstring",
        "php{}-xml",
        "php{}-bcmath",
        "php{}-zip",
    ],
    cache: &["php{}-pecl-redis6"],
    files: &["amazon-efs-utils"],
};

/// What Ubuntu and Debian call the same things.
const APT: &[&str] = &[
    "nginx",
    "jq",
    "unzip",
    "git",
    "curl",
    "ca-certificates",
    "php{}-cli",
    "php{}-fpm",
    "php{}-mysql",
    "php{}-curl",
    "php{}-gd",
    "php{}-intl",
    "php{}-mbstring",
    "php{}-xml",
    "php{}-bcmath",
    "php{}-zip",
];

const UBUNTU: Family = Family { title: "Ubuntu 24.04", distribution: "ubuntu", versions: &["8.3"], ..DEBIAN };

const DEBIAN: Family = Family {
    title: "Debian 13",
    distribution: "debian",
    user: "www-data",
    authorities: "/etc/ssl/certs/ca-certificates.crt",
    versions: &["8.4"],
    service: "php{}-fpm",
    pools: "/etc/php/{}/fpm/pool.d",
    inis: &["/etc/php/{}/fpm/conf.d", "/etc/php/{}/cli/conf.d"],
    base: APT,
    cache: &["php-redis"],
    files: &[],
};
