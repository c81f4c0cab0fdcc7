<?php
// Written at boot; the instance's next boot writes it again. Text of the site's resource is data here, read from JSON.
$site = json_decode(file_get_contents('/etc/wordpress/site.json'), true, 32, JSON_THROW_ON_ERROR);
$secrets = json_decode(file_get_contents('/run/wordpress/secrets.json'), true, 32, JSON_THROW_ON_ERROR);

define('DB_NAME', $site['database']['name']);
define('DB_USER', $secrets['database']['username']);
define('DB_PASSWORD', $secrets['database']['password']);
define('DB_HOST', $site['database']['host'] . ':' . $site['database']['port']);
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('MYSQL_CLIENT_FLAGS', MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT);
$table_prefix = 'wp_';

foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT'] as $name) {
    define($name, $secrets['keys'][$name]);
}

define('WP_HOME', $site['site']['url']);
define('WP_SITEURL', $site['site']['url']);
// Who is in front of us talks HTTPS to visitors and HTTP to us; nginx has judged its headers.
define('FORCE_SSL_ADMIN', str_starts_with(WP_HOME, 'https:'));
if (FORCE_SSL_ADMIN && PHP_SAPI === 'cli') {
    $_SERVER['HTTPS'] = 'on';
}

define('DISABLE_WP_CRON', true);
defined('DISALLOW_FILE_MODS') || define('DISALLOW_FILE_MODS', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_CACHE_KEY_SALT', $site['stack']);
if (!empty($site['cache']['objects']) && !$site['cache']['memcached']) {
    define('WP_REDIS_SCHEME', 'tls');
    define('WP_REDIS_HOST', $site['cache']['host']);
    define('WP_REDIS_PORT', $site['cache']['port']);
    define('WP_REDIS_PASSWORD', $secrets['token']);
    define('WP_REDIS_PREFIX', $site['stack']);
    define('WP_REDIS_TIMEOUT', 1);
    define('WP_REDIS_READ_TIMEOUT', 1);
    define('WP_REDIS_DISABLE_BANNERS', true);
}

if ($site['site']['multisite'] !== 'None') {
    define('WP_ALLOW_MULTISITE', true);
    // Until the network is installed there is one site.
    if (!defined('WORDPRESS_INSTALLS_NETWORK')) {
        define('MULTISITE', true);
        define('SUBDOMAIN_INSTALL', $site['site']['multisite'] === 'Subdomain');
        define('DOMAIN_CURRENT_SITE', $site['site']['domains'][0]);
        define('PATH_CURRENT_SITE', '/');
        define('SITE_ID_CURRENT_SITE', 1);
        define('BLOG_ID_CURRENT_SITE', 1);
    }
}

foreach ($site['constants'] as $name => $value) {
    if (!defined($name)) {
        define($name, match (true) {
            $value === 'true' => true,
            $value === 'false' => false,
            preg_match('/^-?(0|[1-9][0-9]{0,17})$/D', $value) === 1 => (int) $value,
            default => $value,
        });
    }
}
unset($secrets, $value, $name);

defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
