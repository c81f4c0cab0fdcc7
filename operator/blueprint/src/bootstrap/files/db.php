<?php
// Reads go to a replica of the database until the request writes; then they stay where it wrote. Who has just sent
// something reads from the primary too, and with an object cache everybody does for a moment after any write: an old value
// would be kept there. A replica that lags, or is away, is left out.
class ReplicatedDatabase extends wpdb
{
    const MAY_LAG = 1;
    const AFTER_WRITE = 5;
    // A name that nginx and the CDN take for personal.
    const WROTE = 'comment_author_wrote';
    private $replica;
    private $marked = 0;

    public function query($query)
    {
        if (!$this->goes_to_replica((string) $query)) {
            return parent::query($query);
        }
        [$primary, $quiet] = [$this->dbh, $this->suppress_errors()];
        $this->dbh = $this->replica;
        $answer = parent::query($query);
        if ($answer === false || $this->dbh !== $this->replica) {
            $this->replica = false;
        }
        $this->dbh = $primary;
        $this->suppress_errors($quiet);
        return $answer === false ? parent::query($query) : $answer;
    }

    private function goes_to_replica($query)
    {
        if (!preg_match('/^[\s(]*(SELECT|SHOW|DESC|DESCRIBE|EXPLAIN)\b/i', $query)) {
            $this->replica = false;
            if (wp_using_ext_object_cache() && $this->marked < time()) {
                $this->marked = time();
                wp_cache_set('written', time(), 'database', 60);
            }
        }
        // Locks and what a connection remembers are the primary's.
        if ($this->replica === false || preg_match('/\b(FOR\s+UPDATE|FOR\s+SHARE|LOCK|\w+_LOCKS?|LAST_INSERT_ID|ROW_COUNT|INTO)\b|@/i', $query)) {
            return false;
        }
        return ($this->replica ??= $this->connects()) !== false;
    }

    private function connects()
    {
        $reads = in_array($_SERVER['REQUEST_METHOD'] ?? '', ['GET', 'HEAD'], true) && !isset($_COOKIE[self::WROTE]);
        if (PHP_SAPI === 'cli' || !$reads || wp_using_ext_object_cache() && time() - (int) wp_cache_get('written', 'database') <= self::AFTER_WRITE) {
            return false;
        }
        $replicas = json_decode(file_get_contents('/etc/wordpress/site.json'), true)['database']['replicas'];
        shuffle($replicas);
        foreach ($replicas as $replica) {
            // What was found of it is true for two seconds, for all on this instance.
            $file = '/var/lib/wordpress/replica-' . md5($replica['host']);
            [$when, $well] = explode(' ', (@file_get_contents($file) ?: '0 0'));
            $known = $when > time() - 2;
            if ($known && !$well) {
                continue;
            }
            $link = mysqli_init();
            $link->options(MYSQLI_OPT_CONNECT_TIMEOUT, 1);
            $well = @$link->real_connect($replica['host'], DB_USER, DB_PASSWORD, DB_NAME, $replica['port'], null, MYSQL_CLIENT_FLAGS);
            if (!$known) {
                $well = $well && (!$replica['lags'] || $this->follows($link));
                file_put_contents($file, time() . ' ' . (int) $well, LOCK_EX);
            }
            if ($well) {
                [$primary, $this->dbh] = [$this->dbh, $link];
                $this->set_charset($link);
                $this->set_sql_mode();
                $this->dbh = $primary;
                return $link;
            }
        }
        return false;
    }

    private function follows($link)
    {
        $status = @$link->query('SHOW REPLICA STATUS');
        $row = $status ? $status->fetch_assoc() : null;
        $behind = $row['Seconds_Behind_Source'] ?? $row['Seconds_Behind_Master'] ?? null;
        return $behind !== null && $behind <= self::MAY_LAG;
    }
}

if (PHP_SAPI !== 'cli' && !in_array($_SERVER['REQUEST_METHOD'] ?? '', ['GET', 'HEAD'], true)) {
    setcookie(ReplicatedDatabase::WROTE, '1', ['expires' => time() + 10, 'path' => '/', 'secure' => FORCE_SSL_ADMIN, 'httponly' => true, 'samesite' => 'Lax']);
}
$wpdb = new ReplicatedDatabase(DB_USER, DB_PASSWORD, DB_NAME, DB_HOST);
