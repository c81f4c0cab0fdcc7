<?php
// One installer at a time in the whole fleet: the lock is the database's, and goes with the connection. Runs as root, who
// alone reads the master user's password, and runs nothing of WordPress: the steps do, as the web server's user.
$site = json_decode(file_get_contents('/etc/wordpress/site.json'), true, 32, JSON_THROW_ON_ERROR);
$master = json_decode(file_get_contents('/run/wordpress/master'), true, 32, JSON_THROW_ON_ERROR);
$own = json_decode(file_get_contents('/run/wordpress/secrets.json'), true, 32, JSON_THROW_ON_ERROR)['database'];
$database = $site['database'];
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$lock = mysqli_init();
$lock->options(MYSQLI_OPT_CONNECT_TIMEOUT, 10);
$lock->real_connect($database['host'], $master['username'], $master['password'], null, $database['port'], null, MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT);
if ($lock->query("SELECT GET_LOCK('wordpress-install', 600)")->fetch_row()[0] != 1) {
    fwrite(STDERR, "another instance installs WordPress and does not end\n");
    exit(1);
}
$name = preg_replace('/[^a-z0-9_]/', '', $database['name']);
$lock->query("CREATE DATABASE IF NOT EXISTS `$name` CHARACTER SET utf8mb4");
// WordPress's own user, with the password that its secret has now, and rights on its schema alone.
$user = "'" . $lock->real_escape_string($own['username']) . "'@'%'";
$password = "IDENTIFIED BY '" . $lock->real_escape_string($own['password']) . "' REQUIRE SSL";
$lock->query("CREATE USER IF NOT EXISTS $user $password");
$lock->query("ALTER USER $user $password");
$lock->query("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, INDEX, ALTER, REFERENCES, LOCK TABLES, CREATE TEMPORARY TABLES, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, EXECUTE, EVENT, TRIGGER ON `$name`.* TO $user");
unset($master, $own, $password);
// How far a replica is behind: what the right is called is the engine's.
foreach ($database['replicas'] ? ['REPLICATION CLIENT', 'REPLICA MONITOR'] : [] as $right) {
    try {
        $lock->query("GRANT $right ON *.* TO $user");
    } catch (mysqli_sql_exception) {
    }
}
foreach (['install', 'plugins'] as $step) {
    passthru('runuser -u ' . escapeshellarg($argv[1]) . ' -- php ' . __DIR__ . "/steps.php $step", $code);
    if ($code !== 0) {
        fwrite(STDERR, "WordPress cannot be set up: step $step failed\n");
        exit(1);
    }
}
