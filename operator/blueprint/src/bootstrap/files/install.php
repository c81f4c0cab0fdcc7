<?php
// One installer at a time in the whole fleet: the lock is the database's, and goes with the connection.
$site = json_decode(file_get_contents('/etc/wordpress/site.json'), true, 32, JSON_THROW_ON_ERROR);
$secrets = json_decode(file_get_contents('/run/wordpress/secrets.json'), true, 32, JSON_THROW_ON_ERROR);
$database = $site['database'];
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$lock = mysqli_init();
$lock->options(MYSQLI_OPT_CONNECT_TIMEOUT, 10);
$lock->real_connect($database['host'], $secrets['database']['username'], $secrets['database']['password'], null, $database['port'], null, MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_DONT_VERIFY_SERVER_CERT);
unset($secrets);
if ($lock->query("SELECT GET_LOCK('wordpress-install', 600)")->fetch_row()[0] != 1) {
    fwrite(STDERR, "another instance installs WordPress and does not end\n");
    exit(1);
}
$name = preg_replace('/[^a-z0-9_]/', '', $database['name']);
$lock->query("CREATE DATABASE IF NOT EXISTS `$name` CHARACTER SET utf8mb4");
foreach (['install', 'plugins'] as $step) {
    passthru('php ' . __DIR__ . "/steps.php $step", $code);
    if ($code !== 0) {
        fwrite(STDERR, "WordPress cannot be set up: step $step failed\n");
        exit(1);
    }
}
