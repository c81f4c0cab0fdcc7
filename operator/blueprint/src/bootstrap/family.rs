//! What the distributions call things.

use wpc_api::v1alpha1::ImageFamily;

/// What one distribution calls things.
pub struct Family {
    /// As the CloudWatch agent's downloads name it.
    pub distribution: &'static str,
    /// Whom nginx and PHP run as.
    pub user: &'static str,
    /// PHP's service.
    pub service: &'static str,
    /// The folder of its pools.
    pub pools: &'static str,
    /// The folder of its settings.
    pub ini: &'static str,
    base: &'static [&'static str],
    cache: &'static [&'static str],
    files: &'static [&'static str],
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

    /// What is to be installed: for the cache too, and for shared files.
    pub fn packages(&self, cache: bool, files: bool) -> Vec<&'static str> {
        let some = |list: &'static [&'static str], wanted: bool| if wanted { list } else { &[] };
        [self.base, some(self.cache, cache), some(self.files, files)].concat()
    }
}

/// See "Packages in AL2023" in the AL2023 release notes.
const AMAZON_LINUX: Family = Family {
    distribution: "amazon_linux",
    user: "nginx",
    service: "php-fpm",
    pools: "/etc/php-fpm.d",
    ini: "/etc/php.d",
    base: &[
        "nginx",
        "jq",
        "unzip",
        "git",
        "tar",
        "php8.4-cli",
        "php8.4-fpm",
        "php8.4-mysqlnd",
        "php8.4-opcache",
        "php8.4-gd",
        "php8.4-intl",
        "php8.4-mbstring",
        "php8.4-xml",
        "php8.4-bcmath",
        "php8.4-zip",
    ],
    cache: &["php8.4-pecl-redis6", "php8.4-pecl-memcached"],
    files: &["amazon-efs-utils"],
};

const UBUNTU: Family = Family {
    distribution: "ubuntu",
    user: "www-data",
    service: "php8.3-fpm",
    pools: "/etc/php/8.3/fpm/pool.d",
    ini: "/etc/php/8.3/fpm/conf.d",
    base: &[
        "nginx",
        "jq",
        "unzip",
        "git",
        "curl",
        "ca-certificates",
        "php8.3-cli",
        "php8.3-fpm",
        "php8.3-mysql",
        "php8.3-curl",
        "php8.3-gd",
        "php8.3-intl",
        "php8.3-mbstring",
        "php8.3-xml",
        "php8.3-bcmath",
        "php8.3-zip",
    ],
    cache: &["php-redis", "php-memcached"],
    files: &[],
};

const DEBIAN: Family = Family {
    distribution: "debian",
    user: "www-data",
    service: "php8.4-fpm",
    pools: "/etc/php/8.4/fpm/pool.d",
    ini: "/etc/php/8.4/fpm/conf.d",
    base: &[
        "nginx",
        "jq",
        "unzip",
        "git",
        "curl",
        "ca-certificates",
        "php8.4-cli",
        "php8.4-fpm",
        "php8.4-mysql",
        "php8.4-curl",
        "php8.4-gd",
        "php8.4-intl",
        "php8.4-mbstring",
        "php8.4-xml",
        "php8.4-bcmath",
        "php8.4-zip",
    ],
    cache: &["php-redis", "php-memcached"],
    files: &[],
};
