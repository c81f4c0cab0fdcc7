<?php
// Copies uploads from where they lay before to where they lie now: one instance at a time, one file at a time. Nothing is
// removed where they lay: instances of the release before have only that. The books know what has been moved, with an
// empty file for each: what is deleted later does not come back.
const NOW = '/srv/uploads', BEFORE = '/srv/uploads-before', BOOKS = '{{ books }}';
$site = json_decode(file_get_contents('/etc/wordpress/site.json'), true, 32, JSON_THROW_ON_ERROR);
$login = json_decode(file_get_contents('/run/wordpress/secrets.json'), true, 32, JSON_THROW_ON_ERROR)['database'];
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$lock = mysqli_init();
$lock->options(MYSQLI_OPT_CONNECT_TIMEOUT, 10);
$lock->real_connect($site['database']['host'], $login['username'], $login['password'], null, $site['database']['port'], null, MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_VERIFY_SERVER_CERT);
// It belongs to the connection: it ends with this process, however that ends.
if ($lock->query("SELECT GET_LOCK('wordpress-uploads', 0)")->fetch_row()[0] != 1) {
    exit;
}
// All instances ask; a pass every four minutes is enough.
$passed = BOOKS . '/passed';
if (is_file($passed) && time() - filemtime($passed) < 240) {
    exit;
}
is_dir(BOOKS . '/files') || mkdir(BOOKS . '/files', 0755, true);
// Files go this way now: what the books of the other way say counts no more.
foreach (glob(dirname(BOOKS) . '/*') as $other) {
    $other === BOOKS || passthru('rm -rf ' . escapeshellarg($other));
}
// That all are in the bucket is no longer so.
is_file(BEFORE . '/.moved') && unlink(BEFORE . '/.moved');

function say(string $text): void {
    echo gmdate('c '), $text, "\n";
}
function names(string $folder): array {
    $names = [];
    if ($open = is_dir($folder) ? opendir($folder) : false) {
        while (($name = readdir($open)) !== false) {
            $names[$name] = true;
        }
        closedir($open);
    }
    unset($names['.'], $names['..']);
    return $names;
}
function copied(string $from, string $to): bool {
    global $copying;
    $whole = str_starts_with(BOOKS, NOW . '/') ? BOOKS . '/copying.part' : $to;
    is_dir(dirname($to)) || mkdir(dirname($to), 0755, true);
    // An object is there when it is closed, also when who wrote it was killed: the next pass begins it again.
    file_put_contents($copying, $from);
    $time = filemtime($from);
    $well = copy($from, $whole);
    clearstatcache();
    if (!$well || !is_file($whole) || filesize($whole) !== filesize($from)) {
        @unlink($whole);
        return false;
    }
    return $whole === $to || touch($whole, $time) && rename($whole, $to);
}
function pass(string $folder): void {
    global $lock, $tally, $torn;
    $known = names(BOOKS . "/files$folder");
    foreach (array_keys(names(BEFORE . $folder)) as $name) {
        $path = "$folder/$name";
        [$from, $to] = [BEFORE . $path, NOW . $path];
        clearstatcache();
        if (isset($known["$name~"]) || str_starts_with($path, '/.moved') || is_link($from)) {
            continue;
        }
        if (is_dir($from)) {
            pass($path);
            continue;
        }
        if ($lock->query("SELECT IS_USED_LOCK('wordpress-uploads') = CONNECTION_ID()")->fetch_row()[0] != 1) {
            throw new RuntimeException('the lock is lost');
        }
        // One that is there already is older only where files went the other way before.
        if ($from === $torn || !is_file($to) || filemtime($to) < filemtime($from)) {
            if (!copied($from, $to)) {
                say("$path cannot be copied");
                $tally['failed']++;
                continue;
            }
            if (++$tally['copied'] % 1000 === 0) {
                say("$tally[copied] files are copied so far");
            }
        }
        $mark = BOOKS . "/files$path~";
        is_dir(dirname($mark)) || mkdir(dirname($mark), 0755, true);
        touch($mark);
        clearstatcache();
        // Somebody deleted it meanwhile.
        file_exists($from) || @unlink($to);
    }
}

$copying = BOOKS . '/copying';
$torn = is_file($copying) ? file_get_contents($copying) : '';
$first = !is_file($passed);
do {
    $tally = ['copied' => 0, 'failed' => 0];
    pass('');
    @unlink($copying);
    $torn = '';
    $tally['copied'] && say("$tally[copied] files are copied");
} while ($tally['copied']);
if ($tally['failed']) {
    say("$tally[failed] files cannot be copied: the next pass tries again");
    exit(1);
}
touch($passed);
$first && say('nothing is left to copy');
if (!str_starts_with(BOOKS, NOW . '/') && !is_file(NOW . '/.moved')) {
    file_put_contents(NOW . '/.moved', gmdate('c'));
}
