<?php
// The steps of setting WordPress up, each of which does nothing when it is done. Run by install.php alone.
$site = json_decode(file_get_contents('/etc/wordpress/site.json'), true, 32, JSON_THROW_ON_ERROR);
$step = $argv[1];
$network = $site['site']['multisite'] !== 'None';
$_SERVER += ['HTTP_HOST' => $site['site']['domains'][0], 'SERVER_NAME' => $site['site']['domains'][0], 'REQUEST_URI' => '/', 'REQUEST_METHOD' => 'GET', 'SERVER_PROTOCOL' => 'HTTP/1.1'];
$lost = true;
register_shutdown_function(function () use (&$lost) {
    // WordPress ends with success where it shows an error page.
    if ($lost) {
        exit(1);
    }
});

if ($step === 'install') {
    define('WP_INSTALLING', true);
    define('WORDPRESS_INSTALLS_NETWORK', true);
    define('DISALLOW_FILE_MODS', false);
    // Nobody is to get a mail with a link to a site that is not up.
    function wp_new_blog_notification() {}
    require '/var/www/wordpress/wp-load.php';
    require_once ABSPATH . 'wp-admin/includes/upgrade.php';
    if (!is_blog_installed()) {
        $keys = json_decode(file_get_contents('/run/wordpress/secrets.json'), true, 32, JSON_THROW_ON_ERROR)['keys'];
        $name = $site['site'];
        wp_install($name['title'] !== '' ? $name['title'] : $name['domains'][0], $name['adminUser'], $name['adminEmail'], true, '', $keys['ADMIN_PASSWORD'], $name['locale']);
        update_option('permalink_structure', '/%year%/%monthnum%/%postname%/');
        update_option('siteurl', $name['url']);
        update_option('home', $name['url']);
        echo "WordPress is installed\n";
    } elseif ((int) get_option('db_version') < $GLOBALS['wp_db_version']) {
        wp_upgrade();
        echo "the database is upgraded\n";
    } elseif ((int) get_option('db_version') > $GLOBALS['wp_db_version']) {
        fwrite(STDERR, "the database is of a later WordPress than {$GLOBALS['wp_version']}: install that one, or restore the database\n");
        exit(1);
    }
    require_once ABSPATH . 'wp-admin/includes/translation-install.php';
    if ($site['site']['locale'] !== 'en_US' && !wp_download_language_pack($site['site']['locale'])) {
        echo "there is no translation {$site['site']['locale']}, or it cannot be fetched: this instance speaks English\n";
    }
    if ($network) {
        $tables = $GLOBALS['wpdb']->get_var("SHOW TABLES LIKE '{$GLOBALS['wpdb']->base_prefix}site'");
        if (!$tables) {
            foreach ($GLOBALS['wpdb']->tables('ms_global') as $table => $prefixed) {
                $GLOBALS['wpdb']->$table = $prefixed;
            }
            require_once ABSPATH . 'wp-admin/includes/network.php';
            install_network();
            $made = populate_network(1, $site['site']['domains'][0], $site['site']['adminEmail'], get_option('blogname'), '/', $site['site']['multisite'] === 'Subdomain');
            if (is_wp_error($made) && $made->get_error_code() !== 'no_wildcard_dns') {
                fwrite(STDERR, $made->get_error_message() . "\n");
                exit(1);
            }
            echo "the network of sites is installed\n";
        }
    }
} else {
    require '/var/www/wordpress/wp-load.php';
    require_once ABSPATH . 'wp-admin/includes/plugin.php';
    foreach ($site['activate'] as $name) {
        $files = array_keys(get_plugins('/' . $name));
        if (!$files) {
            fwrite(STDERR, "plugin $name: no file of it has a plugin's header\n");
            exit(1);
        }
        if (!is_plugin_active("$name/$files[0]")) {
            $active = activate_plugin("$name/$files[0]", '', $network);
            if (is_wp_error($active)) {
                fwrite(STDERR, "plugin $name: " . $active->get_error_message() . "\n");
                exit(1);
            }
        }
    }
}
$lost = false;
