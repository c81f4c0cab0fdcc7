<?php
// Whether this instance has all that it needs. The load balancer does not ask this: while the database fails over no
// instance would be left.
$site = json_decode(file_get_contents('/etc/wordpress/site.json'), true);
$secrets = json_decode(@file_get_contents('/run/wordpress/secrets.json') ?: '{}', true);
mysqli_report(MYSQLI_REPORT_OFF);
$answer = [];
$database = mysqli_init();
$database->options(MYSQLI_OPT_CONNECT_TIMEOUT, 2);
$database->options(MYSQLI_OPT_READ_TIMEOUT, 2);
$login = $secrets['database'] ?? ['username' => '', 'password' => ''];
$answer['database'] = @$database->real_connect($site['database']['host'], $login['username'], $login['password'], $site['database']['name'], $site['database']['port'], null, MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT)
    && @$database->query('SELECT 1') !== false;
if ($site['cache']) {
    $scheme = $site['cache']['tls'] ? 'tls' : 'tcp';
    $answer['cache'] = (bool) @stream_socket_client("$scheme://{$site['cache']['host']}:{$site['cache']['port']}", $number, $text, 2);
}
$answer['uploads'] = is_writable('/srv/uploads');
http_response_code(in_array(false, $answer, true) ? 503 : 200);
header('Content-Type: application/json');
header('Cache-Control: no-store');
echo json_encode($answer), "\n";
